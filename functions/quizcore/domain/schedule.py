"""What a session's clock must do next, decided from its timeline alone."""

from dataclasses import dataclass
from enum import StrEnum

from quizcore.domain.commands import following
from quizcore.domain.session import Game, Phase, Timeline


class Action(StrEnum):
    REVEAL = "reveal"
    OPEN_NEXT = "open_next"
    FINISH = "finish"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Due:
    """At `at` (ms since the epoch) do `action`; `question_index` is meant for `open_next`."""

    at: int
    action: Action
    question_index: int | None = None


def due_at(timeline: Timeline, game: Game, now: int) -> int | None:
    """When `next_due` is due."""
    due = next_due(timeline, game, now)
    return None if due is None else due.at


def reveal_due_at(timeline: Timeline, game: Game, now: int) -> int | None:
    """When time alone changes what is counted. The other actions are events, and one shard of a session sends them."""
    due = next_due(timeline, game, now)
    return due.at if due is not None and due.action is Action.REVEAL else None


def next_due(timeline: Timeline, game: Game, now: int) -> Due | None:  # noqa: PLR0911
    """The next thing to do without the host, or None when only an event can move the session."""
    phase = timeline.phase(game, now)
    current = timeline.current()
    window = None if current is None else timeline.window(current, game)
    if phase is Phase.FINISHED:
        if timeline.final(game):
            return None
        if window is not None and now <= window.reveals_at:
            return Due(window.reveals_at + 1, Action.REVEAL)
        return Due(timeline.settles_at(game), Action.SETTLE)
    if window is None or current is None:
        return None
    if phase is Phase.QUESTION:
        return Due(window.reveals_at + 1, Action.REVEAL)
    if not game.options.auto_advance:
        return None
    at = window.reveals_at + game.options.review_ms
    if following(current) < game.question_count:
        return Due(at, Action.OPEN_NEXT, following(current))
    return Due(at, Action.FINISH)
