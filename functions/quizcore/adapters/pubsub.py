"""The topic, and the two ways to read its subscription.

Both sources use the generated async client: the high-level subscriber hands out one message per
ordering key until it is acknowledged, which rules out batches.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from itertools import groupby
from typing import Any

import structlog
from google.api_core import exceptions, retry
from google.pubsub_v1 import PublisherClient, SubscriberAsyncClient
from google.pubsub_v1.types import PublishRequest, PubsubMessage, ReceivedMessage, StreamingPullRequest

from quizcore.adapters.group_commit import GroupCommit, TimeIsUp
from quizcore.messages import Message, attributes, encode
from quizcore.ports import BusUnavailable, Delivery, SourceEnded
from quizcore.telemetry import Telemetry

ACK_DEADLINE_S = 10
LEASE_CHECK_S = 3.0
LEASE_MOST_S = 60.0  # after this a stuck batch is left to come again
# The emulator hands a batch to the pull of a dead worker for as long as that pull has time left, and the batch is then
# away for a whole deadline.
PULL_TIMEOUT_S = 1.5
PULLS = 2
STREAMS = 2
FULL_PULL = 100  # what the emulator gives at most; Google gives more
OUTSTANDING_MOST = 10_000
HEARTBEAT_S = 20.0
HAND_OVER_S = 2.0
BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 5.0

_FOR_GOOD = (
    exceptions.NotFound,
    exceptions.PermissionDenied,
    exceptions.InvalidArgument,
    exceptions.Unauthenticated,
    exceptions.FailedPrecondition,
)
# The wire messages themselves: the wrappers around them cost as much as the rest of a publish.
_Message = PubsubMessage.pb()
_Request = PublishRequest.pb()
_log = structlog.get_logger("pubsub")


class PubSubPublisher:
    """Requests are answered before `publish` returns: no thread and no paused key can hold an accepted
    answer back. A request holds one ordering key; callers that come while one is under way share the next."""

    def __init__(
        self, client: PublisherClient, topic: str, dead_topic: str, timeout_s: float, telemetry: Telemetry
    ) -> None:
        self._client = client
        self._topic = topic
        self._dead_topic = dead_topic
        self._telemetry = telemetry
        self._timeout_s = timeout_s
        self._retry = retry.Retry(
            predicate=retry.if_exception_type(exceptions.ServiceUnavailable, exceptions.Aborted),
            initial=0.05,
            maximum=1.0,
            timeout=timeout_s,
        )
        self._together = GroupCommit(self._send_key, timeout_s)

    def publish(self, messages: Sequence[Message]) -> None:
        ordered = sorted(messages, key=lambda message: message.ordering_key)
        for key, group in groupby(ordered, key=lambda message: message.ordering_key):
            wire = [_Message(data=encode(m), attributes=attributes(m), ordering_key=key) for m in group]
            try:
                self._together.submit(key, wire)
            except TimeIsUp as error:
                raise BusUnavailable("the bus did not answer in time") from error
            self._telemetry.spend("messages", len(wire))
            self._telemetry.spend("message_bytes", sum(message.ByteSize() for message in wire))

    def bury(self, body: bytes, reason: str) -> None:
        message = _Message(data=body or b"\0", attributes={"reason": reason[:1_000]})
        self._send(self._dead_topic, [message], self._timeout_s)

    def _send_key(self, _: str, messages: list[Any], timeout_s: float) -> None:
        self._send(self._topic, messages, timeout_s)

    def _send(self, topic: str, messages: list[Any], timeout_s: float) -> None:
        try:
            again = self._retry.with_timeout(timeout_s)
            request = PublishRequest.wrap(_Request(topic=topic, messages=messages))
            self._client.publish(request, retry=again, timeout=timeout_s)
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            raise BusUnavailable(str(error)) from error


class _LeasedSource:
    """What both sources share: a queue of batches, acknowledgements, and leases on slow ones."""

    full_pull = FULL_PULL

    def __init__(self, client: SubscriberAsyncClient, subscription: str) -> None:
        self._client = client
        self._subscription = subscription
        self._batches: asyncio.Queue[Sequence[Delivery] | SourceEnded] = asyncio.Queue()
        self._leased: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self._readers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._spawn(self._keep_leases())

    async def receive(self) -> Sequence[Delivery]:
        batch = await self._batches.get()
        if isinstance(batch, SourceEnded):
            raise batch
        return batch

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        ack_ids = self._settle(deliveries)
        if not ack_ids:
            return
        try:
            await self._client.acknowledge(subscription=self._subscription, ack_ids=ack_ids, timeout=ACK_DEADLINE_S)
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            _log.warning("not acknowledged; the messages come again", count=len(ack_ids), error=str(error))

    async def release(self, deliveries: Sequence[Delivery]) -> None:
        ack_ids = self._settle(deliveries)
        if ack_ids:
            await self._set_deadline(ack_ids, 0)

    async def stop(self) -> None:
        await self.close()
        await self._end(self._tasks)
        await self._give_back_unread()
        await self._client.transport.close()

    async def close(self) -> None:
        self._closing = True
        self._batches.put_nowait([])

    async def _end(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _give_back_unread(self) -> None:
        """What was delivered and nobody has received need not wait for its deadline."""
        while not self._batches.empty():
            batch = self._batches.get_nowait()
            if not isinstance(batch, SourceEnded):
                await self.release(batch)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """The event loop keeps only weak references to tasks; without ours a reader may vanish."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        return task

    def _take_in(self, received: Sequence[ReceivedMessage]) -> None:
        deliveries = [Delivery(m.message.data, m.ack_id, dict(m.message.attributes)) for m in received]
        now = time.monotonic()
        self._leased.update((delivery.ack_id, now) for delivery in deliveries)
        if deliveries:
            self._batches.put_nowait(deliveries)

    def _settle(self, deliveries: Sequence[Delivery]) -> list[str]:
        for delivery in deliveries:
            self._leased.pop(delivery.ack_id, None)
        return [delivery.ack_id for delivery in deliveries]

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_CHECK_S)
            now = time.monotonic()
            self._leased = {k: since for k, since in self._leased.items() if now - since < LEASE_MOST_S}
            slow = [ack_id for ack_id, since in self._leased.items() if now - since >= LEASE_CHECK_S]
            for start in range(0, len(slow), 1_000):
                await self._set_deadline(slow[start : start + 1_000], ACK_DEADLINE_S)

    async def _set_deadline(self, ack_ids: list[str], seconds: int) -> None:
        try:
            await self._client.modify_ack_deadline(
                subscription=self._subscription,
                ack_ids=ack_ids,
                ack_deadline_seconds=seconds,
                timeout=ACK_DEADLINE_S,
            )
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            _log.warning("deadline not changed; the messages come again", count=len(ack_ids), error=str(error))

    async def _persist(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read again after every end of a stream or pull, unless the end is for good."""
        failures = 0
        while not self._closing:
            try:
                await read()
                failures = 0
            except _FOR_GOOD as error:
                self._batches.put_nowait(SourceEnded(f"{type(error).__name__}: {error}"))
                return
            except exceptions.DeadlineExceeded:
                failures = 0
            except exceptions.GoogleAPICallError as error:
                failures += 1
                _log.warning("reading from the bus was interrupted", error=str(error), failures=failures)
                await asyncio.sleep(_backoff(failures))


class UnarySource(_LeasedSource):
    """A few long pulls. No affinity, but with ordering one batch of a key is out at a time."""

    async def start(self) -> None:
        await super().start()
        self._readers = [self._spawn(self._persist(self._pull)) for _ in range(PULLS)]

    async def close(self) -> None:
        """An open pull that is cancelled takes the next batch along for a whole deadline (on the emulator); so it is
        left to come home, and what it brings is still received: given back, it would wait for the next pull."""
        self._closing = True
        if self._readers:
            await asyncio.wait(self._readers, timeout=PULL_TIMEOUT_S)
        await super().close()

    async def _pull(self) -> None:
        response = await self._client.pull(
            subscription=self._subscription, max_messages=1_000, timeout=PULL_TIMEOUT_S, retry=None
        )
        self._take_in(response.received_messages)


class StreamingSource(_LeasedSource):
    """StreamingPull: affinity and least latency; the default against Google.

    `close` ends the request side only. The server then finishes the stream and hands its ordering
    keys over at once; a stream that is cut keeps them until the deadline (on the emulator: forever).
    """

    def __init__(self, client: SubscriberAsyncClient, subscription: str) -> None:
        super().__init__(client, subscription)
        self._half_closed = asyncio.Event()

    async def start(self) -> None:
        await super().start()
        self._readers = [self._spawn(self._persist(self._stream)) for _ in range(STREAMS)]

    async def close(self) -> None:
        self._half_closed.set()
        await super().close()

    async def stop(self) -> None:
        await self.close()
        if self._readers:
            await asyncio.wait(self._readers, timeout=HAND_OVER_S)
        await super().stop()

    async def _stream(self) -> None:
        responses = await self._client.streaming_pull(requests=self._requests(), timeout=None, retry=None)
        async for response in responses:
            self._take_in(response.received_messages)

    async def _requests(self) -> AsyncIterator[StreamingPullRequest]:
        yield StreamingPullRequest(
            subscription=self._subscription,
            stream_ack_deadline_seconds=ACK_DEADLINE_S,
            max_outstanding_messages=OUTSTANDING_MOST,
        )
        while not await self._closed_within(HEARTBEAT_S):
            yield StreamingPullRequest(stream_ack_deadline_seconds=ACK_DEADLINE_S)

    async def _closed_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._half_closed.wait()
        except TimeoutError:
            return False
        return True


def _backoff(failures: int) -> float:
    """Exponential, with full jitter."""
    return random.uniform(0, min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2**failures))  # noqa: S311 (no secret)
