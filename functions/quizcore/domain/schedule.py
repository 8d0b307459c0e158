"""The next action of a session's clock, decided from its pacing alone."""

from dataclasses import dataclass
from enum import StrEnum

from quizcore.domain.commands import following
from quizcore.domain.pacing import Pacing
from quizcore.domain.session import Game, Phase


class Action(StrEnum):
    REVEAL = "reveal"
    OPEN_NEXT = "open_next"
    FINISH = "finish"
    MAKE_FINAL = "make final"


@dataclass(frozen=True, slots=True)
class Due:
    """At `at` (ms since the epoch) do `action`; `question_index` belongs to `open_next`."""

    at: int
    action: Action
    question_index: int | None = None


def due_at(pacing: Pacing, game: Game, now: int) -> int | None:
    """When `next_due` is due."""
    due = next_due(pacing, game, now)
    return None if due is None else due.at


def next_due(pacing: Pacing, game: Game, now: int) -> Due | None:
    """The next action without the host, or None when only an event can change the session."""
    reveal_at = pacing.next_reveal(now)
    if reveal_at is not None:
        return Due(reveal_at, Action.REVEAL)
    if pacing.phase(now) is Phase.FINISHED:
        return None if pacing.final else Due(pacing.becomes_final_at, Action.MAKE_FINAL)
    current = pacing.current
    if current is None or not game.options.auto_advance:
        return None
    at = current.window.reveals_at + game.options.review_ms
    if following(current.question_index) < game.question_count:
        return Due(at, Action.OPEN_NEXT, following(current.question_index))
    return Due(at, Action.FINISH)
