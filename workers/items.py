"""What a shard's runner holds: messages, and how they came."""

from collections.abc import Iterable
from dataclasses import dataclass

from quizcore.messages import Message
from quizcore.ports import Delivery

DELIVERIES_KEPT = 8  # of one message; the leases of older ones have run out


@dataclass(frozen=True, slots=True)
class Item:
    """A message with all its deliveries that may still be acknowledged."""

    deliveries: tuple[Delivery, ...]
    message: Message


def deliveries_of(items: Iterable[Item]) -> list[Delivery]:
    return [delivery for item in items for delivery in item.deliveries]


def without_repeats(items: Iterable[Item]) -> list[Item]:
    """Each message once, at its first place. While the store is away, what is held comes again and again."""
    held: dict[Message, tuple[Delivery, ...]] = {}
    for item in items:
        held[item.message] = (held.get(item.message, ()) + item.deliveries)[-DELIVERIES_KEPT:]
    return [Item(deliveries, message) for message, deliveries in held.items()]
