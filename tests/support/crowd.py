"""Two hundred simulated players beside a few browsers, and the times in the board's documents."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from devstack import player as players
from devstack.player import ApiProblem, Endpoints, Player
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.ports import Snapshot
from tests.support.eventually import PATIENCE_S

POLL_S = 0.02
MAY_PASS = (429, 503)


@dataclass(slots=True)
class Boards:
    """When each board was written, by the store's clock (ms since the epoch)."""

    written: dict[int, float] = field(default_factory=dict)

    def hear(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            updated: Any = snapshot.version  # a Timestamp of Firestore
            self.written[snapshot.data["seq"]] = updated.ToMicroseconds() / 1000


async def join_bots(ends: Endpoints, pin: str, count: int) -> list[Player]:
    """In waves: a crowd does not come all at once."""
    wave = 40
    joined: list[Player] = []
    async with players.http_client() as http:
        for first in range(0, count, wave):
            names = (f"Bot {number:03}" for number in range(first, min(first + wave, count)))
            joined += await asyncio.gather(*(players.join(http, ends, pin, name) for name in names))
    return joined


async def answer_rounds(
    ends: Endpoints, store: FirestoreStore, session_id: str, bots: list[Player], rounds: int, spread_s: float, seed: int
) -> int:
    """Every bot answers every question at a random time after it opens. Gives how many answers were accepted."""
    rng = random.Random(seed)  # noqa: S311 (a crowd, no secret)
    accepted = 0
    async with players.http_client(len(bots)) as http:
        for index in range(rounds):
            opened_at = await _opened(store, session_id, index)
            waits = [opened_at + rng.uniform(0.05, spread_s) for _ in bots]
            done = await asyncio.gather(
                *(_answer(http, ends, bot, index, at, rng) for bot, at in zip(bots, waits, strict=True))
            )
            accepted += sum(done)
    return accepted


async def _opened(store: FirestoreStore, session_id: str, index: int) -> float:
    """The moment (s since the epoch) from which answers to the question count."""
    while True:
        found = await asyncio.to_thread(store.get, documents.session_path(session_id))
        if found is not None and found.data["question_index"] == index:
            return float(found.data["opened_at"]) / 1000
        await asyncio.sleep(POLL_S)


async def _answer(
    http: httpx.AsyncClient, ends: Endpoints, bot: Player, index: int, at: float, rng: random.Random
) -> bool:
    """Sent again until it is accepted, as a page does; refused as sent already, it was accepted before."""
    await asyncio.sleep(max(0.0, at - _now_s()))
    choices, give_up_at = [rng.randrange(4)], _now_s() + PATIENCE_S
    while True:
        try:
            await players.answer(http, ends, bot, index, choices=choices)
        except ApiProblem as refused:
            if refused.code == "already_answered":
                return True
            if refused.status not in MAY_PASS or _now_s() > give_up_at:
                raise
        except httpx.TransportError:
            if _now_s() > give_up_at:
                raise
        else:
            return True


def _now_s() -> float:
    return time.time()
