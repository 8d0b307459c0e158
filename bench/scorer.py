"""How fast the scorer is: alone, against a transaction per answer, and over the bus."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from google.cloud import firestore

from bench.props import PLAYERS, Game, answers, count_wrong, set_up
from devstack.stack import Stack, create_topics
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.memory import MemoryBus, MemorySource
from quizcore.adapters.pubsub import PubSubPublisher, publisher_client
from quizcore.messages import Message
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.wiring import Outside, build_engine, connect

Source = Literal["streaming", "unary"]
BASELINE_ANSWERS = 1_500
BASELINE_THREADS = 16
POLL_S = 0.005
PUBLISH_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """`wrong` counts answers that were lost or counted twice."""

    per_s: float
    wrong: int = 0
    writes_per_answer: float | None = None


def from_memory(stack: Stack) -> Rate:
    """The scorer alone: answers from the in-memory source, commits to the Firestore emulator."""
    game = set_up(stack)
    return asyncio.run(_score_from_memory(stack, game))


async def _score_from_memory(stack: Stack, game: Game) -> Rate:
    bus, telemetry = MemoryBus(), Telemetry()
    settings = WorkerSettings(project=stack.project, orphan_check_s=60)
    outside = Outside(
        MemorySource(bus, POLL_S),
        FirestoreStore(firestore.Client(project=stack.project), telemetry),
        bus,
        SystemClock(),
        RandomIds(),
    )
    return await _score(outside, settings, telemetry, game, bus.publish)


async def _score(outside: Outside, settings: WorkerSettings, telemetry: Telemetry, game: Game, publish: Any) -> Rate:
    """Joins and openings first, then the answers with the clock running."""
    stop = asyncio.Event()
    engine = build_engine(outside, settings, telemetry)
    running = asyncio.create_task(engine.run(stop))
    await asyncio.to_thread(publish, game.opening)
    await _acknowledged(telemetry, len(game.opening))
    before = telemetry.snapshot()
    todo = answers(game)
    began = time.monotonic()
    await asyncio.to_thread(publish, todo)
    await _acknowledged(telemetry, len(game.opening) + len(todo))
    took = time.monotonic() - began
    written = telemetry.snapshot()["documents_written"] - before["documents_written"]
    stop.set()
    await running
    return Rate(len(todo) / took, await asyncio.to_thread(count_wrong, game, todo), written / len(todo))


async def _acknowledged(telemetry: Telemetry, count: int) -> None:
    while telemetry.snapshot()["messages_acknowledged"] < count:
        await asyncio.sleep(POLL_S)


def transaction_per_answer(stack: Stack, threads: int) -> Rate:
    """The tutorial's way: read the player in a transaction, add the points, write."""
    client = firestore.Client(project=stack.project)
    players = [client.document(f"baseline/{threads}-{n}") for n in range(PLAYERS)]
    for player in players[:BASELINE_ANSWERS]:
        player.set({"score": 0, "answers": {}})

    def count(number: int) -> None:
        player = players[number % PLAYERS]

        @firestore.transactional  # type: ignore[untyped-decorator] # the library's
        def add(transaction: firestore.Transaction) -> None:
            found = player.get(transaction=transaction).to_dict()
            answer = {str(number // PLAYERS): {"choices": [1], "points": 1000}}
            fields = {"score": found["score"] + 1000, "answers": {**found["answers"], **answer}}
            transaction.update(player, fields)

        add(client.transaction())

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(count, range(BASELINE_ANSWERS)))
    return Rate(BASELINE_ANSWERS / (time.monotonic() - began))


class Published:
    """A topic of its own with all answers of a game on it, as a backlog or while they are read."""

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
        )


def bus_alone(stack: Stack, source: Source, name: str) -> Rate:
    """The same messages through the same source, acknowledged at once: nobody folds or commits."""
    game = set_up(stack)
    published = Published(stack, name)

    async def drain() -> float:
        outside = connect(published.settings(stack, source), Telemetry())
        await outside.source.start()
        todo = answers(game)
        began = time.monotonic()
        sending = asyncio.create_task(asyncio.to_thread(published.publish, todo))
        left = len(todo)
        while left > 0:
            batch = await outside.source.receive()
            await outside.source.ack(batch)
            left -= len(batch)
        took = time.monotonic() - began
        await sending
        await outside.source.stop()
        return len(todo) / took

    return Rate(asyncio.run(drain()))


def over_bus(stack: Stack, source: Source, name: str) -> Rate:
    game = set_up(stack)
    published = Published(stack, name)

    async def score() -> Rate:
        telemetry = Telemetry()
        settings = published.settings(stack, source)
        outside = connect(settings, telemetry)
        return await _score(outside, settings, telemetry, game, published.publish)

    return asyncio.run(score())
