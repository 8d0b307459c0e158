"""When a session's public board is merged: soon after a shard has changed, at most once a board interval."""

import asyncio

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import Clock, StoreError
from quizcore.settings import WorkerSettings
from workers.merger import Merger
from workers.shard import GaveUp


class MergeRunner:
    """Ends when the session has been idle."""

    def __init__(self, merger: Merger, clock: Clock, settings: WorkerSettings) -> None:
        self._merger = merger
        self._clock = clock
        self._settings = settings
        self._wake = asyncio.Event()
        self._dirty = False
        self._draining = False
        self._merged_at = float("-inf")
        self._again_at: int | None = None
        self._log = structlog.get_logger("merge_runner").bind(session_id=merger.session_id)

    def note(self) -> None:
        """A shard of this session has been committed."""
        self._dirty = True
        self._wake.set()

    def drain(self) -> None:
        """Merge what is not merged at once, then end."""
        self._draining = True
        self._wake.set()

    async def run(self) -> None:
        while (wait_s := self._wait_s()) is not None:
            if wait_s > 0:
                await self._sleep(wait_s)
            elif not await self._merge() or self._draining:
                return

    def _wait_s(self) -> float | None:
        """Seconds until the next merge; None when there will be none."""
        if self._dirty:
            if self._draining:
                return 0
            interval_s = self._settings.board_interval_ms(self._merger.players) / 1000
            return max(0.0, self._merged_at + interval_s - asyncio.get_running_loop().time())
        if self._draining:
            return None
        if self._again_at is not None:
            return max(0.0, (self._again_at - self._clock.now_ms()) / 1000)
        idle_s = self._merged_at + self._settings.idle_s - asyncio.get_running_loop().time()
        return idle_s if idle_s > 0 else None

    async def _sleep(self, wait_s: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _merge(self) -> bool:
        """False when there is nothing to merge for ever."""
        self._dirty, self._merged_at = False, asyncio.get_running_loop().time()
        try:
            self._again_at = await self._merger.merge()
        except SessionUnknown:
            return False
        except (StoreError, GaveUp) as error:
            self._log.error("a merge was given up; it is tried again", error=str(error))
            self._dirty = not self._draining
            await asyncio.sleep(self._settings.give_up_pause_s)
        except Exception:
            # One broken session must not stop the others; the next change tries again.
            self._log.exception("a fault in a merge")
        return True
