"""Pub/Sub in this process, over real gRPC, with what Google's service does and its emulator does not.

Streams that end with an error, keep-alives that are answered, requests that are too large, errors of a publish, calls
without an answer. The product's own clients talk to it.
"""

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from devstack import ports

REQUEST_BYTES_MOST = 512 * 1024
IDS_MOST = 2_500
ACK_ID_CHARS = 190  # about as long as Google's
PULLED_MOST = PUBLISHED_MOST = 1_000
PULL_DEADLINE_S = 10.0
THREADS = 64
_Wire = type[Any]


@dataclass(slots=True)
class Lease:
    message: Any
    until: float


@dataclass(slots=True)
class Subscription:
    """Its messages: waiting, or out with somebody until a deadline. The lock is the twin's."""

    waiting: deque[Any] = field(default_factory=deque)
    out: dict[str, Lease] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def take(self, deadline_s: float, ack_id_chars: int, most: int = PULLED_MOST) -> list[Any]:
        self._call_back(time.monotonic())
        taken: list[Any] = []
        while self.waiting and len(taken) < most:
            ack_id = str(next(self.numbers)).rjust(ack_id_chars, "a")
            self.out[ack_id] = Lease(self.waiting.popleft(), time.monotonic() + deadline_s)
            taken.append(types.ReceivedMessage.pb()(ack_id=ack_id, message=self.out[ack_id].message))
        return taken

    def acknowledge(self, ack_ids: list[str]) -> None:
        for ack_id in ack_ids:
            self.out.pop(ack_id, None)

    def set_deadline(self, ack_ids: list[str], seconds: int) -> None:
        for ack_id in ack_ids:
            if ack_id in self.out:
                self.out[ack_id].until = time.monotonic() + seconds
        self._call_back(time.monotonic())

    def _call_back(self, now: float) -> None:
        late = [ack_id for ack_id, lease in self.out.items() if lease.until <= now]
        self.waiting.extendleft(self.out.pop(ack_id).message for ack_id in reversed(late))


@dataclass(slots=True)
class Closings:
    """The next `left` streams end with `code`, each after what it brought was acknowledged when `after_an_ack`."""

    left: int = 0
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    after_an_ack: bool = False
    done: int = 0


