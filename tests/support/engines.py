"""Engines on the in-memory twins, and what their sessions show."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from quizcore import documents
from quizcore.adapters.memory import MemorySource
from quizcore.messages import AnswerSubmitted, Message, PlayerJoined, QuestionOpened
from quizcore.ports import FinalReceiver
from quizcore.settings import WorkerSettings
from quizcore.shards import GROUP_SHARDS, PLAYERS_A_SHARD, shard_of
from quizcore.telemetry import Telemetry
from tests.support.eventually import eventually_async
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, START
from tests.support.world import HOST, QUIZ_ID, Person, World
from workers.engine import Engine
from workers.wiring import Outside, build_engine

OPENED = START + LEAD_MS
END = OPENED + LIMIT_MS + GRACE_MS
QUICK = {"interval_50_ms": 0, "orphan_check_s": 0.02, "give_up_pause_s": 0}


class Running:
    """An engine on the world's twins, and the telemetry it fills."""

    def __init__(self, world: World, settings: WorkerSettings, *receivers: FinalReceiver) -> None:
        self.telemetry = Telemetry()
        self.source = MemorySource(world.bus, poll_s=0.001)
        outside = Outside(self.source, world.store, world.bus, world.clock, world.ids, receivers)
        self.engine: Engine = build_engine(outside, settings, self.telemetry)
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self.engine.run(self._stop))

    async def stop(self) -> None:
        self._stop.set()
        await self.task

    async def kill(self) -> None:
        """As SIGKILL would: nothing is flushed, nothing acknowledged; the bus delivers again."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def open_session(
    world: World, shards: int = 1, group_shards: int = GROUP_SHARDS, class_id: str | None = None, **options: Any
) -> str:
    body = {"quiz_id": QUIZ_ID, "options": options, "expected_players": shards * PLAYERS_A_SHARD, "class_id": class_id}
    opened = Person(world.client(group_shards=group_shards), HOST).post("/sessions", body).json or {}
    return str(opened["session_id"])


def spread(messages: Iterable[Message], shards: int) -> list[Message]:
    """To where they belong: a player's to their shard, the host's to every shard."""
    spread: list[Message] = []
    for message in messages:
        player_id = getattr(message, "player_id", None)
        numbers = range(shards) if player_id is None else [shard_of(player_id, shards)]
        spread += [message.model_copy(update={"shard": number}) for number in numbers]
    return spread


def message(kind: type[Any], world: World, session_id: str, at: int, **fields: Any) -> Message:
    made: Message = kind(event_id=world.ids.event_id(), session_id=session_id, shard=0, at=at, **fields)
    return made


def joined(world: World, session_id: str, player_id: str) -> Message:
    return message(
        PlayerJoined, world, session_id, START, player_id=player_id, nickname=player_id.title(), avatar="fox"
    )


def answered(world: World, session_id: str, player_id: str, at: int, choice: int = 1, index: int = 0) -> Message:
    return message(AnswerSubmitted, world, session_id, at, player_id=player_id, question_index=index, choices=(choice,))


def opened(world: World, session_id: str, at: int = START, index: int = 0) -> Message:
    return message(QuestionOpened, world, session_id, at, question_index=index)


def board(world: World, session_id: str) -> dict[str, Any]:
    found = world.store.get(documents.board_path(session_id))
    assert found is not None
    return found.data


def session(world: World, session_id: str) -> dict[str, Any]:
    found = world.store.get(documents.session_path(session_id))
    assert found is not None
    return found.data


def sheet(world: World, session_id: str, player_id: str) -> dict[str, Any]:
    found = world.store.get(documents.player_path(session_id, player_id))
    return found.data if found else {}


def scores(world: World, session_id: str) -> dict[str, int]:
    return {row["player_id"]: row["score"] for row in board(world, session_id)["top"]}


async def until(true: Callable[[], object], what: str) -> None:
    await eventually_async(true, what)


def run(work: Any) -> None:
    asyncio.run(work)
