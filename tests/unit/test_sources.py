"""A source whose bus does not respond."""

import asyncio
from typing import Any

import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.pubsub_v1.types import PubsubMessage, PullResponse, ReceivedMessage

from quizcore.adapters.sources import PULLS, StreamingSource, UnarySource
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
def test_a_lost_ack_or_nack_only_causes_another_delivery(kind: Source) -> None:
    async def work() -> list[str]:
        client = AwayClient()
        source = kind(client, "projects/p/subscriptions/s")
        await source.ack([Delivery(b"{}", "ack-1")])
        await source.nack([Delivery(b"{}", "ack-2")])
        return client.asked

    assert asyncio.run(work()) == ["acknowledge", "modify_ack_deadline"]


class LateClient:
    """A subscriber whose pulls answer when the test says so."""

    def __init__(self) -> None:
        self.transport = self
        self.answer = asyncio.Event()
        self.acknowledged: list[str] = []

    async def pull(self, **request: Any) -> PullResponse:
        await self.answer.wait()
        message = PubsubMessage(data=b"{}")
        return PullResponse(received_messages=[ReceivedMessage(ack_id="late", message=message)])

    async def acknowledge(self, *, ack_ids: list[str], **request: Any) -> None:
        self.acknowledged += ack_ids

    async def close(self) -> None:
        return None


def test_messages_of_a_pull_are_received_while_the_worker_ends() -> None:
    async def work() -> None:
        client = LateClient()
        source = UnarySource(client, "projects/p/subscriptions/s")
        await source.start()
        await asyncio.sleep(0)
        closing = asyncio.create_task(source.close())
        await asyncio.sleep(0)
        client.answer.set()
        for _ in range(PULLS):
            await source.ack(await source.receive())
        assert list(await source.receive()) == [], "closed"
        await closing
        await source.stop(1.0)

        assert client.acknowledged == ["late"] * PULLS

    asyncio.run(work())
