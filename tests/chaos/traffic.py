"""Live sessions: a host who goes from question to question, and players who answer at random moments."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from devstack import player as players
from devstack.player import Player, Refused
from devstack.stack import Stack
from quizcore import documents
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.ports import Snapshot
from tests.support.live import Live, now_ms, open_live

QUESTIONS = 200
LIMIT_MS = 6_000
LOOK_S = 0.1
REST_S = 120.0
STYLES: tuple[dict[str, Any], ...] = (
    {"reveal": "on_close"},
    {"reveal": "on_answer", "streak_bonus": True},
    {"reveal": "on_close", "shards": 2},
)


@dataclass(slots=True)
class Game:
    """One session, what its players were promised, and when its board last changed (s, monotonic)."""

    live: Live
    rng: random.Random
    session: dict[str, Any] = field(default_factory=dict)
    changed_at: float = 0.0
    accepted: list[str] = field(default_factory=list)
    given_up: int = 0
    over: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, crowd: int) -> None:
        joined = await self.live.join(crowd)
        self.live.store.listen(documents.session_path(self.live.session_id), self._hear_session)
        self.live.store.listen(documents.board_path(self.live.session_id), self._hear_board)
        self.tasks = [asyncio.create_task(self._host()), *(asyncio.create_task(self._play(p)) for p in joined)]

    async def end(self) -> bool:
        """Finish and wait for the podium; whether it came."""
        self.over = True
        await asyncio.gather(*self.tasks)
        while self.session["state"] != "finished":
            with suppress(Refused, httpx.HTTPError):
                await self.live.command("finish")
            await asyncio.sleep(1)
        deadline = time.monotonic() + REST_S
        while not self.session["final"] and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_S)
        return bool(self.session["final"])

    def _hear_session(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.session = snapshot.data

    def _hear_board(self, _: Snapshot | None) -> None:
        self.changed_at = time.monotonic()

    async def _host(self) -> None:
        while not self.over:
            index = self.session.get("question_index")
            if self.session.get("state") in {"lobby", "closed"} and index != QUESTIONS - 1:
                with suppress(Refused, httpx.HTTPError):
                    await self.live.command("next")
                    await self._until_moved(index)
            await asyncio.sleep(LOOK_S)

    async def _until_moved(self, index: int | None) -> None:
        """A second `next` before the first has shown is only noise."""
        for _ in range(int(5 / LOOK_S)):
            if self.session["question_index"] != index:
                return
            await asyncio.sleep(LOOK_S)

    async def _play(self, player: Player) -> None:
        answered: set[int] = set()
        while not self.over:
            await asyncio.sleep(LOOK_S)
            index = self.session.get("question_index")
            if index is None or self.session["state"] != "question" or index in answered:
                continue
            answered.add(index)
            at = self.session["opened_at"] + self.rng.uniform(0, LIMIT_MS - 200)
            await asyncio.sleep(max(0.0, at - now_ms()) / 1000)
            try:
                receipt = await players.answer(
                    self.live.http, self.live.ends, player, index, choices=[self.rng.randrange(3)]
                )
            except (Refused, httpx.HTTPError):
                self.given_up += 1  # nothing was promised; it may be counted all the same
            else:
                self.accepted.append(receipt.event_id)


async def open_games(stack: Stack, http: httpx.AsyncClient, seed: int, crowd: int) -> list[Game]:
    words = [
        Question(f"word {n}", Kind.SINGLE, (n % 3,), ("one", "two", "three"), time_limit_ms=LIMIT_MS)
        for n in range(QUESTIONS)
    ]
    games = []
    for number, style in enumerate(STYLES):
        live = await open_live(stack, http, Quiz("Words", "en", tuple(words)), **style)
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 (a seed, no secret)
        games.append(Game(live, rng))
        await games[-1].begin(crowd)
    return games
