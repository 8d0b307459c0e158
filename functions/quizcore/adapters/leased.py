"""The part that both sources share: a queue of batches, acknowledgements, leases on slow messages, liveness.

Both use the generated async client: the high-level subscriber hands out one message per ordering key until it is
acknowledged, which rules out batches.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import grpc
import structlog
from google.api_core import exceptions, retry_async
from google.pubsub_v1 import SubscriberAsyncClient
from google.pubsub_v1.types import ReceivedMessage

from quizcore.adapters.ack_ids import in_requests
from quizcore.adapters.backoff import Backoff
from quizcore.ports import Delivery, SourceEnded

ACK_DEADLINE_S = 10
LEASE_CHECK_S = 3.0
LEASE_MOST_S = 60.0  # afterwards the lease of a stuck batch runs out, and the bus delivers the batch again
FULL_PULL = 100  # the emulator's largest batch; Google's are larger
BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 5.0
LIVED_S = 30.0  # the end of a stream that was open this long is no failure, even without a message

_FOR_GOOD = (
    exceptions.NotFound,
    exceptions.PermissionDenied,
    exceptions.InvalidArgument,
    exceptions.Unauthenticated,
    exceptions.FailedPrecondition,
)
Sleep = Callable[[float], Awaitable[None]]
_log = structlog.get_logger("pubsub")


class Reader:
    """One stream, or a series of pulls: when the bus last answered (s, monotonic), and the pauses after failures."""

    def __init__(self, now: float) -> None:
        self.heard_at = now
        self.backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MOST_S)


class LeasedSource:
    """Subclasses start readers and say how to read. The back-off uses `sleep`, the liveness check uses `now`."""

    full_pull = FULL_PULL

    def __init__(
        self,
        client: SubscriberAsyncClient,
        subscription: str,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._subscription = subscription
        self._sleep = sleep
        self._now = now
        self._batches: asyncio.Queue[Sequence[Delivery] | SourceEnded] = asyncio.Queue()
        self._leased: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._readers: dict[Reader, asyncio.Task[None]] = {}
        self._closing = False

    async def start(self) -> None:
        self._spawn(self._keep_leases())

    def silent_s(self) -> float:
        """Safe from any thread."""
        readers = list(self._readers.items())
        if any(task.done() for _, task in readers) and not self._closing:
            return math.inf
        return max((self._now() - reader.heard_at for reader, _ in readers), default=0.0)

    async def receive(self) -> Sequence[Delivery]:
        batch = await self._batches.get()
        if isinstance(batch, SourceEnded):
            raise batch
        return batch

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        await self._in_parts(self._acknowledge, self._end_leases(deliveries), ACK_DEADLINE_S)

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        await self._give_back(deliveries, ACK_DEADLINE_S)

    async def close(self) -> None:
        await self._ask_for_no_more()
        self._batches.put_nowait([])

    async def stop(self, within_s: float) -> None:
        """Readers get half of the time to end by themselves; then they are cancelled."""
        ends_at = asyncio.get_running_loop().time() + within_s
        await self._ask_for_no_more()
        if self._readers:
            await asyncio.wait(self._readers.values(), timeout=within_s / 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._give_back_unread(ends_at - asyncio.get_running_loop().time())
        await self._client.transport.close()

    async def _ask_for_no_more(self) -> None:
        self._closing = True

    async def _give_back_unread(self, within_s: float) -> None:
        """Nack deliveries that nobody has received, so that they need not wait for their deadline."""
        unread: list[Delivery] = []
        while not self._batches.empty():
            batch = self._batches.get_nowait()
            unread += [] if isinstance(batch, SourceEnded) else batch
        await self._give_back(unread, within_s)

    async def _give_back(self, deliveries: Sequence[Delivery], within_s: float) -> None:
        async def give_back(ack_ids: list[str], timeout_s: float) -> None:
            await self._set_deadline(ack_ids, 0, timeout_s)

        await self._in_parts(give_back, self._end_leases(deliveries), within_s)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """The event loop keeps only weak references to tasks; without a reference here a reader could be collected."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """When a task ends before `close`, the source ends with SourceEnded, and the platform restarts the process."""
        if self._closing:
            return
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        ended = error if isinstance(error, SourceEnded) else SourceEnded(f"a reader of the bus ended: {error!r}")
        self._batches.put_nowait(ended)

    def _read(self, read: Callable[[Reader], Awaitable[None]]) -> None:
        reader = Reader(self._now())
        self._readers[reader] = self._spawn(self._persist(reader, read))

    async def _persist(self, reader: Reader, read: Callable[[Reader], Awaitable[None]]) -> None:
        """Read again after every end of a stream or pull. Raises SourceEnded for an error that a retry cannot solve."""
        while not self._closing:
            began = self._now()
            try:
                await read(reader)
            except _FOR_GOOD as error:
                raise SourceEnded(f"{type(error).__name__}: {error}") from error
            except exceptions.GoogleAPICallError as error:
                await self._pause(reader, began, error)

    async def _pause(self, reader: Reader, began: float, error: Exception) -> None:
        """A production stream always ends with an error, as a rule after half an hour. The end counts as a failure only
        when the stream delivered nothing and was open for less than `LIVED_S`."""
        if reader.heard_at > began or self._now() - began >= LIVED_S:
            reader.backoff.succeeded()
            _log.info("a stream of the bus has ended; another begins", error=str(error))
        else:
            reader.backoff.failed()
            _log.warning("reading from the bus was interrupted", error=str(error), failures=reader.backoff.failures)
        if not self._closing:
            await self._sleep(reader.backoff.pause_s())

    def _heard(self, reader: Reader) -> None:
        reader.heard_at = self._now()
        reader.backoff.succeeded()

    def _connected(self) -> bool:
        """gRPC's keep-alive takes a dead connection out of this state."""
        state = self._client.transport.grpc_channel.get_state()
        return bool(state is grpc.ChannelConnectivity.READY)

    def _take_in(self, received: Sequence[ReceivedMessage]) -> None:
        deliveries = [Delivery(m.message.data, m.ack_id, dict(m.message.attributes)) for m in received]
        now = time.monotonic()
        self._leased.update((delivery.ack_id, now) for delivery in deliveries)
        if deliveries:
            self._batches.put_nowait(deliveries)

    def _end_leases(self, deliveries: Sequence[Delivery]) -> list[str]:
        """The ids of the deliveries, whose leases are no longer extended."""
        for delivery in deliveries:
            self._leased.pop(delivery.ack_id, None)
        return [delivery.ack_id for delivery in deliveries]

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_CHECK_S)
            now = time.monotonic()
            self._leased = {k: since for k, since in self._leased.items() if now - since < LEASE_MOST_S}
            slow = [ack_id for ack_id, since in self._leased.items() if now - since >= LEASE_CHECK_S]
            await self._extend(slow)

    async def _extend(self, ack_ids: Sequence[str]) -> None:
        """Extend leases. The time limit of one attempt leaves time for another before the lease runs out."""

        async def extend(part: list[str], timeout_s: float) -> None:
            await self._set_deadline(part, ACK_DEADLINE_S, timeout_s)

        await self._in_parts(extend, ack_ids, LEASE_CHECK_S)

    async def _in_parts(
        self, send: Callable[[list[str], float], Awaitable[None]], ack_ids: Sequence[str], within_s: float
    ) -> None:
        """Send the ids in as many requests as they need, all at once. A request that fails does not stop the others."""
        await asyncio.gather(*(self._sent(send, part, within_s) for part in in_requests(ack_ids)))

    async def _sent(
        self, send: Callable[[list[str], float], Awaitable[None]], ack_ids: list[str], within_s: float
    ) -> None:
        try:
            await send(ack_ids, within_s)
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            _log.warning(
                "the bus refused an acknowledgement; it redelivers the messages", count=len(ack_ids), error=str(error)
            )

    async def _acknowledge(self, ack_ids: list[str], timeout_s: float) -> None:
        await self._client.acknowledge(
            subscription=self._subscription, ack_ids=ack_ids, timeout=timeout_s, retry=_soon(timeout_s)
        )

    async def _set_deadline(self, ack_ids: list[str], seconds: int, timeout_s: float) -> None:
        await self._client.modify_ack_deadline(
            subscription=self._subscription,
            ack_ids=ack_ids,
            ack_deadline_seconds=seconds,
            timeout=timeout_s,
            retry=_soon(timeout_s),
        )


def _soon(timeout_s: float) -> retry_async.AsyncRetry:
    """Call without the library's own retry, which takes up to a minute and ignores the time limit."""
    transient = retry_async.if_exception_type(
        exceptions.ServiceUnavailable,
        exceptions.Aborted,
        exceptions.InternalServerError,
        exceptions.Unknown,
        exceptions.ResourceExhausted,
    )
    return retry_async.AsyncRetry(predicate=transient, initial=0.1, maximum=1.0, timeout=timeout_s)
