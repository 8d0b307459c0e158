"""A process that counts the final sessions that it reads, a line each, and folds what moves: `python -m
tests.recount.worker POINT NUMBER`.

It is the product's counting and folding. The process ends with SIGKILL when it comes to the point for the NUMBERth
time; with `never` it lives. A line is `<delivery> <session as JSON>`; the answer is `<delivery> received` or `refused`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, get_args

from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.clock import RandomIds, StoreClock, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents.leaderboard import BOARDS, MOVES
from quizcore.domain.leaderboard.person import Rules
from quizcore.ports import FinalSession, NotReceived, Write
from quizcore.settings import WorkerSettings, load
from quizcore.telemetry import Telemetry, configure_logging
from tests.recount.points import Point
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob
from workers.leaderboard.runner import Leaderboards


class DoomedStore:
    def __init__(self, store: FirestoreStore, point: str, number: int) -> None:
        self._store = store
        self._point = point
        self._left = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def at_one_moment(self, read: Callable[[Any], Any]) -> Any:
        found = self._store.at_one_moment(read)
        self._reach("read")
        return found

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        folds = any(write.path.startswith(f"{BOARDS}/") for write in writes)
        counts = not folds and any(write.path.startswith(f"{MOVES}/") for write in writes)
        self._reach("before a fold's commit" if folds else "before a count's commit" if counts else "")
        versions = self._store.commit(writes)
        self._reach("after a fold's commit" if folds else "after a count's commit" if counts else "")
        return versions

    def _reach(self, point: str) -> None:
        self._left -= point == self._point
        if point == self._point and self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def serve(point: str, number: int) -> None:
    settings, telemetry = load(WorkerSettings), Telemetry()
    configure_logging("ERROR")
    clock = StoreClock(SystemClock().now_ms)
    plain = FirestoreStore(FirestoreClient(project=settings.project), telemetry, settings.commit_timeout_s, clock.heard)
    store: Any = DoomedStore(plain, point, number)
    ids, attempts = RandomIds(), settings.commit_attempts
    leaderboards = Leaderboards(
        store, clock, settings, lambda board: FoldJob(board, store, clock, ids, attempts, telemetry)
    )
    counting = Counting(store, clock, ids, Rules(), attempts, telemetry, leaderboards.moved)
    folding = asyncio.create_task(leaderboards.run())

    async def receive(delivery: str, final: FinalSession) -> None:
        try:
            await counting.receive(final)
        except NotReceived:
            _say(f"{delivery} refused")
        else:
            _say(f"{delivery} received")

    under_way: set[asyncio.Task[None]] = set()
    _say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        delivery, _, told = line.partition(" ")
        task = asyncio.create_task(receive(delivery, FinalSession(**json.loads(told))))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    await leaderboards.drain()
    folding.cancel()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    assert sys.argv[1] in ("never", *get_args(Point))
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
