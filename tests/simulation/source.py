"""A process's connection to the bus: its stream, and its publisher."""

import asyncio
from collections.abc import Callable, Sequence

from quizcore.adapters.leased import LEASE_MOST_S
from quizcore.messages import Message
from quizcore.ports import BusUnavailable, Delivery
from tests.simulation.bus import LEASE_S, SimulatedBus
from tests.simulation.loop import Process
from tests.simulation.network import BOUND_S, Network

LEASE_CHECK_S = 4.0


class RemoteSource:
    """Keeps its leases while its process runs, as the product's sources do. `acknowledged` hears of every message that
    the worker says it is done with."""

    full_pull = 20

    def __init__(
        self, bus: SimulatedBus, process: Process, network: Network, acknowledged: Callable[[Sequence[Delivery]], None]
    ) -> None:
        self._bus = bus
        self._process = process
        self._network = network
        self._acknowledged = acknowledged
        self._batches: asyncio.Queue[list[Delivery]] = asyncio.Queue()
        self._held: dict[str, float] = {}  # since when (s)
        self._keeping: asyncio.Task[None] | None = None
        self._heard_at = 0.0

    @property
    def name(self) -> str:
        return self._process.name

    async def start(self) -> None:
        self._bus.attach(self)
        self._keeping = asyncio.create_task(self._keep_leases())

    def deliver(self, batch: list[Delivery]) -> None:
        """Called by the bus; a process that is gone hears nothing, and its messages' leases run out."""
        loop = self._network.loop
        self._heard_at = max(
            self._heard_at, loop.time() + self._network.rng.expovariate(200)
        )  # a stream keeps its order
        loop.call_at(self._heard_at, self._hear, batch, context=self._process.context)
        if self._network.faults.strikes("stream_dropped"):
            self._bus.detach(self)
            loop.call_later(1.0, self._bus.attach, self, context=self._process.context)

    async def receive(self) -> Sequence[Delivery]:
        return await self._batches.get()

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        self._acknowledged(deliveries)
        self._drop(deliveries)
        if not self._network.faults.strikes("ack_lost"):
            await self._network.call(self._process, lambda: self._bus.settle(deliveries, acked=True))

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        self._drop(deliveries)
        await self._network.call(self._process, lambda: self._bus.settle(deliveries, acked=False))

    async def close(self) -> None:
        self._batches.put_nowait([])

    def silent_s(self) -> float:
        return 0.0

    async def stop(self, within_s: float) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        self._bus.detach(self)

    def _hear(self, batch: list[Delivery]) -> None:
        self._held |= {delivery.ack_id: self._network.loop.time() for delivery in batch}
        self._batches.put_nowait(batch)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_CHECK_S)
            oldest = self._network.loop.time() - LEASE_MOST_S
            self._held = {ack_id: since for ack_id, since in self._held.items() if since > oldest}
            self._bus.extend(list(self._held))

    def _drop(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._held.pop(delivery.ack_id, None)


class RemotePublisher:
    """Takes at most `PUBLISH_BOUND_MS`, as the product's publisher does; what is late may still be taken."""

    def __init__(self, bus: SimulatedBus, process: Process, network: Network) -> None:
        self._bus = bus
        self._process = process
        self._network = network

    def publish(self, messages: Sequence[Message]) -> None:
        self._network.loop.wait_in_thread(self.sent(messages))

    def sent(self, messages: Sequence[Message]) -> "asyncio.Future[None]":
        done = self._network.call(self._process, lambda: self._take(list(messages)))

        def give_up() -> None:
            if not done.done():
                done.set_exception(BusUnavailable("no answer in time"))

        self._network.loop.call_later(BOUND_S, give_up, context=self._process.context)
        return done

    def dead_letter(self, body: bytes, reason: str) -> None:
        self._network.call_in_thread(self._process, lambda: self._bus.dead_letters.append((body, reason)))

    def _take(self, messages: list[Message]) -> None:
        faults = self._network.faults
        if faults.strikes("publish_refused"):
            raise BusUnavailable("refused")
        if faults.strikes("publish_in_part"):
            for message in messages[: self._network.rng.randrange(len(messages))]:
                self._bus.take(message)
            raise BusUnavailable("broken off")
        for _ in range(2 if faults.strikes("publish_twice") else 1):
            for message in messages:
                self._bus.take(message)
        if faults.strikes("publish_reply_lost"):
            raise BusUnavailable("taken, but nobody heard")


assert LEASE_CHECK_S < LEASE_S
