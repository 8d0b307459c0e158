"""The two ways to read a subscription."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from google.api_core import exceptions
from google.pubsub_v1 import SubscriberAsyncClient
from google.pubsub_v1.types import StreamingPullRequest

from quizcore.adapters.leased import ACK_DEADLINE_S, LeasedSource, Reader, Sleep

# The emulator delivers to the pull of a dead worker until that pull times out, and redelivers such a batch only after
# its deadline.
PULL_TIMEOUT_S = 1.5
PULLS = 2
STREAMS = 2
OUTSTANDING_MOST = 10_000
PROTOCOL = 1  # of StreamingPull: the server answers each keep-alive with an empty response
PING_S = 20.0
PONG_S = 15.0  # by the protocol the server answers a keep-alive within this time


class UnarySource(LeasedSource):
    """A few long pulls. The bus gives no affinity; with ordering, only one batch of a key is outstanding at a time."""

    async def start(self) -> None:
        await super().start()
        for _ in range(PULLS):
            self._read(self._pull)

    async def close(self) -> None:
        """Wait for the open pulls: the emulator would deliver the next batch to a cancelled pull, and redeliver the
        batch only after its deadline. Batches of these last pulls are still received: after a nack they would wait for
        the next pull."""
        self._closing = True
        if self._readers:
            await asyncio.wait(self._readers.values(), timeout=PULL_TIMEOUT_S)
        await super().close()

    async def _pull(self, reader: Reader) -> None:
        try:
            response = await self._client.pull(
                subscription=self._subscription, max_messages=1_000, timeout=PULL_TIMEOUT_S, retry=None
            )
        except exceptions.DeadlineExceeded:
            if self._connected():
                self._heard(reader)
            return
        self._heard(reader)
        self._take_in(response.received_messages)


class StreamingSource(LeasedSource):
    """StreamingPull: affinity and the lowest latency; the default on Google Cloud.

    `close` ends the request side only. The server then finishes the stream, and its ordering keys are free at once. The
    keys of a cancelled stream stay taken until the deadline (on the emulator: forever).

    When a server has answered one keep-alive, it is expected to answer all: a stream without an answer in time is dead,
    even on an open connection, and a new stream replaces it. Older emulators answer no keep-alive; with them an open
    connection counts as a sign of life.
    """

    def __init__(
        self,
        client: SubscriberAsyncClient,
        subscription: str,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(client, subscription, sleep, now)
        self._streams: set[_Stream] = set()
        self._answers_pings = False

    async def start(self) -> None:
        await super().start()
        for _ in range(STREAMS):
            self._read(self._stream)

    async def _ask_for_no_more(self) -> None:
        await super()._ask_for_no_more()
        for stream in self._streams:
            stream.over.set()

    async def _stream(self, reader: Reader) -> None:
        stream = _Stream()
        self._streams.add(stream)
        try:
            await self._read_stream(stream, reader)
        finally:
            stream.over.set()
            self._streams.discard(stream)

    async def _read_stream(self, stream: "_Stream", reader: Reader) -> None:
        requests = self._requests(stream, reader)
        responses = aiter(await self._client.streaming_pull(requests=requests, timeout=None, retry=None))
        while True:
            try:
                async with asyncio.timeout(PING_S + PONG_S if self._answers_pings else None):
                    response = await anext(responses)
            except TimeoutError:
                raise exceptions.ServiceUnavailable("the stream is dead: a keep-alive had no answer") from None
            except StopAsyncIteration:
                break
            self._heard(reader)
            self._answers_pings |= stream.pinged and not response.received_messages
            self._take_in(response.received_messages)
        if not self._closing:
            raise exceptions.ServiceUnavailable("the server has ended the stream")

    async def _requests(self, stream: "_Stream", reader: Reader) -> AsyncIterator[StreamingPullRequest]:
        yield StreamingPullRequest(
            subscription=self._subscription,
            stream_ack_deadline_seconds=ACK_DEADLINE_S,
            max_outstanding_messages=OUTSTANDING_MOST,
            protocol_version=PROTOCOL,
        )
        while not await stream.over_within(PING_S):
            if self._connected() and not self._answers_pings:
                self._heard(reader)
            stream.pinged = True
            yield StreamingPullRequest(stream_ack_deadline_seconds=ACK_DEADLINE_S)


@dataclass(slots=True, eq=False)
class _Stream:
    """Setting `over` ends the request side; until then keep-alives are sent."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    pinged: bool = False

    async def over_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        except TimeoutError:
            return False
        return True
