"""The duties of shard 0 for its whole session: it forwards the host's commands to the other shards, drives the clock,
and adds shards when the session outgrows them.
"""

from collections.abc import Sequence

from workers.coordinator.duty import Duty, Outcome, Turn


class Coordinator:
    """The duties in `before_ack` run, in order, before the messages of a flush are acknowledged; when a duty fails, the
    messages are not acknowledged. The duties in `after` run after the acknowledgement."""

    def __init__(self, before_ack: Sequence[Duty], after: Sequence[Duty]) -> None:
        self._before_ack = before_ack
        self._after = after
        self._stale = False

    def wakes_at(self, turn: Turn) -> list[int | None]:
        """The time of the next possible action (ms since the epoch)."""
        return [duty.wakes_at(turn) for duty in (*self._before_ack, *self._after)]

    async def prepare(self, turn: Turn) -> None:
        """Do everything that must precede the acknowledgement. Raises BusUnavailable."""
        self._stale = Outcome.RELOAD in [await duty.act(turn) for duty in self._before_ack]

    async def act(self, turn: Turn) -> Outcome:
        """Do all due actions, until a duty needs the state to be loaded again."""
        if self._stale:
            return Outcome.RELOAD
        for duty in self._after:
            if await duty.act(turn) is Outcome.RELOAD:
                return Outcome.RELOAD
        return Outcome.DONE
