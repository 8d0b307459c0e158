"""Forwards the host's commands to the other shards."""

import asyncio

from quizcore.ledger import spent_on
from quizcore.messages import Control, copies
from quizcore.ports import Publisher
from workers.coordinator.duty import Outcome, Turn


class FanOut:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def wakes_at(self, turn: Turn) -> int | None:  # noqa: ARG002 (time alone sends nothing on)
        return None

    async def act(self, turn: Turn) -> Outcome:
        """Forward control events to the other shards. Raises BusUnavailable; then nothing may be acknowledged, so that
        the events are redelivered and forwarded again."""
        controls = (message for message in turn.messages if isinstance(message, Control))
        onward = [copy for control in controls for copy in copies(control, turn.shards)]
        if onward:
            with spent_on("clock"):
                await asyncio.to_thread(self._publisher.publish, onward)
        return Outcome.DONE
