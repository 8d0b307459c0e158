"""A topic and its subscription in memory."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from quizcore.messages import Message, attributes, encode
from quizcore.ports import (
    BusUnavailable,
    Delivery,
    SourceEnded,
)


@dataclass(slots=True)
class MemoryBus:
    """A topic and its subscription. With `up = False` publishing fails, as in an outage."""

    up: bool = True
    waiting: deque[tuple[bytes, dict[str, str]]] = field(default_factory=deque)
    published: list[Message] = field(default_factory=list)
    dead_letters: list[tuple[bytes, str]] = field(default_factory=list)

    def publish(self, messages: Sequence[Message]) -> None:
        if not self.up:
            raise BusUnavailable("the in-memory bus is down")
        for message in messages:
            self.published.append(message)
            self.put(encode(message), attributes(message))

    def put(self, body: bytes, attrs: Mapping[str, str] | None = None) -> None:
        """Publish any bytes, like a foreign program."""
        self.waiting.append((body, dict(attrs or {})))

    def dead_letter(self, body: bytes, reason: str) -> None:
        self.dead_letters.append((body, reason))


class MemorySource:
    """Delivers the messages of a MemoryBus; on `stop` unacknowledged messages go back to the bus."""

    full_pull = 1_000

    def __init__(self, bus: MemoryBus, poll_s: float = 0.005) -> None:
        self._bus = bus
        self._poll_s = poll_s
        self._out: dict[str, Delivery] = {}
        self._ids = count(1)
        self._closed = False
        self.failure: str | None = None

    async def start(self) -> None: ...

    async def receive(self) -> Sequence[Delivery]:
        while not self._bus.waiting:
            if self.failure is not None:
                raise SourceEnded(self.failure)
            if self._closed:
                return []
            await asyncio.sleep(self._poll_s)
        return [] if self._closed else self._take(self.full_pull)

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._out.pop(delivery.ack_id, None)

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if self._out.pop(delivery.ack_id, None) is not None:
                self._bus.put(delivery.body, delivery.attributes)

    async def close(self) -> None:
        self._closed = True

    async def stop(self, within_s: float) -> None:  # noqa: ARG002 (it takes no time)
        await self.nack(list(self._out.values()))

    def silent_s(self) -> float:
        return 0.0

    def _take(self, most: int) -> list[Delivery]:
        taken: list[Delivery] = []
        while self._bus.waiting and len(taken) < most:
            body, attrs = self._bus.waiting.popleft()
            delivery = Delivery(body, str(next(self._ids)), attrs)
            self._out[delivery.ack_id] = delivery
            taken.append(delivery)
        return taken
