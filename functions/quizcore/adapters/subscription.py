"""Checks that topics and subscription are set up as the services need them, for `wordrush doctor`."""

from google.api_core import exceptions
from google.pubsub_v1 import PublisherClient, SubscriberClient

from quizcore.adapters.channels import operator_subscriber, publisher_client

TIMEOUT_S = 10.0
_GLOBAL_HOST = "pubsub.googleapis.com"


def subscription_faults(
    emulator: str | None, endpoint: str | None, project: str, topics: tuple[str, str], subscription: str
) -> list[str]:
    """The faults of the topics (of events, and of dead letters) and of the worker's subscription. Each text names a
    fault and what to do."""
    publisher, subscriber = publisher_client(emulator, endpoint), operator_subscriber(emulator, endpoint)
    try:
        faults = _reader_faults(subscriber, subscriber.subscription_path(project, subscription), topics[0])
        for topic in topics:
            faults += _policy_faults(publisher, publisher.topic_path(project, topic), endpoint)
    except exceptions.GoogleAPICallError as error:
        return [f"Pub/Sub does not answer: {error}"]
    return faults


def _reader_faults(client: SubscriberClient, path: str, topic: str) -> list[str]:
    subscription = path.rpartition("/")[2]
    try:
        found = client.get_subscription(subscription=path, timeout=TIMEOUT_S, retry=None)
    except exceptions.NotFound:
        return [f"there is no subscription {subscription}: create it on topic {topic} (docs/operations.md)"]
    faults = []
    if found.topic.rpartition("/")[2] != topic:
        faults.append(f"subscription {subscription} reads {found.topic}, not {topic}: create it again")
    if not found.enable_message_ordering:
        faults.append(f"subscription {subscription} has no message ordering: create it again with ordering")
    return faults


def _policy_faults(client: PublisherClient, path: str, endpoint: str | None) -> list[str]:
    """The topic must allow storage in the endpoint's region; otherwise Pub/Sub stores messages, with personal data, in
    another region."""
    topic, region = path.rpartition("/")[2], endpoint_region(endpoint)
    try:
        found = client.get_topic(topic=path, timeout=TIMEOUT_S, retry=None)
    except exceptions.NotFound:
        return [f"there is no topic {topic}: create it (docs/operations.md)"]
    allowed = list(found.message_storage_policy.allowed_persistence_regions)
    if region is None or allowed == [region]:
        return []
    stored = f"is stored in {', '.join(allowed)}" if allowed else "may be stored in any region"
    return [
        f"topic {topic} {stored}, but WORDRUSH_PUBSUB_ENDPOINT is in {region}: run `gcloud pubsub topics update "
        f"{topic} --message-storage-policy-allowed-regions={region}`, or choose another endpoint"
    ]


def endpoint_region(endpoint: str | None) -> str | None:
    """`europe-west1` of `europe-west1-pubsub.googleapis.com:443` and of `pubsub.europe-west1.rep.googleapis.com`; None
    when the endpoint belongs to no single region."""
    host = (endpoint or _GLOBAL_HOST).partition(":")[0]
    if host.endswith(f"-{_GLOBAL_HOST}"):
        return host.removesuffix(f"-{_GLOBAL_HOST}")
    if host.startswith("pubsub.") and host.endswith(".rep.googleapis.com"):
        return host.removeprefix("pubsub.").removesuffix(".rep.googleapis.com")
    return None
