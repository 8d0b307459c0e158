"""The sources and the publisher against a Pub/Sub with the behaviour of Google's service that the emulator lacks."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator

import grpc
import pytest
from google.pubsub_v1 import types

from quizcore.adapters import sources
from quizcore.adapters.channels import publisher_client, subscriber_client
from quizcore.adapters.leased import BACKOFF_FIRST_S, BACKOFF_MOST_S
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.adapters.sources import STREAMS, StreamingSource, UnarySource
from quizcore.adapters.subscription import subscription_faults
from quizcore.messages import Message, PlayerJoined, decode
from quizcore.ports import BusUnavailable, Delivery, SourceEnded
from quizcore.telemetry import Telemetry
from tests.support.cloud_twin import PUBLISHED_MOST, CloudTwin
from tests.support.eventually import PATIENCE_S, until

TOPIC = "projects/p/topics/t"
READER = "projects/p/subscriptions/t-reader"
STOP_S = 2.0
MANY = 6_000


@pytest.fixture(name="twin")
def _twin() -> Iterator[CloudTwin]:
    with CloudTwin() as twin:
        yield twin


class Pauses:
    """A sleep that takes no time; the pauses that were asked for (s)."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0)


def publisher(twin: CloudTwin, timeout_s: float = 5.0) -> PubSubPublisher:
    return PubSubPublisher(publisher_client(twin.address), TOPIC, f"{TOPIC}-dead", timeout_s, Telemetry())


def joined(number: int) -> Message:
    return PlayerJoined(
        event_id=f"e{number}", session_id="s", shard=0, at=number, player_id="p", nickname="n", avatar="fox"
    )


async def publish_many(twin: CloudTwin) -> None:
    sender = publisher(twin)
    for first in range(0, MANY, PUBLISHED_MOST):
        messages = [joined(number) for number in range(first, first + PUBLISHED_MOST)]
        await asyncio.to_thread(sender.publish, messages)


async def received(source: StreamingSource | UnarySource, wanted: int) -> list[Delivery]:
    found: list[Delivery] = []
    while len(found) < wanted:
        found += await source.receive()
    return found


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 100))


def test_after_two_thousand_closings_a_stream_still_receives_and_no_pause_exceeds_the_back_off(
    twin: CloudTwin,
) -> None:
    twin.closings.left = 2_000
    pauses = Pauses()

    async def work() -> None:
        source = StreamingSource(subscriber_client(twin.address), READER, pauses.sleep)
        await source.start()
        await until(lambda: twin.closings.done == 2_000, "every closing", 60)
        await asyncio.to_thread(publisher(twin).publish, [joined(1)])
        found = await received(source, 1)
        await source.ack(found)
        await source.stop(STOP_S)
        assert [decode(one.body).event_id for one in found] == ["e1"]

    random.seed(1)
    run(work)
    assert len(pauses.asked) == 2_000
    assert BACKOFF_MOST_S * 0.9 < max(pauses.asked) <= BACKOFF_MOST_S


def test_the_end_of_a_stream_that_delivered_messages_is_not_a_failure(twin: CloudTwin) -> None:
    twin.closings.left, twin.closings.after_an_ack = 20, True
    pauses = Pauses()

    async def work() -> None:
        source = StreamingSource(subscriber_client(twin.address), READER, pauses.sleep)
        await source.start()
        sender = publisher(twin)
        for number in range(21):
            await asyncio.to_thread(sender.publish, [joined(number)])
            await source.ack(await received(source, 1))
        await until(lambda: len(pauses.asked) == 20, "every closing")
        await source.stop(STOP_S)

    run(work)
    assert max(pauses.asked) <= BACKOFF_FIRST_S


def test_the_end_of_a_stream_that_was_silent_for_half_an_hour_is_not_a_failure(twin: CloudTwin) -> None:
    twin.closings.left = 40
    pauses = Pauses()
    half_hours = iter(range(0, 10**9, 1_800))

    async def work() -> None:
        # Each reading of the clock is half an hour after the last one.
        client = subscriber_client(twin.address)
        source = StreamingSource(client, READER, pauses.sleep, now=lambda: float(next(half_hours)))
        await source.start()
        await until(lambda: len(pauses.asked) == 40, "every closing")
        await source.stop(STOP_S)

    run(work)
    assert max(pauses.asked) <= BACKOFF_FIRST_S


