"""The message bus: the publisher, and the source of the worker's messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quizcore.messages import Message


class BusUnavailable(Exception):
    """The bus did not accept the messages in time. A retry with the same event ids is safe."""


class Publisher(Protocol):
    def publish(self, messages: Sequence[Message]) -> None:
        """Return only after the bus has accepted every message. Raises BusUnavailable."""

    def dead_letter(self, body: bytes, reason: str) -> None:
        """Send the body of a message that cannot be counted to the dead-letter topic, with the reason. Raises
        BusUnavailable."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the bus delivered it. Only the source reads `ack_id`."""

    body: bytes
    ack_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class SourceEnded(Exception):
    """The source delivers no more and cannot recover; the process should end."""


class EventSource(Protocol):
    """The source of the worker's messages. The bus delivers each message at least once, in any order.

    A message without an `ack` is redelivered, to any subscriber, when this process stops extending its deadline.
    """

    async def start(self) -> None: ...

    async def receive(self) -> Sequence[Delivery]:
        """Wait for the next messages, at least one; an empty batch means closed. Raises SourceEnded."""

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge messages: the bus forgets them. After a lost acknowledgement the bus redelivers them."""

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        """Nack messages: the bus redelivers them, at once or after their deadline."""

    async def close(self) -> None:
        """Request no more messages, and return when none will arrive. Messages in flight are still received, and can be
        acknowledged until `stop`."""

    async def stop(self, within_s: float) -> None:
        """End permanently, within `within_s` seconds. The bus redelivers unacknowledged messages."""

    def silent_s(self) -> float:
        """Seconds since the last response of the bus (an empty response counts); infinite when a reader has ended. Safe
        from any thread."""

    @property
    def full_pull(self) -> int:
        """A batch of this many messages means a backlog."""
