"""Records every message, and compares the accepted answers with the documents."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from google.api_core import exceptions
from google.pubsub_v1.types import Subscription

from devstack.stack import Stack
from quizcore.messages import Message, decode
from quizcore.usecases.verify import Reading, compare, compare_merged, compare_tables, consistent
from tests.chaos.traffic import Game
from tests.simulation.laws import Laws
from tests.support.bus import stack_subscriber
from tests.support.live import now_ms

TOP_K = 20
CHECK_EVERY_S = 3.0


@dataclass(slots=True)
class Witness:
    """A subscription of its own, on a line that never breaks: everything that the bus has taken."""

    stack: Stack
    messages: dict[str, Message] = field(default_factory=dict)  # by the bus's own id
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        subscriber = stack_subscriber(self.stack)
        name = subscriber.subscription_path(self.stack.project, f"witness-{now_ms()}")
        topic = f"projects/{self.stack.project}/topics/session-events"
        subscriber.create_subscription(request=Subscription(name=name, topic=topic, ack_deadline_seconds=60))
        self._thread = threading.Thread(target=self._watch, args=(subscriber, name), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def of(self, session_id: str) -> list[Message]:
        return [message for message in list(self.messages.values()) if message.session_id == session_id]

    def _watch(self, subscriber: object, name: str) -> None:
        quiet_since = time.monotonic()
        while not self._stop.is_set() or time.monotonic() - quiet_since < 2:
            try:
                found = subscriber.pull(subscription=name, max_messages=1_000, timeout=1, retry=None).received_messages  # type: ignore[attr-defined]
            except exceptions.DeadlineExceeded:
                continue
            if found:
                quiet_since = time.monotonic()
                self.messages.update((one.message.message_id, decode(one.message.data)) for one in found)
                subscriber.acknowledge(subscription=name, ack_ids=[one.ack_id for one in found])  # type: ignore[attr-defined]


@dataclass(slots=True)
class Verdict:
    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    looks: int = 0  # at a session's boards, while it was played and at rest
    wrong_boards: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong_boards or self.broken)


def wrong_boards(reading: Reading) -> list[str]:
    """Every field of every document that is not the fold of the players' answers."""
    shards, top = reading.shards, reading.top
    found = [str(difference) for shard in shards for difference in compare(shard)]
    found += map(str, compare_merged(shards, top, reading.groups))
    return found + [str(difference) for difference in compare_tables(reading.tables, shards, top)]


async def look_now_and_then(games: Sequence[Game], verdict: Verdict) -> None:
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        for game in games:
            reading = await asyncio.to_thread(consistent, game.live.store, game.live.session_id)
            if reading.whole:  # else a worker is gone, and its successor has not come yet
                verdict.looks += 1
                verdict.wrong_boards += await asyncio.to_thread(wrong_boards, reading)


def judge(games: Sequence[Game], witness: Witness, verdict: Verdict) -> None:
    """At rest: all laws, by everything that the bus has taken."""
    for game in games:
        live, taken = game.live, witness.of(game.live.session_id)
        by_id = {message.event_id: message for message in taken}
        verdict.accepted += len(game.accepted)
        verdict.lost += [event_id for event_id in game.accepted if event_id not in by_id]
        promised = [by_id[event_id] for event_id in game.accepted if event_id in by_id]
        laws = Laws(live.store, live.session_id, live.game, taken, promised, now_ms, lambda _: None, TOP_K)
        kept = laws.receipts()
        verdict.lost += [message.event_id for message in promised if kept[message.event_id] == 0]
        verdict.doubled += [event_id for event_id, times in kept.items() if times > 1]
        verdict.looks += 1
        verdict.wrong_boards += wrong_boards(consistent(live.store, live.session_id))
        laws.settled()
        if laws.broken:
            verdict.broken.append(laws.broken)
