"""Sessions on the running stack, driven as clients drive them: HTTP calls and listeners."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import firebase_admin
import httpx
from google.cloud import firestore

from devstack import player as players
from devstack.player import Endpoints, Player, Receipt
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.identity import FirebaseIdentity
from quizcore.domain.events import Answer, AnswerSubmitted, Mark, PlayerJoined, QuestionClosed, QuestionOpened
from quizcore.domain.fold import fold
from quizcore.domain.quiz import Quiz
from quizcore.domain.session import Game, Options
from quizcore.loading import load_whole
from quizcore.ports import Put
from quizcore.shards import PLAYERS_A_SHARD
from quizcore.telemetry import Telemetry
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.games import quiz as small_quiz

FOREVER_MS = 10**15
LONG_MS = 600_000  # the host closes; no test waits for the clock


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Live:
    """One session: its ids, the host's token, and everything that the API accepted."""

    stack: Stack
    http: httpx.AsyncClient
    host: str
    session_id: str
    pin: str
    game: Game
    store: FirestoreStore
    accepted: list[tuple[str, int, Answer, Receipt]] = field(default_factory=list)

    @property
    def ends(self) -> Endpoints:
        return endpoints(self.stack)

    def session(self) -> dict[str, Any]:
        return self._data(documents.session_path(self.session_id))

    def board(self) -> dict[str, Any]:
        return self._data(documents.board_path(self.session_id))

    def ranks(self) -> dict[str, Any]:
        return self._data(documents.ranks_path(self.session_id))

    def sheet(self, player_id: str) -> dict[str, Any]:
        return self._data(documents.player_path(self.session_id, player_id))

    async def join(self, count: int) -> list[Player]:
        joins = (players.join(self.http, self.ends, self.pin, f"Player {n:03}") for n in range(count))
        joined = await asyncio.gather(*joins)
        await self.until(lambda: self.board()["player_count"] == count, f"{count} players on the board")
        return list(joined)

    async def command(self, name: str, **more: Any) -> None:
        await players.command(self.http, self.ends, self.session_id, self.host, name, **more)

    async def open_question(self, index: int) -> None:
        """Say next and wait for the first moment at which answers count."""
        await self.command("next", question_index=index)
        await self.until(lambda: self.session()["question_index"] == index, f"question {index}")
        wait_ms = self.session()["opened_at"] - now_ms() + 20
        await asyncio.sleep(max(wait_ms, 0) / 1000)

    async def close_question(self) -> None:
        await self.command("close")
        await self.until(lambda: self.session()["state"] == "closed", "closed")

    async def answer(self, player: Player, index: int, *choices: int, text: str | None = None) -> None:
        given: dict[str, Any] = {"text": text} if text is not None else {"choices": list(choices)}
        receipt = await players.answer(self.http, self.ends, player, index, **given)
        self.accepted.append((player.player_id, index, Answer(choices, text), receipt))

    async def until(self, true: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
        await asyncio.to_thread(eventually, true, what, timeout_s)

    def expected_scores(self) -> dict[str, int]:
        """The fold of what the API accepted, with the openings and closings that the session shows."""
        state = load_whole(self.store, self.session_id).state
        events: list[Any] = [QuestionOpened(mark, i) for i, mark in state.timeline.openings.items()]
        events += [QuestionClosed(mark, i) for i, marks in state.timeline.closings.items() for mark in marks]
        for player_id, index, answer, receipt in self.accepted:
            mark = Mark(receipt.received_at, receipt.event_id)
            events.append(AnswerSubmitted(mark, player_id, index, answer))
        events += [PlayerJoined(Mark(0, p), p, p, "fox") for p in state.players]
        return {p: player.sheet.score for p, player in fold(self.game, events, FOREVER_MS).players.items()}

    def scores(self) -> dict[str, int]:
        found = self.store.list(documents.players_path(self.session_id))
        return {player.name: player.data["score"] for player in found}

    def counted_receipts(self) -> set[str]:
        """Receipts that count or stand refused in a player's document."""
        found = self.store.list(documents.players_path(self.session_id))
        counted = {a["receipt"] for player in found for a in player.data["answers"].values()}
        return counted | {r["receipt"] for player in found for r in player.data["refused"]}

    def _data(self, path: str) -> dict[str, Any]:
        found = self.store.get(path)
        return found.data if found else {}


def endpoints(stack: Stack) -> Endpoints:
    return Endpoints(stack.api, stack.emulators.host("auth"))


async def open_live(
    stack: Stack,
    http: httpx.AsyncClient,
    quiz: Quiz | None = None,
    shards: int = 1,
    host_uid: str | None = None,
    quiz_id: str | None = None,
    class_id: str | None = None,
    **options: Any,
) -> Live:
    """A fresh quiz, a host of its own (unless the test names them), and an open session, in which the host closes the
    questions."""
    made = quiz or small_quiz(*(replace(question, time_limit_ms=LONG_MS) for question in small_quiz().questions))
    store = FirestoreStore(firestore.Client(project=stack.project), Telemetry())
    quiz_id, host_uid = quiz_id or f"quiz-{RandomIds().secret_id()}", host_uid or f"host-{RandomIds().secret_id()}"
    add_quiz(store, quiz_id, made, host_uid)
    host = await host_token(stack, http, host_uid)
    options = {"lead_ms": 500, "auto_close": False, **options}
    body: dict[str, Any] = {"quiz_id": quiz_id, "options": options, "expected_players": shards * PLAYERS_A_SHARD}
    body |= {"class_id": class_id} if class_id else {}
    opened = await players.call(http, f"{stack.api}/api/v1/sessions", body, host)
    read = documents.read_options(documents.options_fields(Options()) | options)
    return Live(stack, http, host, opened["session_id"], opened["pin"], Game(made, read), store)


def add_quiz(store: FirestoreStore, quiz_id: str, quiz: Quiz, owner_id: str, visibility: str = "private") -> None:
    head = documents.quiz_fields(quiz, owner_id=owner_id, visibility=visibility, version=1, updated_at=0)
    questions = [
        Put(documents.question_path(quiz_id, i), documents.question_fields(question))
        for i, question in enumerate(quiz.questions)
    ]
    store.commit([Put(documents.quiz_path(quiz_id), head), *questions])


async def host_token(stack: Stack, http: httpx.AsyncClient, uid: str) -> str:
    """An ID token with the host's role, as `wordrush role grant` would give it."""
    name = "live"
    try:
        app = firebase_admin.get_app(name)
    except ValueError:
        app = firebase_admin.initialize_app(options={"projectId": stack.project}, name=name)
    return await players.sign_in(http, stack.emulators.host("auth"), FirebaseIdentity(app).mint(uid, {"role": "host"}))


class Screen:
    """The documents that one player's device receives, under the security rules and with that player's token."""

    def __init__(self, stack: Stack, player: Player) -> None:
        client = firestore.Client(project=stack.project)
        # The client speaks to the emulator as its owner; a player's device does not.
        prefix = client._rpc_metadata[0]
        client._rpc_metadata_internal = [prefix, ("authorization", f"Bearer {player.id_token}")]
        self.sessions: list[dict[str, Any]] = []
        self.boards: list[dict[str, Any]] = []
        self.sheets: list[dict[str, Any]] = []
        store = FirestoreStore(client, Telemetry())
        self._stops = [
            store.listen(path, lambda snapshot, heard=heard: heard.append(snapshot.data) if snapshot else None)  # type: ignore[misc]
            for path, heard in (
                (documents.session_path(player.session_id), self.sessions),
                (documents.board_path(player.session_id), self.boards),
                (documents.player_path(player.session_id, player.player_id), self.sheets),
            )
        ]

    def stop(self) -> None:
        for stop in self._stops:
            stop()
