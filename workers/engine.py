"""The life of a worker: it starts runners, adopts overdue sessions, and drains when it is asked to stop."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from quizcore.ledger import spent_on
from quizcore.ports import Clock, DocumentStore, EventSource, StoreError
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.adoption import Adoption
from workers.deliveries import Deliveries, HandedOver, Item, TakeOver
from workers.ending import Ending
from workers.intake import Intake, ShardKey
from workers.leaderboard.runner import Leaderboards
from workers.public_board.runner import MakeMerge, MergeKey, MergeRunner
from workers.shard.runner import ShardRunner

HEARTBEAT_S = 1.0
FAULT_STOP_S = 2.0  # to nack unread messages when the process ends because of a fault

MakeRunner = Callable[[str, int, TakeOver], ShardRunner]


class Engine:
    def __init__(
        self,
        source: EventSource,
        store: DocumentStore,
        deliveries: Deliveries,
        clock: Clock,
        settings: WorkerSettings,
        telemetry: Telemetry,
        make_runner: MakeRunner,
        make_merge: MakeMerge,
        leaderboards: Leaderboards,
    ) -> None:
        self._source = source
        self._settings = settings
        self._telemetry = telemetry
        self._make_runner = make_runner
        self._make_merge = make_merge
        self._leaderboards = leaderboards
        self._merges: dict[MergeKey, MergeRunner] = {}
        self._merging: dict[MergeKey, asyncio.Task[None]] = {}
        self._runners: dict[ShardKey, ShardRunner] = {}
        self._running: dict[ShardKey, asyncio.Task[None]] = {}
        self._adoption = Adoption(store, clock, settings.orphan_check_s, telemetry)
        self._ending = Ending(settings.drain_s)
        self._intake = Intake(source, deliveries, settings.poison_limit, telemetry, self._route)
        self._failed: asyncio.Future[None] | None = None
        self.last_beat = time.monotonic()
        self._log = structlog.get_logger("engine")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain. Raises SourceEnded, PoisonLimitReached, or the error that broke a
        shard; the process should then end with a non-zero code."""
        self._failed = asyncio.get_running_loop().create_future()
        await self._source.start()
        side: list[asyncio.Future[None]] = [asyncio.create_task(work) for work in self._side_work()]
        intake = asyncio.create_task(self._intake.run())
        stopping = asyncio.create_task(stop.wait())
        try:
            waited: list[asyncio.Future[Any]] = [intake, stopping, self._failed, *side]
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for ended in done - {stopping}:
                ended.result()
            self._ending.begin()
            await self._drain(intake)
        finally:
            await _cancel([*side, intake, stopping, *self._tasks()])
            await self._source.stop(self._ending.left_to_stop_s() or FAULT_STOP_S)

    def _route(self, key: ShardKey, items: Sequence[Item], backlog: bool) -> None:
        self._runner(key).offer(items, backlog=backlog)

    def _runner(self, key: ShardKey) -> ShardRunner:
        runner = self._runners.get(key)
        # A runner that has just ended as idle accepts nothing more, even when its end is not registered yet.
        if runner is None or self._running[key].done():
            runner = self._runners[key] = self._make_runner(*key, self._take_over_for(key[0]))
            task = self._running[key] = asyncio.create_task(runner.run())
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return runner

    def _take_over_for(self, session_id: str) -> TakeOver:
        """One shard of many has changed: merge the summary of its group, if it has one, and the public board."""

        async def take_over(handed: HandedOver) -> None:
            await self._merge((session_id, handed.next_group)).take_over(handed)

        return take_over

    def _merge(self, key: MergeKey) -> MergeRunner:
        merge = self._merges.get(key)
        if merge is None or merge.ended:
            merge = self._merges[key] = self._make_merge(*key, self._take_over_for(key[0]))
            task = self._merging[key] = asyncio.create_task(merge.run())
            task.add_done_callback(lambda ended: self._merge_ended(key, ended))
        return merge

    def _merge_ended(self, key: MergeKey, task: asyncio.Task[None]) -> None:
        if self._merging.get(key) is task:
            del self._merges[key], self._merging[key]
        self._note_failure(task)

    def _ended(self, key: ShardKey, task: asyncio.Task[None]) -> None:
        if self._running.get(key) is task:
            del self._runners[key], self._running[key]
        self._note_failure(task)

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _drain(self, intake: asyncio.Task[None]) -> None:
        """Stop receiving, commit and acknowledge the received messages; the bus redelivers the messages that do not fit
        into the time."""
        try:
            async with asyncio.timeout(self._ending.drain_s):
                await self._source.close()
                await intake
                for runner in self._runners.values():
                    runner.drain()
                await asyncio.gather(*self._running.values())
                await self._drain_merges(of_groups=True)
                await self._drain_merges(of_groups=False)
                await self._leaderboards.drain()
        except TimeoutError:
            self._log.error("not drained in time; the bus redelivers the rest", shards=len(self._running))

    async def _drain_merges(self, *, of_groups: bool) -> None:
        keys = [key for key in self._merges if (key[1] is not None) == of_groups]
        for key in keys:
            self._merges[key].drain()
        await asyncio.gather(*(self._merging[key] for key in keys))

    async def _adopt_orphans(self) -> None:
        """Adopt overdue sessions, whose worker has died."""
        while True:
            try:
                await self._adopt_overdue()
            except StoreError as error:
                self._log.warning("could not look for overdue sessions", error=str(error))
            await asyncio.sleep(self._settings.orphan_check_s)

    async def _adopt_overdue(self) -> None:
        with spent_on("adopt"):
            found = await self._adoption.overdue(asyncio.get_running_loop().time())
        for orphan in found:
            for shard in orphan.shards:
                self._runner((orphan.session_id, shard)).look_again()

    def _side_work(self) -> list[Coroutine[Any, Any, None]]:
        return [self._adopt_orphans(), self._leaderboards.run(), self._beat()]

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*self._running.values(), *self._merging.values(), *self._leaderboards.tasks()]

    async def _beat(self) -> None:
        while True:
            self.last_beat = time.monotonic()
            await asyncio.sleep(HEARTBEAT_S)


async def _cancel(tasks: Sequence[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
