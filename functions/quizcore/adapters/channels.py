"""gRPC channels that reconnect quickly after an outage, to the endpoint that the settings name.

After each failed attempt to connect, gRPC waits longer, by default up to two minutes: after an interruption of one
minute, players waited 42 s more (`make chaos`). The clients here try again within one second, and give up an attempt
without an answer after two seconds. So a client finds a recovered server within two seconds.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import grpc
from google.api_core.client_options import ClientOptions
from google.cloud import firestore
from google.cloud.firestore_v1.services.firestore import client as firestore_client
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.pubsub_v1 import PublisherClient, SubscriberAsyncClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport, SubscriberGrpcTransport

FAST_RECONNECT = (
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.min_reconnect_backoff_ms", 2_000),  # in gRPC's core: the time limit of one attempt
)
_ANY_SIZE = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


def publisher_client(emulator: str | None, endpoint: str | None = None) -> PublisherClient:
    """`endpoint` is a regional endpoint (host:port), or None for the global one. `emulator` (host:port) overrides
    it."""
    if emulator is None:
        create = _reconnecting_fast(PublisherGrpcTransport.create_channel)
        return PublisherClient(
            transport=partial(PublisherGrpcTransport, channel=create), client_options=_endpoint(endpoint)
        )
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(emulator, FAST_RECONNECT)))


def subscriber_client(emulator: str | None, endpoint: str | None = None) -> SubscriberAsyncClient:
    """Call inside the event loop that will use the client. Arguments: see `publisher_client`."""
    if emulator is None:
        create = _reconnecting_fast(SubscriberGrpcAsyncIOTransport.create_channel)
        return SubscriberAsyncClient(
            transport=partial(SubscriberGrpcAsyncIOTransport, channel=create), client_options=_endpoint(endpoint)
        )
    channel = grpc.aio.insecure_channel(emulator, FAST_RECONNECT)
    return SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))


def operator_subscriber(emulator: str | None, endpoint: str | None = None) -> SubscriberClient:
    """A client that inspects subscriptions and receives no messages."""
    if emulator is None:
        return SubscriberClient(client_options=_endpoint(endpoint))
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(emulator, FAST_RECONNECT)))


def _endpoint(endpoint: str | None) -> ClientOptions:
    return ClientOptions(api_endpoint=endpoint)


class FirestoreClient(firestore.Client):  # type: ignore[misc] # the library has no types
    """The library has no parameter for channel options, so two of its private methods are overridden."""

    @property
    def _firestore_api(self) -> Any:
        return self._firestore_api_helper(_FirestoreTransport, firestore_client.FirestoreClient, firestore_client)

    def _emulator_channel(self, _: object) -> grpc.Channel:
        return grpc.insecure_channel(self._emulator_host, [*_ANY_SIZE, *FAST_RECONNECT])


class _FirestoreTransport(FirestoreGrpcTransport):  # type: ignore[misc] # as above
    @classmethod
    def create_channel(cls, *args: Any, **more: Any) -> grpc.Channel:
        return _reconnecting_fast(super().create_channel)(*args, **more)


def _reconnecting_fast(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_with_options(*args: Any, options: Any = (), **more: Any) -> Any:
        return create(*args, options=[*options, *FAST_RECONNECT], **more)

    return create_with_options
