"""What shard 0 does for its whole session, besides counting: it tells the other shards what the host does, drives
the clock, and sees to enough shards.
"""

import asyncio
from collections.abc import Sequence

from quizcore.domain.fold import State
from quizcore.ledger import spent_on
from quizcore.messages import Control, Message, copies
from quizcore.ports import Publisher
from workers.clockwork import Clockwork
from workers.resharder import Resharder


class FirstShard:
    def __init__(self, clockwork: Clockwork, resharder: Resharder, publisher: Publisher) -> None:
        self._clockwork = clockwork
        self._resharder = resharder
        self._publisher = publisher

    def wakes_at(self, state: State, shards: int) -> list[int | None]:
        """When there may be something to do (ms since the epoch)."""
        return [
            self._clockwork.wakes_at(state.timeline, state.game, state.now),
            self._resharder.wakes_at(state, shards),
        ]

    async def act(self, state: State, shards: int) -> bool:
        """Do what is due. True when the state must be loaded anew: the documents may tell something else."""
        return await self._clockwork.act(state.timeline, state.game) or await self._resharder.act(state, shards)

    async def pass_on(self, messages: Sequence[Message], shards: int) -> None:
        """Send control events on to the other shards. Raises BusUnavailable; nothing may be acknowledged then, so it is
        done again."""
        controls = (message for message in messages if isinstance(message, Control))
        onward = [copy for control in controls for copy in copies(control, shards)]
        if onward:
            with spent_on("clock"):
                await asyncio.to_thread(self._publisher.publish, onward)
