"""One session under load: the generator's answers, the listeners' boards, and the workers' ledger."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore

from bench import session
from bench.load.measure import Measured, measure
from bench.load.usage import Watch, processes_of
from devstack import player as players
from devstack import ports
from devstack.emulators import ROOT
from devstack.player import Endpoints
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.firestore import FirestoreStore
from quizcore.telemetry import Telemetry

JOIN_LIMIT_S = 900.0
PATIENCE_S = 60.0
LISTENERS_A_PROCESS = 1_000
QUESTION_LIMIT_MS = 60_000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """`within_s`: the time after the opening in which all players answer."""

    players: int
    shards: int
    workers: int
    within_s: float
    listeners: int
    reveal: str = "on_close"
    seed: int = 1


def play(stack: Stack, plan: Plan, say: Say) -> Measured:
    return asyncio.run(_LoadRun(stack, plan, say).play())


class _LoadRun:
    def __init__(self, stack: Stack, plan: Plan, say: Say) -> None:
        self.stack, self.plan, self.say = stack, plan, say
        self.store = FirestoreStore(firestore.Client(project=stack.project), Telemetry())
        self.session_id = ""

    async def play(self) -> Measured:
        plan, stack = self.plan, self.stack
        async with players.http_client() as http:
            host = await session.host_token(stack, http)
            options = {"reveal": plan.reveal, "lead_ms": 1_000}
            self.session_id, pin = await session.open_session(
                stack, self.store, http, host, options, shards=plan.shards, limit_ms=QUESTION_LIMIT_MS
            )
            with self._generator() as generator, self._listeners() as listening:
                await self._join(generator, pin)
                await self._until(lambda: self._board()["player_count"] == plan.players, PATIENCE_S, "all joined")
                for process in listening:
                    assert process.stdout is not None
                    assert (await asyncio.to_thread(process.stdout.readline)).strip() == "READY"
                self.say(f"{plan.listeners} listeners; {plan.players} answers within {plan.within_s:g} s ...")
                ends = Endpoints(stack.api, stack.emulators.host("auth"))
                await self._ledger_at_rest()  # the last joins
                spent_before = self._ledger()
                pids = {"generator": generator.pid}
                pids |= {f"listeners {n}": process.pid for n, process in enumerate(listening, 1)}
                watch = Watch(processes_of(stack, **pids)).start()
                await players.command(http, ends, self.session_id, host, "next", question_index=0)
                await self._until(lambda: self._session()["state"] == "question", PATIENCE_S, "the question")
                sent = await self._answers(generator, self._session()["opened_at"] / 1000 + 0.02)
                accepted = sum(each["status"] == 202 for each in sent)
                await self._until(
                    lambda: (self._board()["tally"] or {}).get("answered", 0) >= accepted, PATIENCE_S, "all are counted"
                )
                usage = watch.end()
                await players.command(http, ends, self.session_id, host, "close", question_index=0)
                await self._until(
                    lambda: (self._board()["tally"] or {}).get("correct") is not None, PATIENCE_S, "the reveal"
                )
                await self._ledger_at_rest()
                heard: list[Any] = []
                for process in listening:
                    output, _ = await asyncio.to_thread(process.communicate, "")
                    heard += json.loads(output.splitlines()[-1])
        spent = _difference(self._ledger(), spent_before)
        return measure(sent, heard, spent, usage, *self._checked(sent))

    def _checked(self, sent: list[dict[str, Any]]) -> tuple[int, int, str]:
        """The numbers of lost and of doubled answers, and the output of `wordrush verify`."""
        players_stored = self.store.list(documents.players_path(self.session_id))
        stored = Counter(answer["receipt"] for player in players_stored for answer in player.data["answers"].values())
        accepted = {each["receipt"] for each in sent if each["receipt"]}
        doubled = sum(count - 1 for count in stored.values()) + len(stored.keys() - accepted)
        done = subprocess.run(
            [sys.executable, "-m", "admin_cli", "verify", self.session_id],
            cwd=ROOT,
            env={**self.stack.env, "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        return len(accepted - stored.keys()), doubled, (done.stdout + done.stderr).strip()

    @contextlib.contextmanager
    def _generator(self) -> Iterator["subprocess.Popen[str]"]:
        with _started([sys.executable, "-m", "bench.load.generator"], self.stack) as process:
            yield process

    @contextlib.contextmanager
    def _listeners(self) -> Iterator[list["subprocess.Popen[str]"]]:
        board = documents.board_path(self.session_id)
        with contextlib.ExitStack() as started:
            processes = []
            for first in range(0, self.plan.listeners, LISTENERS_A_PROCESS):
                count = min(LISTENERS_A_PROCESS, self.plan.listeners - first)
                command = [sys.executable, "-m", "bench.listeners", self.stack.project, board, str(count)]
                processes.append(started.enter_context(_started(command, self.stack)))
            yield processes

    async def _join(self, generator: "subprocess.Popen[str]", pin: str) -> None:
        auth_host, auth_port = self.stack.emulators.host("auth").split(":")
        plan = {
            "api": (ports.HOST, self.stack.api_port),
            "auth": (auth_host, int(auth_port)),
            **{"session_id": self.session_id, "pin": pin, "players": self.plan.players, "seed": self.plan.seed},
        }
        _send_line(generator, plan)
        async with asyncio.timeout(JOIN_LIMIT_S):
            while "ready" not in (line := await _read_line(generator)):
                self.say(f"{line['joined']} of {self.plan.players} have joined")

    async def _answers(self, generator: "subprocess.Popen[str]", from_s: float) -> list[dict[str, Any]]:
        _send_line(generator, {"question_index": 0, "from_s": from_s, "within_s": self.plan.within_s})
        hearing = asyncio.create_task(_read_line(generator))
        while not hearing.done():
            answered = (self._board()["tally"] or {}).get("answered", 0)
            self.say(f"{time.time() - from_s:4.1f} s: {answered} of {self.plan.players} answers on the board")
            await asyncio.wait([hearing], timeout=1.0)
        sent: list[dict[str, Any]] = hearing.result()["sent"]
        return sent

    def _board(self) -> dict[str, Any]:
        return self._data(documents.board_path(self.session_id))

    def _session(self) -> dict[str, Any]:
        return self._data(documents.session_path(self.session_id))

    def _data(self, path: str) -> dict[str, Any]:
        snapshot = self.store.get(path)
        return snapshot.data if snapshot else {}

    def _ledger(self) -> dict[str, dict[str, int]]:
        """The sums of all workers."""
        sums: dict[str, Counter[str]] = {}
        for port, worker in self.stack.workers.items():
            if worker.exit_code() is None:
                with urllib.request.urlopen(f"http://{ports.HOST}:{port}/ledger") as page:
                    for operation, units in json.load(page).items():
                        sums.setdefault(operation, Counter()).update(units)
        return {operation: dict(units) for operation, units in sums.items()}

    async def _ledger_at_rest(self) -> None:
        """Wait until the ledger stays the same: a worker enters a commit shortly after others can see it."""
        last: dict[str, dict[str, int]] = {}
        while (now := self._ledger()) != last:
            last = now
            await asyncio.sleep(0.5)

    async def _until(self, true: Callable[[], object], timeout_s: float, what: str) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not await asyncio.to_thread(true):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s:.0f} s: {what}") from None


@contextlib.contextmanager
def _started(command: list[str], stack: Stack) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command, cwd=ROOT, env={**stack.env, "PATH": ""}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _send_line(process: "subprocess.Popen[str]", line: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


async def _read_line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    if not line:
        raise RuntimeError("the generator has ended; see above")
    message: dict[str, Any] = json.loads(line)
    return message


def _difference(after: dict[str, dict[str, int]], before: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {
        operation: {unit: amount - before.get(operation, {}).get(unit, 0) for unit, amount in units.items()}
        for operation, units in after.items()
    }
