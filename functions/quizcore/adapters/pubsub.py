"""Publishing to Pub/Sub: the topic of the events, and the dead-letter topic."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from google.api_core import exceptions, retry
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.types import PublishRequest, PubsubMessage

from quizcore.adapters.group_commit import GroupCommit, TimeIsUp
from quizcore.deadline import within
from quizcore.messages import Message, attributes, encode
from quizcore.ports import BusUnavailable
from quizcore.telemetry import Telemetry

# A second copy is harmless: the worker recognises messages by their event ids.
_AGAIN_ON = (
    exceptions.ServiceUnavailable,
    exceptions.Aborted,
    exceptions.InternalServerError,
    exceptions.Unknown,
    exceptions.ResourceExhausted,
    exceptions.DeadlineExceeded,
)
# The wire messages themselves: the wrappers around them cost as much as the rest of a publish.
_Message = PubsubMessage.pb()
_Request = PublishRequest.pb()


class PubSubPublisher:
    """`publish` returns after Pub/Sub has answered the request, so that no background thread and no paused key delays
    an accepted answer. A request has one ordering key. Callers that arrive while a request of their key is in flight
    share the next request."""

    def __init__(
        self, client: PublisherClient, topic: str, dead_topic: str, timeout_s: float, telemetry: Telemetry
    ) -> None:
        self._client = client
        self._topic = topic
        self._dead_topic = dead_topic
        self._telemetry = telemetry
        self._timeout_s = timeout_s
        self._retry = retry.Retry(
            predicate=retry.if_exception_type(*_AGAIN_ON),
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

    def dead_letter(self, body: bytes, reason: str) -> None:
        message = _Message(data=body or b"\0", attributes={"reason": reason[:1_000]})
        self._send(self._dead_topic, [message], within(self._timeout_s))

    def _send_key(self, _: str, messages: list[Any], timeout_s: float) -> None:
        self._send(self._topic, messages, timeout_s)

    def _send(self, topic: str, messages: list[Any], timeout_s: float) -> None:
        try:
            again = self._retry.with_timeout(timeout_s)
            request = PublishRequest.wrap(_Request(topic=topic, messages=messages))
            self._client.publish(request, retry=again, timeout=timeout_s)
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            raise BusUnavailable(str(error)) from error
