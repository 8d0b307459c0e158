"""The faults of a cluster, by kind. Each function waits until its fault has happened, and returns when the fault was
over."""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable

from tests.chaos.cluster import Cluster, Slot
from tests.chaos.line import Line, Moment, Trap

LEASE_S = 10.0
TRAPPED_WITHIN_S = 60.0
COMMIT, ANSWER, QUIZ, SUBSCRIPTION = b"commit_id", b"answer_submitted", b"private/quiz", b"subscriptions/scorer"

# Gives the moment (s, monotonic) from which everything could be well again; None when it did not come about.
Fault = Callable[[Cluster, random.Random], Awaitable[float | None]]


def _killed_at(line: str, moment: Moment, marker: bytes) -> Fault:
    async def fault(cluster: Cluster, rng: random.Random) -> float | None:
        slot = rng.choice([slot for slot in cluster.workers if slot.up] or cluster.workers)
        return await _trapped(getattr(slot, line), Trap(moment, marker, slot.kill))

    return fault


async def _killed_while_loading(cluster: Cluster, rng: random.Random) -> float | None:
    """Two deaths: of a worker, and of its successor while it reads what the first has left."""
    slot = rng.choice(cluster.workers)
    slot.kill()
    return await _trapped(slot.store, Trap("content", QUIZ, slot.kill))


async def _paused(cluster: Cluster, rng: random.Random) -> float | None:
    """Past the lease: its messages go to the other, and it wakes up as a writer who has lost its place."""
    slot = rng.choice(cluster.workers)
    slot.send(signal.SIGSTOP)
    await asyncio.sleep(LEASE_S + rng.uniform(1, 4))
    slot.send(signal.SIGCONT)
    return time.monotonic()


async def _stopped(cluster: Cluster, rng: random.Random) -> float | None:
    """SIGTERM as a batch comes in."""
    slot = rng.choice(cluster.workers)
    slot.send(signal.SIGTERM)
    return time.monotonic()


async def _api_killed(cluster: Cluster, _: random.Random) -> float | None:
    api = _api(cluster)
    return await _trapped(api.bus, Trap("reply", ANSWER, api.kill))


async def _reply_reset(cluster: Cluster, rng: random.Random) -> float | None:
    slot = rng.choice(cluster.workers)
    return await _trapped(slot.store, Trap("reply", COMMIT, lambda: None))


async def _connections_reset(cluster: Cluster, rng: random.Random) -> float | None:
    _any_line(cluster, rng).reset()
    return time.monotonic()


async def _delayed(cluster: Cluster, rng: random.Random) -> float | None:
    line = _any_line(cluster, rng)
    line.delay_s = rng.uniform(0.1, 0.6)
    await asyncio.sleep(rng.uniform(0.5, 3))
    line.delay_s = 0.0
    return time.monotonic()


async def _throttled(cluster: Cluster, rng: random.Random) -> float | None:
    line = _any_line(cluster, rng)
    line.bytes_a_s = rng.randint(20_000, 80_000)
    await asyncio.sleep(rng.uniform(0.5, 3))
    line.bytes_a_s = None
    return time.monotonic()


async def _cut(cluster: Cluster, rng: random.Random) -> float | None:
    seconds = rng.choice((0.5, 1, 2, 3, 5, 8, 15))
    _any_line(cluster, rng).cut(seconds)
    await asyncio.sleep(seconds)
    return time.monotonic()


async def _cut_for_a_minute(cluster: Cluster, rng: random.Random) -> float | None:
    slot = rng.choice(cluster.workers)
    rng.choice((slot.store, slot.bus)).cut(60)
    await asyncio.sleep(60)
    return time.monotonic()


async def _trapped(line: Line, trap: Trap) -> float | None:
    line.set_trap(trap)
    try:
        async with asyncio.timeout(TRAPPED_WITHIN_S):
            await trap.sprung.wait()
    except TimeoutError:
        return None
    finally:
        line.set_trap(None)
    return time.monotonic()


def _any_line(cluster: Cluster, rng: random.Random) -> Line:
    slot = rng.choice([*cluster.workers, _api(cluster)])
    return rng.choice((slot.store, slot.bus))


def _api(cluster: Cluster) -> Slot:
    assert cluster.api is not None
    return cluster.api


FAULTS: dict[str, Fault] = {
    "worker killed: as a batch is delivered": _killed_at("bus", "content", ANSWER),
    "worker killed: before its commit arrives": _killed_at("store", "request", COMMIT),
    "worker killed: after its commit, before the reply": _killed_at("store", "reply", COMMIT),
    "worker killed: as it acknowledges": _killed_at("bus", "request", SUBSCRIPTION),
    "worker killed: while its successor loads": _killed_while_loading,
    "worker paused past its lease": _paused,
    "worker told to stop in mid-batch": _stopped,
    "API killed between publish and reply": _api_killed,
    "reply of a commit reset": _reply_reset,
    "connections reset": _connections_reset,
    "line delayed": _delayed,
    "line throttled": _throttled,
    "line cut": _cut,
    "line cut for a minute": _cut_for_a_minute,
}
# How often each comes in a deck: what takes long comes seldom.
SHARES = dict.fromkeys(FAULTS, 2) | {
    "reply of a commit reset": 16,
    "connections reset": 14,
    "line delayed": 8,
    "line throttled": 6,
    "line cut": 4,
    "worker told to stop in mid-batch": 6,
    "API killed between publish and reply": 3,
    "worker paused past its lease": 1,
    "line cut for a minute": 0,
}


def deck(rng: random.Random, faults: int) -> list[str]:
    """So many names, every kind among them as far as they reach; at least one long cut in a long run."""
    kinds = [name for name in FAULTS if SHARES[name]]
    cards = rng.sample(kinds, len(kinds))
    while len(cards) < faults:
        more = [name for name, share in SHARES.items() for _ in range(share)]
        cards += rng.sample(more, len(more))
    cards = cards[:faults]
    if faults >= 100:
        cards[len(cards) // 2] = "line cut for a minute"
    return cards
