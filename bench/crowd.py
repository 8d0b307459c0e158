"""A crowd answers one question at once, and as many listen: the whole pipeline, seen from outside."""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import firebase_admin
from google.cloud import firestore

from bench.props import LIMIT_MS, quiz
from devstack import player as players
from devstack.emulators import ROOT
from devstack.player import Endpoints, Player
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.identity import FirebaseIdentity
from quizcore.ports import Put
from quizcore.shards import PLAYERS_A_SHARD
from quizcore.telemetry import Telemetry

WITHIN_S = 2.0
JOINS_AT_ONCE = 20
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds, sorted; `wrong` counts answers that were lost or counted twice."""

    post_ms: list[float]
    board_ms: list[float]
    writes_per_answer: float
    reads_per_answer: float
    wrong: int


def percentile(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def play(stack: Stack, crowd: int, reveal: str, worker_port: int) -> Seen:
    return asyncio.run(_play(stack, crowd, reveal, worker_port))


async def _play(stack: Stack, crowd: int, reveal: str, worker_port: int) -> Seen:
    store = FirestoreStore(firestore.Client(project=stack.project), Telemetry())
    ends = Endpoints(stack.api, stack.emulators.host("auth"))
    async with players.http_client(crowd) as http:
        host = await host_token(stack, http)
        session_id, pin = await open_session(stack, store, http, host, {"reveal": reveal})

        def document(path: str) -> dict[str, Any]:
            found = store.get(path)
            return found.data if found else {}

        gate = asyncio.Semaphore(JOINS_AT_ONCE)

        async def join(number: int) -> Player:
            async with gate:
                return await players.join(http, ends, pin, f"Player {number:04}")

        joined = await asyncio.gather(*(join(n) for n in range(crowd)))
        session, board = documents.session_path(session_id), documents.board_path(session_id)
        await _until(lambda: document(board)["player_count"] == crowd)
        listening = _listen(stack, board, crowd)
        before = _metrics(worker_port)
        await players.command(http, ends, session_id, host, "next")
        await _until(lambda: document(session)["state"] == "question")
        opened_at = document(session)["opened_at"]

        async def answer(number: int, player: Player) -> tuple[float, int, str]:
            due = opened_at / 1000 + 0.05 + WITHIN_S * number / crowd
            await asyncio.sleep(max(0.0, due - time.time()))
            began = time.monotonic()
            receipt = await players.answer(http, ends, player, 0, choices=[number % 4])
            return (time.monotonic() - began) * 1000, receipt.received_at, receipt.event_id

        sent = await asyncio.gather(*(answer(n, player) for n, player in enumerate(joined)))
        await _until(lambda: document(board)["tally"]["answered"] == crowd)
        await players.command(http, ends, session_id, host, "close")
        await _until(lambda: document(session)["state"] == "closed")
        after = await _settled_metrics(worker_port)
        heard = json.loads((await asyncio.to_thread(listening.communicate, ""))[0].splitlines()[-1])
    spent = {name: after[name] - before[name] for name in after}
    return Seen(
        post_ms=sorted(ms for ms, _, _ in sent),
        board_ms=sorted(_delays(heard, sorted(at for _, at, _ in sent))),
        writes_per_answer=spent["documents_written"] / crowd,
        reads_per_answer=spent["documents_read"] / crowd,
        wrong=_wrong(store, session_id, {event_id for *_, event_id in sent}),
    )


def _delays(heard: list[list[tuple[float, float, int, int]]], accepted_at: list[int]) -> list[float]:
    """For every answer and listener: from the server's receipt to the first board that counts as
    many answers as had been received by then."""
    delays = []
    for boards in heard:
        counts = [answered for _, _, answered, _ in boards]
        for number, at in enumerate(accepted_at, 1):
            first = bisect_right(counts, number - 1)
            delays.append(boards[first][0] - at)
    return delays


def _wrong(store: FirestoreStore, session_id: str, accepted: set[str]) -> int:
    found = store.list(documents.players_path(session_id))
    counted = [answer["receipt"] for player in found for answer in player.data["answers"].values()]
    return len(accepted ^ set(counted)) + len(counted) - len(set(counted))


async def host_token(stack: Stack, http: Any) -> str:
    try:
        app = firebase_admin.get_app("bench")
    except ValueError:
        app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="bench")
    token = FirebaseIdentity(app).mint("bench-host", {"role": "host"})
    return await players.sign_in(http, stack.emulators.host("auth"), token)


async def open_session(
    stack: Stack,
    store: FirestoreStore,
    http: Any,
    host: str,
    options: dict[str, Any],
    *,
    shards: int = 1,
    limit_ms: int = LIMIT_MS,
) -> tuple[str, str]:
    """A session of one question: its id and its PIN."""
    quiz_id, made = RandomIds().secret_id(), quiz(1, limit_ms)
    head = documents.quiz_fields(made, owner_id="bench-host", visibility="private", version=1, updated_at=0)
    question = Put(documents.question_path(quiz_id, 0), documents.question_fields(made.questions[0]))
    store.commit([Put(documents.quiz_path(quiz_id), head), question])
    body = {"quiz_id": quiz_id, "options": options, "expected_players": shards * PLAYERS_A_SHARD}
    opened = await players.call(http, f"{stack.api}/api/v1/sessions", body, host)
    return opened["session_id"], opened["pin"]


def _listen(stack: Stack, board: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.listeners", stack.project, board, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, env=None, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "READY"
    return process


def _metrics(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        found: dict[str, int] = json.load(page)
    return found


async def _settled_metrics(port: int) -> dict[str, int]:
    """The worker counts a commit just after others can see it."""
    last: dict[str, int] = {}
    while (now := await asyncio.to_thread(_metrics, port)) != last:
        last = now
        await asyncio.sleep(5 * POLL_S)
    return now


async def _until(true: Any, timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(POLL_S)
