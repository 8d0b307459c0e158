"""The promises of every event source and of every bus, tested on the twin and on the Pub/Sub emulator."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from devstack.stack import Stack, create_topics
from quizcore.adapters.channels import publisher_client, subscriber_client
from quizcore.adapters.memory import MemoryBus, MemorySource
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.adapters.sources import StreamingSource, UnarySource
from quizcore.messages import Message, PlayerJoined, decode
from quizcore.ports import Delivery, EventSource, Publisher, SourceEnded
from quizcore.telemetry import Telemetry
from tests.support.cloud_twin import CloudTwin

REDELIVERY_S = 120.0
QUIET_S = 1.0
STOP_S = 2.0
MANY = 2_600
OF_A_KEY = 50  # the emulator has one batch of a key out at a time
_numbers = count(1)


@dataclass(slots=True)
class Bus:
    """A fresh topic with one subscription, and how to read it."""

    publisher: Publisher
    make_source: Callable[[], EventSource]


@pytest.fixture(params=["memory", "unary", "streaming", "unary twin", "streaming twin"], name="bus")
def _bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """The emulator, and the twin, which refuses what the emulator lets pass."""
    way, _, twin = request.param.partition(" ")
    if way == "memory":
        memory = MemoryBus()
        yield Bus(memory, lambda: MemorySource(memory))
    elif twin:
        with CloudTwin() as cloud:
            yield _bus_at(cloud.address, "demo-twin", way, "contract")
            assert cloud.refused == []
    else:
        stack: Stack = request.getfixturevalue("stack")
        name = f"contract-{way}-{next(_numbers)}"
        create_topics(stack.emulators, name, f"{name}-reader")
        yield _bus_at(stack.emulators.host("pubsub"), stack.project, way, name)


def _bus_at(host: str, project: str, way: str, name: str) -> Bus:
    client = publisher_client(host)
    kind = {"unary": UnarySource, "streaming": StreamingSource}[way]
    return Bus(
        PubSubPublisher(
            client, client.topic_path(project, name), client.topic_path(project, f"{name}-dead"), 5.0, Telemetry()
        ),
        lambda: kind(subscriber_client(host), f"projects/{project}/subscriptions/{name}-reader"),
    )


def joined(number: int, session_id: str = "s1") -> Message:
    return PlayerJoined(
        event_id=f"e{number}", session_id=session_id, shard=0, at=number, player_id="p", nickname="n", avatar="fox"
    )


async def receive(source: EventSource, wanted: int, timeout_s: float = REDELIVERY_S) -> list[Delivery]:
    found: list[Delivery] = []
    async with asyncio.timeout(timeout_s):
        while len(found) < wanted:
            found += await source.receive()
    return found


async def at_hand(source: EventSource) -> list[Delivery]:
    """All that is delivered before anything is acknowledged, up to `MANY`."""
    found: list[Delivery] = []
    while len(found) < MANY:
        try:
            found += await receive(source, 1, QUIET_S)
        except TimeoutError:
            break
    return found


def ids(deliveries: list[Delivery]) -> list[str]:
    return [decode(delivery.body).event_id for delivery in deliveries]


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 600))


def test_published_messages_are_delivered_with_their_attributes_in_order_of_their_key(bus: Bus) -> None:
    async def work() -> None:
        source = bus.make_source()
        await source.start()
        bus.publisher.publish([joined(n) for n in range(5)])
        found = await receive(source, 5)
        await source.ack(found)
        await source.stop(STOP_S)

        assert ids(found) == ["e0", "e1", "e2", "e3", "e4"]
        assert [dict(d.attributes) for d in found] == [{"type": "player_joined", "v": "1"}] * 5

    run(work)


def test_only_unacknowledged_messages_are_redelivered(bus: Bus) -> None:
    async def work() -> None:
        first = bus.make_source()
        await first.start()
        bus.publisher.publish([joined(1, "kept")])
        await first.ack(await receive(first, 1))
        bus.publisher.publish([joined(2, "again")])
        await receive(first, 1)
        await first.stop(STOP_S)

        second = bus.make_source()
        await second.start()
        found = await receive(second, 1)
        await second.ack(found)
        await second.stop(STOP_S)
        assert ids(found) == ["e2"]

    run(work)


def test_nacked_messages_are_redelivered(bus: Bus) -> None:
    async def work() -> None:
        source = bus.make_source()
        await source.start()
        bus.publisher.publish([joined(1)])
        await source.nack(await receive(source, 1))
        again = await receive(source, 1)
        await source.ack(again)
        await source.stop(STOP_S)
        assert ids(again) == ["e1"]

    run(work)


def test_thousands_of_messages_are_acknowledged_and_nacked_at_once(bus: Bus) -> None:
    async def work() -> None:
        source = bus.make_source()
        await source.start()
        bus.publisher.publish([joined(n, f"s{n // OF_A_KEY}") for n in range(MANY)])
        await source.nack(await at_hand(source))
        seen: set[str] = set()
        while len(seen) < MANY:
            found = await at_hand(source)
            await source.ack(found)
            seen |= set(ids(found))
        with pytest.raises(TimeoutError):
            await receive(source, 1, QUIET_S)
        await source.stop(STOP_S)

    run(work)


def test_a_reachable_bus_gives_signs_of_life(bus: Bus) -> None:
    async def work() -> None:
        source = bus.make_source()
        await source.start()
        bus.publisher.publish([joined(1)])
        await source.ack(await receive(source, 1))
        assert 0 <= source.silent_s() < REDELIVERY_S
        await source.stop(STOP_S)

    run(work)


def test_messages_can_be_acknowledged_after_close(bus: Bus) -> None:
    async def work() -> None:
        source = bus.make_source()
        await source.start()
        bus.publisher.publish([joined(1)])
        found = await receive(source, 1)
        await source.close()
        assert await source.receive() == []
        await source.ack(found)
        await source.stop(STOP_S)

        second = bus.make_source()
        await second.start()
        with pytest.raises(TimeoutError):
            await receive(second, 1, QUIET_S)
        await second.stop(STOP_S)

    run(work)


@pytest.mark.parametrize("kind", [UnarySource, StreamingSource])
def test_a_missing_subscription_ends_the_source(stack: Stack, kind: type[UnarySource] | type[StreamingSource]) -> None:
    async def work() -> None:
        source = kind(subscriber_client(stack.emulators.host("pubsub")), f"projects/{stack.project}/subscriptions/none")
        await source.start()
        with pytest.raises(SourceEnded, match="NotFound"):
            await asyncio.wait_for(source.receive(), REDELIVERY_S)
        await source.stop(STOP_S)

    run(work)


@pytest.mark.parametrize("kind", ["unary", "streaming"])
def test_a_slow_batch_keeps_its_lease_past_the_deadline(stack: Stack, kind: str) -> None:
    async def work() -> None:
        name = f"contract-lease-{kind}"
        create_topics(stack.emulators, name, f"{name}-reader")
        host = stack.emulators.host("pubsub")
        client = publisher_client(host)
        topic = client.topic_path(stack.project, name)
        made = {"unary": UnarySource, "streaming": StreamingSource}[kind]
        source = made(subscriber_client(host), f"projects/{stack.project}/subscriptions/{name}-reader")
        await source.start()
        PubSubPublisher(client, topic, topic, 5.0, Telemetry()).publish([joined(1)])
        found = await receive(source, 1)
        with pytest.raises(TimeoutError):
            await receive(source, 1, 13.0)
        await source.ack(found)
        await source.stop(STOP_S)

    run(work)


def test_a_dead_letter_is_stored_with_its_reason(stack: Stack) -> None:
    name = "contract-dead-letter"
    create_topics(stack.emulators, name, f"{name}-reader")
    host, project = stack.emulators.host("pubsub"), stack.project
    client = publisher_client(host)

    async def work() -> None:
        dead = client.topic_path(project, f"{name}-dead")
        publisher = PubSubPublisher(client, client.topic_path(project, name), dead, 5.0, Telemetry())
        publisher.dead_letter(b"\xff{", "not JSON")
        source = UnarySource(subscriber_client(host), f"projects/{project}/subscriptions/{name}-dead-letters")
        await source.start()
        found = await receive(source, 1)
        await source.ack(found)
        await source.stop(STOP_S)
        assert (found[0].body, dict(found[0].attributes)) == (b"\xff{", {"reason": "not JSON"})

    run(work)
