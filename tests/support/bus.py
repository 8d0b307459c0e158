"""Pub/Sub clients of the running stack."""

from typing import Any

import grpc
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from devstack.stack import Stack
from quizcore.adapters.channels import publisher_client


def stack_publisher(stack: Stack) -> tuple[Any, str]:
    client = publisher_client(stack.emulators.host("pubsub"))
    return client, client.topic_path(stack.project, "session-events")


def stack_subscriber(stack: Stack) -> Any:
    channel = grpc.insecure_channel(stack.emulators.host("pubsub"))
    return SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
