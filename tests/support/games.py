"""Small quizzes and the events of their sessions, for tests."""

from quizcore.domain.events import (
    Answer,
    AnswerSubmitted,
    Mark,
    PlayerAdmitted,
    PlayerJoined,
    PlayerRemoved,
    PlayerRenamed,
    QuestionClosed,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
)
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.domain.session import Game, Options

START = 1_700_000_000_000
LIMIT_MS = 20_000
LEAD_MS = 3_000
GRACE_MS = 500

SINGLE = Question("the opposite of `scarce`", Kind.SINGLE, (1,), ("rare", "plentiful", "tiny", "late"))
MULTIPLE = Question("words for `happy`", Kind.MULTIPLE, (0, 2), ("glad", "grim", "cheerful", "stern"))
TEXT = Question("a synonym of `begin` in five letters", Kind.TEXT, ("start",))


def quiz(*questions: Question) -> Quiz:
    return Quiz("Words", "en", questions or (SINGLE, MULTIPLE, TEXT))


def game(*questions: Question, **options: object) -> Game:
    return Game(quiz(*questions), Options(**options))  # type: ignore[arg-type]


def joined(player_id: str, at: int = START, nickname: str | None = None, event_id: str | None = None) -> PlayerJoined:
    return PlayerJoined(Mark(at, event_id or f"join-{player_id}"), player_id, nickname or player_id, "fox")


def opened(index: int, at: int, event_id: str | None = None) -> QuestionOpened:
    return QuestionOpened(Mark(at, event_id or f"open-{index}"), index)


def closed(index: int, at: int, event_id: str | None = None) -> QuestionClosed:
    return QuestionClosed(Mark(at, event_id or f"close-{index}"), index)


def finished(at: int, event_id: str = "finish") -> SessionFinished:
    return SessionFinished(Mark(at, event_id))


def locked(at: int, locked: bool = True, event_id: str | None = None) -> SessionLocked:
    return SessionLocked(Mark(at, event_id or f"lock-{at}"), locked)


def removed(player_id: str, at: int) -> PlayerRemoved:
    return PlayerRemoved(Mark(at, f"remove-{player_id}"), player_id)


def admitted(player_id: str, at: int) -> PlayerAdmitted:
    return PlayerAdmitted(Mark(at, f"admit-{player_id}"), player_id)


def renamed(player_id: str, at: int, nickname: str, event_id: str | None = None) -> PlayerRenamed:
    return PlayerRenamed(Mark(at, event_id or f"rename-{player_id}-{at}"), player_id, nickname)


def answered(
    player_id: str, index: int, at: int, *choices: int, text: str | None = None, event_id: str | None = None
) -> AnswerSubmitted:
    mark = Mark(at, event_id or f"answer-{player_id}-{index}-{at}")
    return AnswerSubmitted(mark, player_id, index, Answer(choices, text))
