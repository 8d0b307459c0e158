"""Live sessions: a host who opens question after question, and players who answer at random moments."""

import asyncio
import random
import time
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from devstack import player as players
from devstack.player import ApiProblem, Player
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.sources import PULL_TIMEOUT_S
from quizcore.domain.commands import following
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.layout import Layout
from quizcore.ports import Snapshot
from tests.support.live import Live, now_ms, open_live

QUESTIONS = 200
LIMIT_MS = 6_000
LOOK_S = 0.1
COUNTED_LOOK_S = 0.1
RECOVERED_WITHIN_S = 60.0
REST_S = 300.0
STYLES: tuple[dict[str, Any], ...] = (
    {"reveal": "on_close"},
    {"reveal": "on_answer", "streak_bonus": True},
    {"reveal": "on_close", "shards": 2},
)


@dataclass(slots=True)
class Game:
    """One session. `accepted`: each receipt that its players got, whose it is, and since when (s, monotonic)."""

    live: Live
    rng: random.Random
    session: dict[str, Any] = field(default_factory=dict)
    accepted: dict[str, tuple[str, float]] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    given_up: int = 0
    over: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, crowd: int) -> None:
        joined = await self.live.join(crowd)
        self.live.store.listen(documents.session_path(self.live.session_id), self._hear_session)
        self.tasks = [asyncio.create_task(self._host()), *(asyncio.create_task(self._play(p)) for p in joined)]

    async def end(self) -> bool:
        """Finish and wait for the podium; whether it came."""
        self.over = True
        await asyncio.gather(*self.tasks)
        while self.session["state"] != "finished":
            with suppress(ApiProblem, httpx.HTTPError):
                await self.live.command("finish")
            await asyncio.sleep(1)
        deadline = time.monotonic() + REST_S
        while not self._handed_on and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_S)
        return bool(self.session["final"])

    @property
    def _handed_on(self) -> bool:
        return bool(self.session["final"]) and self.session["due_at"] is None

    async def recovered(self, over_at: float) -> float:
        """How long answers waited at most until the board counted them, after a fault that was over at that moment (s):
        all that had been given, and those that were given while a pull whose connection is gone could still take them
        with it; at least one after the fault."""
        deadline, longest, awaited = over_at + RECOVERED_WITHIN_S, 0.0, None
        while time.monotonic() < deadline:
            if awaited is None and time.monotonic() > over_at + PULL_TIMEOUT_S:
                awaited = set(self.accepted) if any(at > over_at for _, at in self.accepted.values()) else None
            missing = (awaited or self.accepted.keys()) - self.counted
            if missing:
                found = missing & await asyncio.to_thread(self._shown, {self.accepted[each][0] for each in missing})
                now = time.monotonic()
                longest = max(longest, *(now - max(over_at, self.accepted[each][1]) for each in found), 0.0)
                self.counted |= found
                missing -= found
            if awaited is not None and not missing:
                return longest
            await asyncio.sleep(COUNTED_LOOK_S)
        return RECOVERED_WITHIN_S

    def _shown(self, player_ids: Set[str]) -> set[str]:
        """The answers of these players in the documents (counted, refused, or held until the reveal), if the public
        board shows them."""
        store, session_id = self.live.store, self.live.session_id
        found: set[str] = set()
        for player in store.get_many([documents.player_path(session_id, each) for each in player_ids]).values():
            held = (*player.data["answers"].values(), *player.data["refused"])
            found.update(one["receipt"] for one in held)
        for entry in store.list(documents.journal_path(session_id)):
            found.update(one["receipt"] for one in entry.data["entries"])
        return found if self._is_merged() else set()

    def _is_merged(self) -> bool:
        """Whether the public board shows the last commit of every shard."""
        session_id, shards = self.live.session_id, self.session["shards"]
        if shards == 1:
            return True
        top = documents.board_path(session_id)
        paths = [Layout(session_id, shards).fence(shard) for shard in range(shards)]
        found = self.live.store.get_many([top, *paths])
        return bool(found[top].data["shards"] == {str(n): found[path].data["seq"] for n, path in enumerate(paths)})

    def _hear_session(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.session = snapshot.data

    async def _host(self) -> None:
        while not self.over:
            index = self.session.get("question_index")
            if self.session.get("state") in {"lobby", "closed"} and index != QUESTIONS - 1:
                with suppress(ApiProblem, httpx.HTTPError):
                    await self.live.command("next", question_index=following(index))
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
            sent_at = time.monotonic()
            try:
                receipt = await players.answer(
                    self.live.http, self.live.ends, player, index, choices=[self.rng.randrange(3)]
                )
            except (ApiProblem, httpx.HTTPError):
                self.given_up += 1  # nothing was promised; it may be counted all the same
            else:
                self.accepted[receipt.event_id] = (player.player_id, sent_at)


async def open_games(stack: Stack, http: httpx.AsyncClient, seed: int, crowd: int) -> list[Game]:
    words = [
        Question(f"word {n}", Kind.SINGLE, (n % 3,), ("one", "two", "three"), time_limit_ms=LIMIT_MS)
        for n in range(QUESTIONS)
    ]
    games = []
    for number, style in enumerate(STYLES):
        live = await open_live(stack, http, Quiz("Words", "en", tuple(words)), auto_close=True, **style)
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 (a seed, no secret)
        games.append(Game(live, rng))
        await games[-1].begin(crowd)
    return games
