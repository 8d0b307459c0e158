"""The API with its in-memory outside world, and a session of it."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from http_api.context import ApiContext
from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryBus, MemoryIdentity, MemoryStore, SequentialIds
from quizcore.domain.quiz import Quiz
from quizcore.ports import Caller, Put
from quizcore.settings import ApiSettings, WorkerSettings
from quizcore.telemetry import Telemetry
from tests.support import games, indexes
from tests.support.function import client_of

EMULATORS: dict[str, Any] = {"project": "demo-test", "firestore_emulator": "none:1", "pubsub_emulator": "none:1"}
HOST = "host-token"
QUIZ_ID = "words"
START = games.START
LEAD_MS = games.LEAD_MS


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
