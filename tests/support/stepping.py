"""The product's worker, one step at a time: the test decides which process receives which messages, and when."""

from collections.abc import Sequence
from typing import Any

from quizcore.adapters.memory import MemorySource
from quizcore.ports import Delivery, DocumentStore, FinalReceiver
from quizcore.telemetry import Telemetry
from tests.support.world import World, worker_settings
from workers.wiring import Outside, build_stepwise

Body = tuple[bytes, dict[str, str]]  # as it lies on the bus


class _Acks(MemorySource):
    """Remembers the acknowledged messages; nacked messages stay with the test."""

    def __init__(self, world: World) -> None:
        super().__init__(world.bus)
        self.acknowledged: set[str] = set()

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        self.acknowledged |= {delivery.ack_id for delivery in deliveries}


class Process:
    """One process's memory of a session; it may be old."""

    def __init__(
        self,
        world: World,
        session_id: str,
        receivers: Sequence[FinalReceiver] = (),
        store: DocumentStore | None = None,
        **settings: Any,
    ) -> None:
        self._source = _Acks(world)
        self._session_id = session_id
        self._taken = 0
        self.telemetry = Telemetry()
        outside = Outside(self._source, store or world.store, world.bus, world.clock, world.ids, receivers)
        self._worker = build_stepwise(outside, worker_settings(give_up_pause_s=0, **settings), self.telemetry)

    async def take(self, bodies: Sequence[Body]) -> list[Body]:
        """Gives those that were acknowledged; the others lie on the bus still, and the process holds them too."""
        batch = [Delivery(body, str(self._taken + n), attributes) for n, (body, attributes) in enumerate(bodies)]
        self._taken += len(batch)
        await self._worker.step(batch)
        acknowledged = self._source.acknowledged
        return [one for one, delivery in zip(bodies, batch, strict=True) if delivery.ack_id in acknowledged]

    async def look(self, shard: int) -> None:
        await self._worker.look(self._session_id, shard)

    def look_again(self, shard: int) -> None:
        """Adopt an overdue session: load the documents again, because they may have changed."""
        self._worker.look_again(self._session_id, shard)
