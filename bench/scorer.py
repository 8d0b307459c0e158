"""The scorer's throughput: alone, compared with a transaction per answer, and over the bus."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from google.cloud import firestore

from bench.props import PLAYERS, BenchSession, answers, count_wrong, set_up
from devstack.stack import Stack, create_topics
from quizcore.adapters.channels import publisher_client
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.memory import MemoryBus, MemorySource
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.messages import Message
from quizcore.ports import Write
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.wiring import Outside, build_engine, connect

Source = Literal["streaming", "unary"]
SOURCES: tuple[Source, ...] = ("streaming", "unary")
OVER_BUS = {"streaming": 50_000, "unary": 10_000}  # answers; `unary` is slow
POLL_S = 0.005
STOP_S = 2.0
PUBLISH_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """`wrong` counts answers that were lost or counted twice. `commits` holds the writes of each commit that counted
    answers."""

    per_s: float
    answers: int
    session_id: str
    wrong: int = 0
    commits: list[list[Write]] = field(default_factory=list)


class RecordingStore(FirestoreStore):
    """Records its commits, so that `instead.commits_again` can repeat them."""

    def __init__(self, client: firestore.Client, telemetry: Telemetry) -> None:
        super().__init__(client, telemetry)
        self.commits: list[list[Write]] = []

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        versions = super().commit(writes)
        self.commits.append(list(writes))
        return versions


def from_memory(stack: Stack) -> Rate:
    """The scorer with answers from the in-memory source and commits to the Firestore emulator."""
    session = set_up(stack)
    return asyncio.run(_score_from_memory(stack, session))


async def _score_from_memory(stack: Stack, session: BenchSession) -> Rate:
    bus, telemetry = MemoryBus(), Telemetry()
    settings = WorkerSettings(project=stack.project, orphan_check_s=60, shard_players_most=10 * PLAYERS)
    outside = Outside(
        MemorySource(bus, POLL_S),
        RecordingStore(firestore.Client(project=stack.project), telemetry),
        bus,
        SystemClock(),
        RandomIds(),
    )
    return await _score(outside, settings, telemetry, session, bus.publish)


async def _score(
    outside: Outside,
    settings: WorkerSettings,
    telemetry: Telemetry,
    session: BenchSession,
    publish: Any,
    most: int | None = None,
) -> Rate:
    """Send the joins and openings, then measure the answers."""
    stop = asyncio.Event()
    engine = build_engine(outside, settings, telemetry)
    running = asyncio.create_task(engine.run(stop))
    await asyncio.to_thread(publish, session.setup)
    await _acknowledged(telemetry, len(session.setup))
    todo = answers(session)[:most]
    before = len(outside.store.commits) if isinstance(outside.store, RecordingStore) else 0
    began = time.monotonic()
    await asyncio.to_thread(publish, todo)
    await _acknowledged(telemetry, len(session.setup) + len(todo))
    took = time.monotonic() - began
    commits = outside.store.commits[before:] if isinstance(outside.store, RecordingStore) else []
    stop.set()
    await running
    wrong = await asyncio.to_thread(count_wrong, session, todo)
    return Rate(len(todo) / took, len(todo), session.session_id, wrong, commits)


async def _acknowledged(telemetry: Telemetry, count: int) -> None:
    while telemetry.snapshot()["messages_acknowledged"] < count:
        await asyncio.sleep(POLL_S)


class BenchTopic:
    """A topic with a subscription `{name}-reader`, for the messages of one session."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.topic, self.reader = name, f"{name}-reader"
        create_topics(stack.emulators, self.topic, self.reader)
        client = publisher_client(stack.emulators.host("pubsub"))
        path = client.topic_path(stack.project, self.topic)
        self._publisher = PubSubPublisher(client, path, path, 30.0, Telemetry())

    def publish(self, messages: Sequence[Message]) -> None:
        for start in range(0, len(messages), PUBLISH_AT_ONCE):
            self._publisher.publish(messages[start : start + PUBLISH_AT_ONCE])

    def settings(self, stack: Stack, source: Source) -> WorkerSettings:
        return WorkerSettings(
            project=stack.project,
            topic=self.topic,
            subscription=self.reader,
            source=source,
            orphan_check_s=60,
            shard_players_most=10 * PLAYERS,
        )


def bus_alone(stack: Stack, source: Source, name: str) -> Rate:
    """The same messages through the same source, acknowledged at once, without fold or commit."""
    session = set_up(stack)
    topic = BenchTopic(stack, name)

    async def drain() -> float:
        outside = connect(topic.settings(stack, source), Telemetry())
        await outside.source.start()
        todo = answers(session)[: OVER_BUS[source]]
        began = time.monotonic()
        sending = asyncio.create_task(asyncio.to_thread(topic.publish, todo))
        left = len(todo)
        while left > 0:
            batch = await outside.source.receive()
            await outside.source.ack(batch)
            left -= len(batch)
        took = time.monotonic() - began
        await sending
        await outside.source.stop(STOP_S)
        return len(todo) / took

    return Rate(asyncio.run(drain()), OVER_BUS[source], session.session_id)


def over_bus(stack: Stack, source: Source, name: str) -> Rate:
    """The scorer with answers from the Pub/Sub emulator and commits to the Firestore emulator."""
    session = set_up(stack)
    topic = BenchTopic(stack, name)

    async def score() -> Rate:
        telemetry = Telemetry()
        settings = topic.settings(stack, source)
        outside = connect(settings, telemetry)
        return await _score(outside, settings, telemetry, session, topic.publish, OVER_BUS[source])

    return asyncio.run(score())
