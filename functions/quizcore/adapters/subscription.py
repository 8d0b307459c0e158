"""Whether the subscription is as the worker needs it; asked by `wordrush doctor`."""

import grpc
from google.api_core import exceptions
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from quizcore.adapters.pubsub import ACK_DEADLINE_S


def subscription_faults(emulator: str | None, project: str, topic: str, subscription: str) -> list[str]:
    """What is wrong with the subscription that the worker reads, each with what to do."""
    if emulator is None:
        client = SubscriberClient()
    else:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(emulator)))
    try:
        found = client.get_subscription(
            subscription=client.subscription_path(project, subscription), timeout=ACK_DEADLINE_S, retry=None
        )
    except exceptions.NotFound:
        return [f"there is no subscription {subscription}: create it on topic {topic} (docs/operations.md)"]
    except exceptions.GoogleAPICallError as error:
        return [f"Pub/Sub does not answer: {error}"]
    faults = []
    if found.topic.rpartition("/")[2] != topic:
        faults.append(f"subscription {subscription} reads {found.topic}, not {topic}: create it anew")
    if not found.enable_message_ordering:
        faults.append(f"subscription {subscription} has no message ordering: create it anew with ordering")
    return faults
