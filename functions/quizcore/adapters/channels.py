"""gRPC channels that are back soon after an outage, to the endpoint that the settings name.

gRPC waits longer after each attempt to connect that failed, by default up to two minutes: after a line that was cut for
one minute people waited 42 s more (`make chaos`). The clients here try again within a second, and give up on an attempt
that has no answer after two: a server that is back is found within two seconds, whatever it did before.
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

SOON_BACK = (
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.min_reconnect_backoff_ms", 2_000),  # how long one attempt may take, by its meaning in gRPC's core
)
_ANY_SIZE = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


def publisher_client(emulator: str | None, endpoint: str | None = None) -> PublisherClient:
    """`endpoint` is a regional one (host:port), or None for the global one; an emulator comes before both."""
    if emulator is None:
        made = _soon_back(PublisherGrpcTransport.create_channel)
        return PublisherClient(
            transport=partial(PublisherGrpcTransport, channel=made), client_options=_endpoint(endpoint)
        )
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(emulator, SOON_BACK)))


def subscriber_client(emulator: str | None, endpoint: str | None = None) -> SubscriberAsyncClient:
    """Belongs to the event loop that runs when it is made. `endpoint` as above."""
    if emulator is None:
        made = _soon_back(SubscriberGrpcAsyncIOTransport.create_channel)
        return SubscriberAsyncClient(
            transport=partial(SubscriberGrpcAsyncIOTransport, channel=made), client_options=_endpoint(endpoint)
        )
    channel = grpc.aio.insecure_channel(emulator, SOON_BACK)
    return SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))


def operator_subscriber(emulator: str | None, endpoint: str | None = None) -> SubscriberClient:
    """To look at subscriptions, not to read them."""
    if emulator is None:
        return SubscriberClient(client_options=_endpoint(endpoint))
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(emulator, SOON_BACK)))


def _endpoint(endpoint: str | None) -> ClientOptions:
    return ClientOptions(api_endpoint=endpoint)


class FirestoreClient(firestore.Client):  # type: ignore[misc] # the library has no types
    """The library has no way to give its channel options, so two of its private steps are replaced."""

    @property
    def _firestore_api(self) -> Any:
        return self._firestore_api_helper(_FirestoreTransport, firestore_client.FirestoreClient, firestore_client)

    def _emulator_channel(self, _: object) -> grpc.Channel:
        return grpc.insecure_channel(self._emulator_host, [*_ANY_SIZE, *SOON_BACK])


class _FirestoreTransport(FirestoreGrpcTransport):  # type: ignore[misc] # as above
    @classmethod
    def create_channel(cls, *args: Any, **more: Any) -> grpc.Channel:
        return _soon_back(super().create_channel)(*args, **more)


def _soon_back(create: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any, options: Any = (), **more: Any) -> Any:
        return create(*args, options=[*options, *SOON_BACK], **more)

    return made
