"""`sessions/{id}`: what everybody in a session may read of it. Everything else of a session lies below it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from quizcore.documents.question import public_question, reveal_fields
from quizcore.documents.quiz import read_quiz
from quizcore.documents.stamps import Document
from quizcore.domain.commands import Facts
from quizcore.domain.fold import State
from quizcore.domain.pacing import Announced, Current, Window
from quizcore.domain.schedule import due_at
from quizcore.domain.session import Game, Options, Phase, Reveal, Scoring

SESSIONS = "sessions"


def session_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}"


def session_collections(session_id: str) -> list[str]:
    """Everything that lies below a session."""
    names = ("private", "players", "boards", "shards", "rolls", "journal", "nicknames", "requests")
    return [f"{SESSIONS}/{session_id}/{name}" for name in names]


def is_whole_session(session: Mapping[str, Any]) -> bool:
    """Whether a session's document was opened as one. Older releases could write a part of it anew after its deletion;
    what is left so is read as no session at all."""
    return session.keys() >= {"shards", "host_id", "expires_at"}


def session_facts(session: Mapping[str, Any]) -> Facts:
    """What a command is decided from."""
    return Facts(Phase(session["state"]), session["question_index"], session["question_count"], session["closes_at"])


def announced(session: Mapping[str, Any]) -> Announced:
    """The pacing as a session's document tells it, to take an answer by. In any state but `question` it has no window:
    the key may be shown."""
    if session["state"] != Phase.QUESTION:
        return Announced(None)
    options = session["options"]
    window = Window.between(
        session["opened_at"],
        session["closes_at"],
        session["question"]["time_limit_ms"],
        grace_ms=options["grace_ms"],
        reserve_ms=options.get("reserve_ms", 0),
    )
    return Announced(Current(session["question_index"], window))


def options_fields(options: Options) -> Document:
    return asdict(options) | {"scoring": options.scoring.value, "reveal": options.reveal.value}


def read_options(data: Mapping[str, Any]) -> Options:
    return Options(**{**data, "scoring": Scoring(data["scoring"]), "reveal": Reveal(data["reveal"])})


def read_game(session: Mapping[str, Any], session_quiz: Mapping[str, Any]) -> Game:
    return Game(read_quiz(session_quiz, session_quiz["questions"]), read_options(session["options"]))


def clock_fields(state: State) -> Document:
    """The part of a session document that moves while it runs."""
    return {
        **phase_fields(state),
        "player_count": len(state.standings),
        "final": state.pacing.final,
        "due_at": due_at(state.pacing, state.game, state.now),
    }


def phase_fields(state: State) -> Document:
    """What follows from the timeline alone, and so is the same in every shard."""
    index, window = state.pacing.current or (None, None)
    question = None if index is None else state.game.question(index)
    return {
        "state": state.pacing.phase(state.now).value,
        "question_index": index,
        "question": question and public_question(question),
        "opened_at": window and window.opened_at,
        "closes_at": window and window.closes_at,
        "reveal": reveal_fields(question) if question and index in state.shown else None,
        "locked": state.timeline.locked,
    }