class CloudTwin:
    """Use it as a context manager. Topics and subscriptions are there when they are named, as far as `missing` does not
    hold their path: a topic feeds the subscription `{topic}-reader`."""

    def __init__(self) -> None:
        self.closings = Closings()
        self.answers_pings = True
        self.silent = False  # calls get no answer
        self.cut = False  # streams end, as the service ends them after a while
        self.publish_errors: deque[grpc.StatusCode] = deque()
        self.topics: dict[str, Any] = {}
        self.missing: set[str] = set()
        self.ack_id_chars = ACK_ID_CHARS
        self.streams = 0  # that stand now
        self.opened = 0
        self.requests: list[tuple[str, int]] = []  # calls about acknowledge ids, and how many ids
        self.refused: list[str] = []
        self.first_requests: list[Any] = []
        self._subscriptions: dict[str, Subscription] = {}
        self._changed = threading.Condition()
        self._ended = False
        self._server = grpc.server(ThreadPoolExecutor(THREADS), handlers=_handlers(self), options=_ANY_SIZE)
        self.port = self._server.add_insecure_port(f"{ports.HOST}:0")

    @property
    def address(self) -> str:
        return f"{ports.HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.change():
            self._ended = True
        self._server.stop(grace=0).wait()

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Wake the waiting calls after a change inside the block."""
        with self._changed:
            yield
            self._changed.notify_all()

    def left(self, subscription: str) -> int:
        """Messages that are not acknowledged."""
        with self._changed:
            found = self._subscriptions[subscription]
            return len(found.waiting) + len(found.out)

    # --- the calls ---------------------------------------------------------------------------------

    def publish(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._hang(context)
        with self.change():
            if len(request.messages) > PUBLISHED_MOST:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Too many messages to publish")
            if self.publish_errors:
                context.abort(self.publish_errors.popleft(), "as the test wants it")
            self._of(f"{request.topic.replace('/topics/', '/subscriptions/')}-reader").waiting.extend(request.messages)
        ids = [str(number) for number in range(len(request.messages))]
        return types.PublishResponse.pb()(message_ids=ids)

    def pull(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._known(request.subscription, context)
        found: list[Any] = []

        def look() -> bool:
            found.extend(self._take(request.subscription, PULL_DEADLINE_S))
            return bool(found)

        self._wait(context, look)
        return types.PullResponse.pb()(received_messages=found)

    def acknowledge(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._check_ids("Acknowledge", request, context)
        with self.change():
            self._of(request.subscription).acknowledge(list(request.ack_ids))
        return Empty()

    def modify_ack_deadline(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._check_ids("ModifyAckDeadline", request, context)
        with self.change():
            self._of(request.subscription).set_deadline(list(request.ack_ids), request.ack_deadline_seconds)
        return Empty()

    def streaming_pull(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        first = next(requests)
        self._known(first.subscription, context)
        with self.change():
            self.first_requests.append(first)
            self.opened += 1
            self.streams += 1
        try:
            yield from _Stream(self, first, requests, context).responses()
        finally:
            with self.change():
                self.streams -= 1

    def get_topic(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._known(request.topic, context)
        return self.topics.get(request.topic, types.Topic.pb()(name=request.topic))

    def get_subscription(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._known(request.subscription, context)
        topic = request.subscription.replace("/subscriptions/", "/topics/").removesuffix("-reader")
        return types.Subscription.pb()(name=request.subscription, topic=topic, enable_message_ordering=True)

    # --- what they share ---------------------------------------------------------------------------

    def _of(self, subscription: str) -> Subscription:
        return self._subscriptions.setdefault(subscription, Subscription())

    def _take(self, subscription: str, deadline_s: float) -> list[Any]:
        return self._of(subscription).take(deadline_s, self.ack_id_chars)

    def _known(self, path: str, context: grpc.ServicerContext) -> None:
        if path in self.missing:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={path}).")

    def _hang(self, context: grpc.ServicerContext) -> None:
        if self.silent:
            self._wait(context, lambda: not self.silent)

    def _wait(self, context: grpc.ServicerContext, true: Callable[[], bool]) -> None:
        """Until it is true, the caller has gone, or the twin has ended."""
        with self._changed:
            while not (true() or self._ended) and context.is_active():
                self._changed.wait(0.02)

    def _check_ids(self, call: str, request: Any, context: grpc.ServicerContext) -> None:
        self._hang(context)
        with self._changed:
            self.requests.append((call, len(request.ack_ids)))
            if request.ByteSize() > REQUEST_BYTES_MOST or len(request.ack_ids) > IDS_MOST:
                self.refused.append(call)
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Request payload size exceeds the limit: 524288 bytes.")


class _Stream:
    """One StreamingPull. Its request side is read in a thread of its own."""

    def __init__(self, twin: CloudTwin, first: Any, requests: Iterator[Any], context: grpc.ServicerContext) -> None:
        self._twin = twin
        self._first = first
        self._context = context
        self._pings = 0
        self._half_closed = False
        threading.Thread(target=self._listen, args=(requests,), daemon=True).start()

    def _listen(self, requests: Iterator[Any]) -> None:
        with contextlib.suppress(grpc.RpcError):
            for _ in requests:
                with self._twin.change():
                    self._pings += 1
        with self._twin.change():
            self._half_closed = True

    def responses(self) -> Iterator[Any]:
        twin, closings = self._twin, self._twin.closings
        closes = closings.left > 0
        closings.left -= closes
        if closes and not closings.after_an_ack:
            self._close()
        while self._context.is_active() and not twin._ended:
            yield from self._ready()
            if closes and closings.after_an_ack:
                self._twin._wait(self._context, lambda: not self._twin._of(self._first.subscription).out)
                self._close()
            if self._half_closed:
                return
            if self._twin.cut:
                self._close()

    def _ready(self) -> list[Any]:
        """The next messages to send, when there are any."""
        found: list[Any] = []

        def look() -> bool:
            messages = self._twin._take(self._first.subscription, self._first.stream_ack_deadline_seconds)
            if messages:
                found.append(types.StreamingPullResponse.pb()(received_messages=messages))
            if self._twin.answers_pings and self._first.protocol_version == 1:
                found.extend(types.StreamingPullResponse.pb()() for _ in range(self._pings))
            self._pings = 0
            return bool(found) or self._half_closed or self._twin.cut

        self._twin._wait(self._context, lambda: not self._twin.silent and look())
        return found

    def _close(self) -> None:
        self._twin.closings.done += 1
        self._context.abort(self._twin.closings.code, "The service was unable to fulfill your request. [code=8a75]")


_ANY_SIZE = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


def _handlers(twin: CloudTwin) -> list[grpc.GenericRpcHandler]:
    def unary(call: Callable[..., Any], request: _Wire) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(call, request.pb().FromString, _serialized)

    stream = grpc.stream_stream_rpc_method_handler(
        twin.streaming_pull, types.StreamingPullRequest.pb().FromString, _serialized
    )
    services = {
        "google.pubsub.v1.Publisher": {
            "Publish": unary(twin.publish, types.PublishRequest),
            "GetTopic": unary(twin.get_topic, types.GetTopicRequest),
        },
        "google.pubsub.v1.Subscriber": {
            "Pull": unary(twin.pull, types.PullRequest),
            "Acknowledge": unary(twin.acknowledge, types.AcknowledgeRequest),
            "ModifyAckDeadline": unary(twin.modify_ack_deadline, types.ModifyAckDeadlineRequest),
            "GetSubscription": unary(twin.get_subscription, types.GetSubscriptionRequest),
            "StreamingPull": stream,
        },
    }
    return [grpc.method_handlers_generic_handler(name, calls) for name, calls in services.items()]


def _serialized(message: Any) -> bytes:
    found: bytes = message.SerializeToString()
    return found
