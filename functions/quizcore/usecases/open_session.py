"""The documents of a new session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quizcore import documents
from quizcore.boards import board_fields
from quizcore.domain.fold import State
from quizcore.domain.session import Game
from quizcore.layout import Layout
from quizcore.ports import Create, Replace, Write


@dataclass(frozen=True, slots=True)
class Pin:
    """`replaces` is the version of the document that gave these digits to a session that is over."""

    digits: str
    replaces: Any = None

    def given_to(self, session_id: str, expires_at: datetime) -> Write:
        path, fields = documents.pin_path(self.digits), {"session_id": session_id, "expires_at": expires_at}
        return Create(path, fields) if self.replaces is None else Replace(path, fields, self.replaces)


def opening_writes(  # noqa: PLR0913 (what a session is made of)
    session_id: str,
    pin: Pin,
    game: Game,
    told: Mapping[str, Any],
    *,
    now: int,
    commit_id: str,
    expires_at: datetime,
) -> list[Write]:
    """One commit; it conflicts when the PIN is in use. `told` are `quiz_id`, `host_id` and `shards`."""
    state, kept = State(game, now=now), {"expires_at": expires_at}
    session = {
        **told,
        "title": game.quiz.title,
        "language": game.quiz.language,
        "pin": pin.digits,
        "question_count": game.question_count,
        "options": documents.options_fields(game.options),
        "created_at": now,
        **documents.clock_fields(state),
    }
    stamps: dict[str, Any] = {"seq": 0, "commit_id": commit_id, "top_k": 1}
    layout = Layout(session_id, told["shards"])
    boards = {documents.board_path(session_id): board_fields(state, **stamps)}
    boards |= {path: layout.board(state, **stamps) for path in layout.fences}
    return [
        pin.given_to(session_id, expires_at),
        Create(documents.session_path(session_id), session | kept),
        Create(documents.session_quiz_path(session_id), documents.session_quiz_fields(game.quiz, expires_at)),
        *(Create(path, board | kept) for path, board in boards.items()),
    ]
