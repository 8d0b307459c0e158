"""Receive → decode → route: unreadable messages go to the dead-letter topic, the others to their shards."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from quizcore.ledger import spent_on
from quizcore.messages import MessageUnreadable, decode
from quizcore.ports import Delivery, EventSource
from quizcore.telemetry import Telemetry
from workers.deliveries import Deliveries, Item

ShardKey = tuple[str, int]  # a session's id and a shard's number
Route = Callable[[ShardKey, Sequence[Item], bool], None]


class PoisonLimitReached(Exception):
    """Too many unreadable messages: a bad deploy must not drain the topic."""


class Intake:
    """`route` gets the messages of one shard, and whether there is a backlog."""

    def __init__(
        self, source: EventSource, deliveries: Deliveries, poison_limit: int, telemetry: Telemetry, route: Route
    ) -> None:
        self._source = source
        self._deliveries = deliveries
        self._poison_limit = poison_limit
        self._telemetry = telemetry
        self._route = route
        self._poisoned = 0
        self._log = structlog.get_logger("engine")

    async def run(self) -> None:
        """Receive until the source is closed. Raises SourceEnded, PoisonLimitReached."""
        while batch := await self._source.receive():
            self._telemetry.add("messages_received", len(batch))
            with spent_on("deliver"):
                self._telemetry.spend("messages", len(batch))
                self._telemetry.spend("message_bytes", sum(len(delivery.body) for delivery in batch))
            await self.hand_out(batch)

    async def hand_out(self, batch: Sequence[Delivery]) -> None:
        """Raises PoisonLimitReached."""
        by_shard: defaultdict[ShardKey, list[Item]] = defaultdict(list)
        for delivery in batch:
            try:
                message = decode(delivery.body)
            except MessageUnreadable as error:
                await self._dead_letter(delivery, str(error))
            else:
                by_shard[message.session_id, message.shard].append(Item((delivery,), message))
        for key, items in by_shard.items():
            self._route(key, items, len(batch) >= self._source.full_pull)

    async def _dead_letter(self, delivery: Delivery, reason: str) -> None:
        self._log.error("a message cannot be read and goes to the dead-letter topic", reason=reason)
        self._poisoned += await self._deliveries.dead_letter([delivery], reason)
        if self._poisoned > self._poison_limit:
            raise PoisonLimitReached(f"{self._poisoned} unreadable messages; the limit is {self._poison_limit}")
