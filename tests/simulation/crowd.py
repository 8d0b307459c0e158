"""The people of a session, and the API that accepts their requests."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from quizcore import documents
from quizcore.domain.quiz import Question
from quizcore.domain.sheet import REFUSALS_KEPT
from quizcore.messages import (
    AnswerSubmitted,
    Control,
    Message,
    PlayerAdmitted,
    PlayerJoined,
    PlayerRemoved,
    PlayerRenamed,
    PlayersExpected,
    QuestionClosed,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
)
from quizcore.ports import BusUnavailable
from quizcore.shards import PLAYERS_A_SHARD, shard_of
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.submit_answer import check_in_time
from tests.simulation.bus import SimulatedBus
from tests.simulation.loop import Process, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.source import RemotePublisher
from tests.simulation.store import SharedStore
from tests.simulation.worker import Clock, SeededIds

Make = Callable[[dict[str, Any], int], Sequence[Message]]  # shards known and event id, `at`
TRIES = 8
API = "api"
PATIENCE_S = 8.0
CACHE_S = 1.0
LOOK_S = 0.4


@dataclass(slots=True)
class Api:
    """As much of the API as the worker can notice: the time of receipt by a clock that may be behind, shards known
    late, and 202 only in time.

    It takes answers that `submit_answer` refuses, such as early, late and second ones: several instances with old
    caches let some of them through, and the worker must refuse them all.
    """

    loop: SimulatedLoop
    bus: SimulatedBus
    network: Network
    shared: SharedStore
    session_id: str
    behind: Callable[[], int]  # how far the next instance's clock is behind (ms)
    accepted: list[Message] = field(default_factory=list)
    process: Process = field(default_factory=lambda: Process(API))
    clock: Clock = field(init=False)
    _shards: tuple[float, int] = (-CACHE_S, 1)

    def __post_init__(self) -> None:
        self.clock = Clock(self.loop, -self.behind())

    @property
    def session(self) -> dict[str, Any]:
        return self.shared.look(documents.session_path(self.session_id))

    def kill(self) -> None:
        """Another instance takes over at once."""
        self.process.alive = False
        self.process = Process(API)
        self.clock = Clock(self.loop, -self.behind())
        self._shards = (-CACHE_S, 1)

    async def request(self, event_id: str, make: Make) -> bool:
        """Repeated with the same id until there is an answer; whether there was one."""
        for attempt in range(TRIES):
            reply: asyncio.Future[None] = self.loop.create_future()
            self.loop.create_task(self._handle(event_id, make, reply), context=self.process.context)
            with suppress(TimeoutError, BusUnavailable, Rejected):
                async with asyncio.timeout(PATIENCE_S):
                    await reply
                    return True
            await asyncio.sleep(0.2 * 2**attempt)
        return False

    async def _handle(self, event_id: str, make: Make, reply: "asyncio.Future[None]") -> None:
        clock = self.clock
        at = clock.now_ms()
        base = {"event_id": event_id, "session_id": self.session_id, "at": at}
        messages = make(base, self._known_shards())
        try:
            if messages:
                await RemotePublisher(self.bus, self.process, self.network).sent(messages)
        except BusUnavailable as error:
            if not reply.done():
                reply.set_exception(error)
        else:
            self._accept(messages, at, clock, reply)

    def _accept(self, messages: Sequence[Message], at: int, clock: Clock, reply: "asyncio.Future[None]") -> None:
        """An answer that took too long may be on the bus, but is not accepted."""
        if reply.done():
            return
        try:
            check_in_time(clock, at)
        except Rejected as error:
            reply.set_exception(error)
        else:
            self.accepted += messages
            reply.set_result(None)

    def _known_shards(self) -> int:
        read_at, shards = self._shards
        if self.loop.time() - read_at > CACHE_S:
            shards = self.session["shards"]
            self._shards = (self.loop.time(), shards)
        return shards


@dataclass(slots=True)
class Crowd:
    """Players who answer too early, too late, twice, and from two devices; and a host who is in a hurry."""

    loop: SimulatedLoop
    rng: random.Random
    api: Api
    ids: SeededIds
    questions: Sequence[Question]
    auto_advance: bool
    approval: bool
    prompt: bool  # everybody answers in the first half of the time
    done: int = 0

    async def play(self, player_id: str) -> None:
        await asyncio.sleep(self.rng.uniform(0, 6))
        await self._send(PlayerJoined, player_id, nickname=player_id.title(), avatar="fox")
        answered: set[int] = set()
        while (session := self.api.session)["state"] != "finished":
            index = session["question_index"]
            if session["state"] == "question" and index not in answered:
                answered.add(index)
                await self._answer(player_id, index, session["opened_at"])
            await asyncio.sleep(self.rng.uniform(0, LOOK_S))
        self.done += 1

    async def _answer(self, player_id: str, index: int, opened_at: int) -> None:
        limit_s = self.questions[index].time_limit_ms / 1000
        after_s = self.rng.uniform(0, limit_s / 2) if self.prompt else self.rng.uniform(-0.3, limit_s + 1.0)
        moment = opened_at / 1000 + after_s
        await asyncio.sleep(max(0.0, moment - Clock(self.loop).now_ms() / 1000))
        index = index if self.rng.random() < 0.95 else 77
        await asyncio.gather(*(self._one_answer(player_id, index) for _ in range(self._devices())))

    def _devices(self) -> int:
        """Rarely more than there are refusals in a player's document."""
        chance = self.rng.random()
        return REFUSALS_KEPT + 5 if chance < 0.01 else 2 if chance < 0.2 else 1

    async def _one_answer(self, player_id: str, index: int) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.05))
        await self._send(AnswerSubmitted, player_id, question_index=index, choices=(self.rng.randrange(3),))

    async def _send(self, kind: type[Any], player_id: str, **fields: Any) -> bool:
        def make(base: dict[str, Any], shards: int) -> Sequence[Message]:
            return [kind(**base, shard=shard_of(player_id, shards), player_id=player_id, **fields)]

        return await self.api.request(self.ids.event_id(), make)

    async def host(self, players: Sequence[str]) -> None:
        await asyncio.sleep(self.rng.uniform(1, 5))
        last = len(self.questions) - 1
        while (session := self.api.session)["state"] != "finished":
            await self._now_and_then(players)
            running = session["state"] == "question"
            if running and self.rng.random() < 0.15:
                await self._control(QuestionClosed, question_index=session["question_index"])
            elif not running and session["question_index"] == last:
                await self._control(SessionFinished)
            elif not running and (session["question_index"] is None or not self.auto_advance):
                index = 0 if session["question_index"] is None else session["question_index"] + 1
                await self._control(QuestionOpened, question_index=index)
            elif self.rng.random() < 0.01:
                await self._control(SessionFinished)
            await asyncio.sleep(self.rng.uniform(0.3, 3))
        await self._after_the_end(players)
        self.done += 1

    async def _after_the_end(self, players: Sequence[str]) -> None:
        """The actions that change a final result."""
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            await asyncio.sleep(self.rng.uniform(0, 20))
            if self.rng.random() < 0.6:
                await self._send(PlayerRemoved, self.rng.choice(players))
            else:
                await self._send(PlayerRenamed, self.rng.choice(players), nickname=f"Number {self.rng.randint(1, 9)}")

    async def _now_and_then(self, players: Sequence[str]) -> None:
        chance = self.rng.random()
        if chance < 0.05:
            await self._control(SessionLocked, locked=self.rng.random() < 0.5)
        elif chance < 0.10:
            await self._control(PlayersExpected, players=PLAYERS_A_SHARD * self.rng.randint(1, 4))
        elif chance < 0.13:
            await self._send(PlayerRemoved, self.rng.choice(players))
        elif chance < 0.23:
            await self._send(PlayerRenamed, self.rng.choice(players), nickname=f"Number {self.rng.randint(1, 9)}")
        elif chance < 0.5 and self.approval:
            await self._send(PlayerAdmitted, self.rng.choice(players))

    async def _control(self, kind: type[Any], **fields: Any) -> bool:
        def make(base: dict[str, Any], shards: int) -> Sequence[Message]:
            event: Control = kind(**base, shard=0, **fields)
            return [event]

        return await self.api.request(self.ids.event_id(), make)
