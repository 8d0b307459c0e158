"""The host opens each question for all players at the same time. The host's close or the question's time ends it."""

from collections.abc import Collection, Mapping
from functools import cached_property

from quizcore.domain.pacing.pacing import Current, Moments, Pacing, Window
from quizcore.domain.session import PUBLISH_BOUND_MS, Game, Phase, Timeline


class HostPaced:
    """All players have the same windows. They follow from the timeline at the construction."""

    def __init__(self, game: Game, timeline: Timeline) -> None:
        self._options = game.options
        self._finished = timeline.finished is not None
        self.windows: Mapping[int, Window] = {index: _window(index, game, timeline) for index in timeline.opened()}
        self._last = _last_moments(game, timeline)
        # Also of a question that was opened after the end: an earlier opening may become known.
        self._since = {index: mark.at + game.options.lead_ms for index, mark in timeline.openings.items()}
        current = timeline.current()
        self.current = None if current is None else Current(current, self.windows[current])
        self.final = timeline.settled_at is not None and timeline.settled_at >= self.becomes_final_at
        self._as_of = -1
        self._moments = Moments(self.windows, self._last, since=self._since)

    @cached_property
    def becomes_final_at(self) -> int:
        """By then the API has published each accepted answer, and the bus has delivered it, in order or within its
        bound."""
        ends = [window.reveals_at for window in self.windows.values()]
        return max(ends) + PUBLISH_BOUND_MS + self._options.delivery_ms if ends else 0

    def phase(self, now: int) -> Phase:
        if self._finished:
            return Phase.FINISHED
        if self.current is None:
            return Phase.LOBBY
        return Phase.QUESTION if self.current.window.hides_key(now) else Phase.CLOSED

    def window(self, player_id: str, question_index: int) -> Window | None:  # noqa: ARG002 (the same for everybody)
        return self.windows.get(question_index)

    def moments(self, player_id: str, now: int) -> Moments:  # noqa: ARG002 (the same for everybody)
        if now != self._as_of:
            self._as_of, self._moments = now, Moments(self.windows, self._last, self.shown(now), self._since)
        return self._moments

    def shown(self, now: int) -> frozenset[int]:
        # A final session is over, also for a process whose clock is behind.
        return frozenset(i for i, window in self.windows.items() if self.final or not window.hides_key(now))

    def next_reveal(self, now: int) -> int | None:
        if self.current is None or self.final or not self.current.window.hides_key(now):
            return None
        return self.current.window.reveals_at + 1

    def revealed_to(self, player_ids: Collection[str], since: int, now: int) -> Collection[str]:
        return player_ids if self.shown(since) != self.shown(now) else ()

    def agrees(self, other: Pacing) -> bool:
        return isinstance(other, HostPaced) and self.windows == other.windows


def _window(index: int, game: Game, timeline: Timeline) -> Window:
    """The window of a question that was opened before the end."""
    opening, limit_ms, options = timeline.openings[index], game.question(index).time_limit_ms, game.options
    opened_at = opening.at + options.lead_ms
    ends = [opened_at + limit_ms]
    ends += [mark.at for mark in timeline.closings.get(index, ()) if mark >= opening]
    ends += [timeline.openings[later].at for later in timeline.opened() if later > index]
    if timeline.finished is not None:
        ends.append(timeline.finished.at)
    return Window.between(opened_at, min(ends), limit_ms, grace_ms=options.grace_ms, reserve_ms=options.reserve_ms)


def _last_moments(game: Game, timeline: Timeline) -> dict[int, int]:
    """The end of the session or the opening of a later question, whichever was first, and the grace."""
    found: dict[int, int] = {}
    soonest = None if timeline.finished is None else timeline.finished.at
    for index in reversed(range(game.question_count)):
        if soonest is not None:
            found[index] = soonest + game.options.grace_ms
        opening = timeline.openings.get(index)
        if opening is not None:
            soonest = opening.at if soonest is None else min(soonest, opening.at)
    return found
