"""Owns the deliveries that a worker has received, and ends them. The only caller of ack and nack."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from quizcore.messages import Message
from quizcore.ports import BusUnavailable, Delivery, EventSource, Publisher
from quizcore.telemetry import Telemetry

DELIVERIES_KEPT = 8  # of one message; the leases of older ones have run out


@dataclass(frozen=True, slots=True)
class Item:
    """A message with all its deliveries that may still be acknowledged."""

    deliveries: tuple[Delivery, ...]
    message: Message


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The deliveries of one commit of a shard, or of one merge of a group. The receiver owns them: the receiver
    acknowledges, nacks or hands them on, and the sender does not.

    `part` is the shard or the group that was written, and `due_at` when its clock is due (ms since the epoch), if
    nothing else was written. `groups` are the groups whose merges must show them, one after the other, before the
    public board does.
    """

    part: int
    due_at: int | None
    deliveries: Sequence[Delivery]
    groups: tuple[int, ...] = ()

    @property
    def next_group(self) -> int | None:
        """None: the public board is next."""
        return self.groups[0] if self.groups else None


TakeOver = Callable[[HandedOver], Awaitable[None]]


def deliveries_of(items: Iterable[Item]) -> list[Delivery]:
    return [delivery for item in items for delivery in item.deliveries]


def without_repeats(items: Iterable[Item]) -> list[Item]:
    """Each message once, at its first position. While the store is unavailable, the bus redelivers all unacknowledged
    messages."""
    by_message: dict[Message, tuple[Delivery, ...]] = {}
    for item in items:
        by_message[item.message] = (by_message.get(item.message, ()) + item.deliveries)[-DELIVERIES_KEPT:]
    return [Item(deliveries, message) for message, deliveries in by_message.items()]


class Deliveries:
    """The three ends of a delivery: acknowledged, nacked, or sent to the dead-letter topic."""

    def __init__(self, source: EventSource, publisher: Publisher, telemetry: Telemetry) -> None:
        self._source = source
        self._publisher = publisher
        self._telemetry = telemetry

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Call only when documents contain the messages."""
        if deliveries:
            await self._source.ack(deliveries)
            self._telemetry.add("messages_acknowledged", len(deliveries))

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        """Nack the deliveries: the bus redelivers them, to any worker."""
        if deliveries:
            await self._source.nack(deliveries)

    async def dead_letter(self, deliveries: Sequence[Delivery], reason: str) -> int:
        """Send the bodies to the dead-letter topic, then acknowledge them; nack those whose publish fails. Returns the
        number of published bodies."""
        taken = 0
        for delivery in deliveries:
            try:
                await asyncio.to_thread(self._publisher.dead_letter, delivery.body, reason)
            except BusUnavailable:
                await self._source.nack([delivery])
            else:
                await self._source.ack([delivery])
                self._telemetry.add("messages_poisoned")
                taken += 1
        return taken
