"""A session's rules, and its timeline: the control events of the host and the clock. `pacing` decides the consequences
for answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from quizcore.domain.events import (
    Answer,
    Mark,
    PlayersExpected,
    QuestionClosed,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
    TimelineEvent,
)
from quizcore.domain.kinds import as_set
from quizcore.domain.quiz import Question, Quiz

# The API gives up a publish after this time, so an accepted answer is on the bus by then.
PUBLISH_BOUND_MS = 5_000


class Scoring(StrEnum):
    CLASSIC = "classic"
    FLAT = "flat"
    NONE = "none"


class Reveal(StrEnum):
    """When a player learns whether an answer was right."""

    ON_CLOSE = "on_close"
    ON_ANSWER = "on_answer"


class Phase(StrEnum):
    LOBBY = "lobby"
    QUESTION = "question"
    CLOSED = "closed"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Options:
    """How one session is played. Times in milliseconds.

    `reserve_ms` is the time from the last moment for answers to the reveal: an API instance's clock may be this much
    behind the store's. `delivery_ms` is the longest delivery time of a message when the bus does not keep the order of
    a key; 0 when the bus does.
    """

    scoring: Scoring = Scoring.CLASSIC
    reveal: Reveal = Reveal.ON_CLOSE
    streak_bonus: bool = False
    partial: bool = False
    one_typo: bool = True
    auto_advance: bool = False
    auto_close: bool = True  # when all players whom a question waits for have answered (turnout.py)
    late_join: bool = True
    approval: bool = False  # only players whom the host has admitted are shown and may answer
    board_hidden: bool = False
    lead_ms: int = 3_000
    grace_ms: int = 500
    review_ms: int = 5_000
    reserve_ms: int = 0
    delivery_ms: int = 0


@dataclass(frozen=True, slots=True)
class Game:
    """The constant part of a session: the quiz as it was at the start, and the options."""

    quiz: Quiz
    options: Options

    @property
    def question_count(self) -> int:
        return len(self.quiz.questions)

    def question(self, index: int) -> Question:
        return self.quiz.questions[index]

    def canonical(self, index: int, answer: Answer) -> Answer:
        """The common form of all answers to a question that mean the same, by its kind. Answers to a question that is
        not in the quiz are refused as sets of choices."""
        if index >= self.question_count:
            return as_set(answer)
        return self.question(index).kind.rules.canonical(answer)


@dataclass(slots=True)
class Timeline:
    """The session's control events, kept so that any order of arrival gives the same windows.

    The earliest opening of a question counts. All closings are kept, because an opening that arrives late can make an
    earlier one count. `settled_at` is the latest time of a `session_finished` of the host or the worker: by then the
    bus had delivered all earlier messages. Of all locks and unlocks the latest counts.
    """

    openings: dict[int, Mark] = field(default_factory=dict)
    closings: dict[int, frozenset[Mark]] = field(default_factory=dict)
    finished: Mark | None = None
    settled_at: int | None = None
    locking: SessionLocked | None = None
    expected_players: int = 0

    @property
    def locked(self) -> bool:
        return self.locking is not None and self.locking.locked

    def apply(self, event: TimelineEvent, question_count: int) -> bool:
        """Take one control event in; true when the timeline changed."""
        if isinstance(event, SessionLocked):
            return self._lock(event)
        if isinstance(event, SessionFinished):
            return self._finish(event.mark)
        if isinstance(event, PlayersExpected):
            return self._expect(event.players)
        if not 0 <= event.question_index < question_count:
            return False
        if isinstance(event, QuestionOpened):
            return self._open(event.question_index, event.mark)
        return self._close(event.question_index, event.mark)

    def _lock(self, event: SessionLocked) -> bool:
        known = self.locking
        if known is not None and (known.mark, known.locked) >= (event.mark, event.locked):
            return False
        self.locking = event
        return True

    def _finish(self, mark: Mark) -> bool:
        before = (self.finished, self.settled_at)
        self.finished = min(self.finished or mark, mark)
        self.settled_at = max(self.settled_at or mark.at, mark.at)
        return (self.finished, self.settled_at) != before

    def _expect(self, players: int) -> bool:
        known, self.expected_players = self.expected_players, max(self.expected_players, players)
        return self.expected_players != known

    def _open(self, index: int, mark: Mark) -> bool:
        known = self.openings.get(index)
        if known is not None and known <= mark:
            return False
        self.openings[index] = mark
        return True

    def _close(self, index: int, mark: Mark) -> bool:
        known = self.closings.get(index, frozenset())
        self.closings[index] = known | {mark}
        return mark not in known

    def events(self) -> Iterable[TimelineEvent]:
        """Events that rebuild this timeline; the events of several timelines together rebuild their union."""
        yield from (QuestionOpened(mark, i) for i, mark in self.openings.items())
        yield from (QuestionClosed(mark, i) for i, marks in self.closings.items() for mark in marks)
        if self.finished is not None and self.settled_at is not None:
            yield SessionFinished(self.finished)
            yield SessionFinished(Mark(self.settled_at, self.finished.event_id))
        if self.locking is not None:
            yield self.locking
        if self.expected_players:
            yield PlayersExpected(Mark(0, ""), self.expected_players)

    def opened(self) -> list[int]:
        """The questions opened before the end, in quiz order."""
        return sorted(i for i, mark in self.openings.items() if self.finished is None or mark <= self.finished)

    def current(self) -> int | None:
        opened = self.opened()
        return opened[-1] if opened else None


def timeline_of_all(timelines: Iterable[Timeline], game: Game) -> Timeline:
    """The timeline of all events of these timelines."""
    known = Timeline()
    for timeline in timelines:
        for event in timeline.events():
            known.apply(event, game.question_count)
    return known
