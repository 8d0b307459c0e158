"""The turns in which boards are folded: soon after a move, at most once per interval. A check of all waiting moves
finds those of a worker that died, and those that the API has written."""

import asyncio
from collections.abc import Callable

import structlog

from quizcore.documents.leaderboard import MOVES, MovesDocument
from quizcore.ports import Clock, DocumentStore, StoreError
from quizcore.settings import WorkerSettings
from workers.fenced_job import GaveUp
from workers.leaderboard.fold_job import FoldJob
from workers.pacer import Pacer

LOOKED_AT_MOST = 200
LATE_INTERVALS = 3  # moves that wait so long have no worker

MakeFold = Callable[[str], FoldJob]


class FoldRunner:
    """Folds one board. Ends when nothing has moved for a while."""

    def __init__(self, job: FoldJob, settings: WorkerSettings) -> None:
        self._job = job
        interval_s = settings.leaderboard_interval_ms / 1_000
        self.pacer = Pacer(lambda: interval_s, lambda: None, settings.idle_s, settings.give_up_pause_s)
        self._log = structlog.get_logger("fold").bind(board=job.board)

    async def run(self) -> None:
        while await self.pacer.next_turn():
            await self.turn()

    async def turn(self) -> None:
        try:
            if await self._job.run(None):
                self.pacer.note(hurried=True)
        except (StoreError, GaveUp) as error:
            self._log.error("a fold was given up; it is tried again", error=str(error))
            await self._try_again()
        except Exception:
            # One broken board must not stop the others.
            self._log.exception("a fault in a fold")
            await self._try_again()

    async def _try_again(self) -> None:
        if not self.pacer.draining:
            self.pacer.note()
        await self.pacer.pause()


class Leaderboards:
    """The runners of this process, each made when something moves on its board."""

    def __init__(self, store: DocumentStore, clock: Clock, settings: WorkerSettings, make_fold: MakeFold) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._make_fold = make_fold
        self._runners: dict[str, FoldRunner] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._draining = False
        self._log = structlog.get_logger("leaderboards")

    def moved(self, board: str) -> None:
        """There are moves of this board. After `drain` another worker finds them."""
        if self._draining:
            return
        runner = self._runners.get(board)
        if runner is None or self._running[board].done():
            runner = self._runners[board] = FoldRunner(self._make_fold(board), self._settings)
            task = self._running[board] = asyncio.create_task(runner.run())
            task.add_done_callback(lambda ended: self._ended(board, ended))
        runner.pacer.note()

    async def run(self) -> None:
        """Look for moves that nobody folds, until cancelled."""
        while True:
            try:
                for board in sorted(await asyncio.to_thread(self._left_behind)):
                    self.moved(board)
            except StoreError as error:
                self._log.warning("could not look for moves that nobody folds", error=str(error))
            await asyncio.sleep(self._settings.orphan_check_s)

    async def drain(self) -> None:
        """Fold what is noted, then end."""
        self._draining = True
        for runner in self._runners.values():
            runner.pacer.drain()
        await asyncio.gather(*self._running.values())

    def tasks(self) -> list[asyncio.Task[None]]:
        return list(self._running.values())

    def _left_behind(self) -> set[str]:
        """Moves have random names, so of very many any part is as good as another."""
        late = self._clock.now_ms() - LATE_INTERVALS * self._settings.leaderboard_interval_ms
        found = (moves.read_as(MovesDocument) for moves in self._store.list(MOVES, limit=LOOKED_AT_MOST))
        return {moves["queue"] for moves in found if moves["at"] <= late}

    def _ended(self, board: str, task: asyncio.Task[None]) -> None:
        if self._running.get(board) is task:
            del self._runners[board], self._running[board]
