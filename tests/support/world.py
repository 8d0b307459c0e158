"""The API and the worker on the in-memory twins, with one clock for both: what most unit tests play on.

A test names a session by its id; `World` sends what happens in it, and reads what its documents say.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from http_api.context import ApiContext
from quizcore import documents
from quizcore.adapters.memory import (
    ManualClock,
    MemoryBus,
    MemoryIdentity,
    MemorySource,
    MemoryStore,
    SequentialIds,
)
from quizcore.domain.quiz import Quiz
from quizcore.messages import AnswerSubmitted, Message, PlayerJoined, QuestionOpened
from quizcore.ports import Caller, FinalReceiver, Put
from quizcore.settings import ApiSettings, WorkerSettings
from quizcore.shards import GROUP_SHARDS, PLAYERS_A_SHARD, shard_of
from quizcore.telemetry import Telemetry
from tests.support import games, indexes
from tests.support.eventually import until
from tests.support.function import client_of
from workers.engine import Engine
from workers.wiring import Outside, build_engine

EMULATORS: dict[str, Any] = {"project": "demo-test", "firestore_emulator": "none:1", "pubsub_emulator": "none:1"}
HOST = "host-token"
QUIZ_ID = "words"
START = games.START
LEAD_MS = games.LEAD_MS
OPENED = START + LEAD_MS  # the first question of `World.opened`, for its players
END = OPENED + games.LIMIT_MS + games.GRACE_MS  # its reveal
QUICK: dict[str, Any] = {"interval_50_ms": 0, "orphan_check_s": 0.02, "give_up_pause_s": 0}

__all__ = ["END", "OPENED", "Person", "Running", "World", "api_settings", "spread", "until", "worker_settings"]


def api_settings(**changes: Any) -> ApiSettings:
    """Without a reserve, so that a test's moments are those of the protocol's formulas."""
    return ApiSettings(**(EMULATORS | {"reveal_reserve_ms": 0} | changes))


def worker_settings(**changes: Any) -> WorkerSettings:
    return WorkerSettings(**EMULATORS, **changes)


@dataclass(slots=True)
class World:
    """Everything in memory, shared by the API and any number of workers."""

    store: MemoryStore = field(default_factory=lambda: MemoryStore(indexes.check))
    bus: MemoryBus = field(default_factory=MemoryBus)
    identity: MemoryIdentity = field(default_factory=lambda: MemoryIdentity({HOST: Caller("host-1", "host")}))
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    ids: SequentialIds = field(default_factory=SequentialIds)

    def client(self, **settings: Any) -> FlaskClient:
        return client_of(self.api(**settings))

    def api(self, **settings: Any) -> ApiContext:
        return ApiContext(
            self.store, self.bus, self.identity, self.clock, self.ids, api_settings(**settings), Telemetry()
        )

    def add_quiz(
        self, quiz: Quiz | None = None, quiz_id: str = QUIZ_ID, owner_id: str = "host-1", visibility: str = "private"
    ) -> None:
        made = quiz or games.quiz()
        head = documents.quiz_fields(made, owner_id=owner_id, visibility=visibility, version=1, updated_at=START)
        self.store.commit(
            [
                Put(documents.quiz_path(quiz_id), head),
                *(
                    Put(documents.question_path(quiz_id, i), documents.question_fields(question))
                    for i, question in enumerate(made.questions)
                ),
            ]
        )

    def open_session(
        self, shards: int = 1, group_shards: int = GROUP_SHARDS, class_id: str | None = None, **options: Any
    ) -> str:
        expected = {"expected_players": shards * PLAYERS_A_SHARD}
        body = {"quiz_id": QUIZ_ID, "options": options, "class_id": class_id, **expected}
        opened = Person(self.client(group_shards=group_shards), HOST).post("/sessions", body).json or {}
        return str(opened["session_id"])

    # Messages, each as the API sends it to shard 0; `spread` sends them to the shards.

    def message(self, kind: type[Any], session_id: str, at: int, **fields: Any) -> Message:
        made: Message = kind(event_id=self.ids.event_id(), session_id=session_id, shard=0, at=at, **fields)
        return made

    def joined(self, session_id: str, player_id: str) -> Message:
        about = {"player_id": player_id, "nickname": player_id.title(), "avatar": "fox"}
        return self.message(PlayerJoined, session_id, START, **about)

    def answered(self, session_id: str, player_id: str, at: int, choice: int = 1, index: int = 0) -> Message:
        answer = {"question_index": index, "choices": (choice,)}
        return self.message(AnswerSubmitted, session_id, at, player_id=player_id, **answer)

    def opened(self, session_id: str, at: int = START, index: int = 0) -> Message:
        return self.message(QuestionOpened, session_id, at, question_index=index)

    # The content of the documents of a session; {} for a missing document.

    def board(self, session_id: str) -> dict[str, Any]:
        return self._read(documents.board_path(session_id))

    def ranks(self, session_id: str) -> dict[str, Any]:
        return self._read(documents.ranks_path(session_id))

    def session(self, session_id: str) -> dict[str, Any]:
        return self._read(documents.session_path(session_id))

    def sheet(self, session_id: str, player_id: str) -> dict[str, Any]:
        return self._read(documents.player_path(session_id, player_id))

    def scores(self, session_id: str) -> dict[str, int]:
        return {row["player_id"]: row["score"] for row in self.board(session_id)["top"]}

    def _read(self, path: str) -> dict[str, Any]:
        found = self.store.get(path)
        return found.data if found else {}


class Running:
    """A worker on the world's twins, quick unless the settings say otherwise, and the telemetry that it fills."""

    def __init__(self, world: World, *receivers: FinalReceiver, **settings: Any) -> None:
        self.telemetry = Telemetry()
        self.source = MemorySource(world.bus, poll_s=0.001)
        outside = Outside(self.source, world.store, world.bus, world.clock, world.ids, receivers)
        self.engine: Engine = build_engine(outside, worker_settings(**QUICK | settings), self.telemetry)
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self.engine.run(self._stop))

    async def stop(self) -> None:
        self._stop.set()
        await self.task

    async def kill(self) -> None:
        """As SIGKILL would: nothing is flushed, nothing acknowledged; the bus delivers again."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def spread(messages: Iterable[Message], shards: int) -> list[Message]:
    """To where they belong: a player's to their shard, the host's to every shard."""
    spread: list[Message] = []
    for message in messages:
        player_id = getattr(message, "player_id", None)
        numbers = range(shards) if player_id is None else [shard_of(player_id, shards)]
        spread += [message.model_copy(update={"shard": number}) for number in numbers]
    return spread


class Person:
    """A client with a token."""

    def __init__(self, client: FlaskClient, token: str | None = None) -> None:
        self.client = client
        self.token = token

    def post(self, path: str, body: Any, key: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def put(self, path: str, body: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.put(f"/api/v1{path}", json=body, headers=headers)

    def delete(self, path: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.delete(f"/api/v1{path}", headers=headers)

    def get(self, path: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.get(f"/api/v1{path}", headers=headers)
