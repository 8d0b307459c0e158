"""What a source does when the bus does not answer."""

import asyncio
from typing import Any

import pytest
from google.api_core.exceptions import ServiceUnavailable

from quizcore.adapters.pubsub import StreamingSource, UnarySource
from quizcore.ports import Delivery

Source = type[UnarySource] | type[StreamingSource]


class AwayClient:
    """A subscriber whose server is away."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def acknowledge(self, **request: Any) -> None:
        self.asked.append("acknowledge")
        raise ServiceUnavailable("away")

    async def modify_ack_deadline(self, **request: Any) -> None:
        self.asked.append("modify_ack_deadline")
        raise ServiceUnavailable("away")


@pytest.mark.parametrize("kind", [UnarySource, StreamingSource])
def test_a_lost_acknowledgement_or_release_only_means_another_delivery(kind: Source) -> None:
    async def work() -> list[str]:
        client = AwayClient()
        source = kind(client, "projects/p/subscriptions/s")
        await source.ack([Delivery(b"{}", "ack-1")])
        await source.release([Delivery(b"{}", "ack-2")])
        return client.asked

    assert asyncio.run(work()) == ["acknowledge", "modify_ack_deadline"]