def test_a_stream_whose_keep_alives_get_no_more_responses_is_replaced(
    twin: CloudTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PING_S", 0.05)
    monkeypatch.setattr(sources, "PONG_S", 0.2)

    async def work() -> None:
        source = StreamingSource(subscriber_client(twin.address), READER, Pauses().sleep)
        await source.start()
        await until(lambda: source._answers_pings, "an answer to a keep-alive")
        opened = twin.opened
        with twin.change():
            twin.silent = True
        await until(lambda: twin.opened > opened, "another stream")
        with twin.change():
            twin.silent = False
        await asyncio.to_thread(publisher(twin).publish, [joined(1)])
        await source.ack(await received(source, 1))
        await source.stop(STOP_S)

    run(work)
    assert {first.protocol_version for first in twin.first_requests} == {sources.PROTOCOL}


def test_a_stream_whose_keep_alives_never_get_a_response_is_kept(
    twin: CloudTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PING_S", 0.02)
    monkeypatch.setattr(sources, "PONG_S", 0.02)
    twin.answers_pings = False
    pings = []
    known = sources._Stream.over_within

    async def counted(stream: sources._Stream, seconds: float) -> bool:
        pings.append(stream)
        return await known(stream, seconds)

    monkeypatch.setattr(sources._Stream, "over_within", counted)

    async def work() -> None:
        source = StreamingSource(subscriber_client(twin.address), READER, Pauses().sleep)
        await source.start()
        await until(lambda: len(pings) > 20 * STREAMS, "many keep-alives")
        assert source.silent_s() < 5, "the connection stands"
        await source.stop(STOP_S)

    run(work)
    assert twin.opened == STREAMS


@pytest.mark.parametrize("kind", [StreamingSource, UnarySource])
def test_a_reader_that_ends_ends_the_source_and_its_signs_of_life(
    twin: CloudTwin, kind: type[StreamingSource] | type[UnarySource]
) -> None:
    async def work() -> None:
        source = kind(subscriber_client(twin.address), READER)
        await source.start()
        assert source.silent_s() < 60
        next(iter(source._readers.values())).cancel()
        with pytest.raises(SourceEnded, match="a reader of the bus ended"):
            await source.receive()
        assert source.silent_s() == float("inf")
        await source.stop(STOP_S)

    run(work)


@pytest.mark.parametrize("kind", [StreamingSource, UnarySource])
def test_a_bus_that_does_not_respond_gives_no_sign_of_life(
    twin: CloudTwin, kind: type[StreamingSource] | type[UnarySource]
) -> None:
    clock = [100.0]

    async def work() -> None:
        source = kind(subscriber_client("127.0.0.1:1"), READER, Pauses().sleep, now=lambda: clock[0])
        await source.start()
        clock[0] += 500.0
        await asyncio.sleep(0.05)  # time in which a sign of life could come
        assert source.silent_s() == 500.0
        await source.stop(STOP_S)

    run(work)


def test_a_bus_without_messages_gives_a_sign_of_life(twin: CloudTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PING_S", 0.02)
    monkeypatch.setattr(sources, "PULL_TIMEOUT_S", 0.1)
    clock = [100.0]

    async def work() -> None:
        for kind in (StreamingSource, UnarySource):
            source = kind(subscriber_client(twin.address), READER, Pauses().sleep, now=lambda: clock[0])
            await source.start()
            clock[0] += 500.0
            await until(lambda one=source: one.silent_s() == 0.0, "a sign of life")  # type: ignore[misc]
            await source.stop(STOP_S)

    run(work)


@pytest.mark.parametrize("ack_id_chars", [20, 190, 900])
@pytest.mark.parametrize("kind", [StreamingSource, UnarySource])
def test_thousands_of_acks_nacks_and_leases_fit_into_requests_that_the_bus_accepts(
    twin: CloudTwin, kind: type[StreamingSource] | type[UnarySource], ack_id_chars: int
) -> None:
    twin.ack_id_chars = ack_id_chars

    async def work() -> None:
        source = kind(subscriber_client(twin.address), READER)
        await source.start()
        await publish_many(twin)
        found = await received(source, MANY)

        await source._extend([one.ack_id for one in found])
        await source.nack(found)
        again = await received(source, MANY)
        await source.ack(again)
        assert twin.left(READER) == 0
        await source.stop(STOP_S)

    run(work)
    assert twin.refused == []
    assert len(twin.requests) >= 3 * MANY / 2_500


def test_a_stopping_source_nacks_unreceived_messages_at_once(twin: CloudTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ACK_DEADLINE_S", 10 * int(PATIENCE_S))

    async def work() -> None:
        source = StreamingSource(subscriber_client(twin.address), READER)
        await source.start()
        await publish_many(twin)
        await until(lambda: len(source._leased) == MANY, "all are here")
        await source.stop(STOP_S)

        second = StreamingSource(subscriber_client(twin.address), READER)
        await second.start()
        async with asyncio.timeout(PATIENCE_S):  # before their deadline
            await second.ack(await received(second, MANY))
        await second.stop(STOP_S)

    run(work)
    assert twin.refused == []


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ],
)
def test_a_publish_is_retried_after_a_transient_error(twin: CloudTwin, code: grpc.StatusCode) -> None:
    twin.publish_errors.extend([code, code])

    publisher(twin).publish([joined(1)])

    assert twin.left(READER) == 1


def test_a_refused_publish_is_not_retried(twin: CloudTwin) -> None:
    twin.publish_errors.extend([grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAVAILABLE])

    with pytest.raises(BusUnavailable, match="as the test wants it"):
        publisher(twin).publish([joined(1)])

    assert len(twin.publish_errors) == 1


def test_a_publish_without_a_response_is_given_up(twin: CloudTwin) -> None:
    twin.silent = True

    with pytest.raises(BusUnavailable):
        publisher(twin, timeout_s=0.3).publish([joined(1)])


BELGIUM, IOWA = "europe-west1", "us-central1"


@pytest.mark.parametrize(
    ("endpoint", "allowed", "faults"),
    [
        (None, [], []),
        (None, [IOWA], []),
        ("pubsub.googleapis.com", [IOWA], []),
        ("europe-west1-pubsub.googleapis.com:443", [BELGIUM], []),
        ("pubsub.europe-west1.rep.googleapis.com", [BELGIUM], []),
        ("europe-west1-pubsub.googleapis.com:443", [], ["may be stored in any region", BELGIUM]),
        ("europe-west1-pubsub.googleapis.com:443", [IOWA], [f"stored in {IOWA}", BELGIUM]),
        ("europe-west1-pubsub.googleapis.com:443", [BELGIUM, IOWA], [f"stored in {BELGIUM}, {IOWA}", BELGIUM]),
    ],
)
def test_the_topics_store_their_messages_in_the_region_of_the_endpoint(
    twin: CloudTwin, endpoint: str | None, allowed: list[str], faults: list[str]
) -> None:
    policy = types.MessageStoragePolicy(allowed_persistence_regions=allowed)
    for path in (TOPIC, f"{TOPIC}-dead"):
        twin.topics[path] = types.Topic.pb(types.Topic(name=path, message_storage_policy=policy))

    found = subscription_faults(twin.address, endpoint, "p", ("t", "t-dead"), "t-reader")

    assert len(found) == (2 if faults else 0)
    assert all(part in fault for fault in found for part in faults)


def test_a_missing_topic_or_subscription_is_named_with_a_remedy(twin: CloudTwin) -> None:
    twin.missing = {f"{TOPIC}-dead", READER}

    found = subscription_faults(twin.address, None, "p", ("t", "t-dead"), "t-reader")

    assert [fault.partition(":")[0] for fault in found] == [
        "there is no subscription t-reader",
        "there is no topic t-dead",
    ]
