"""When a session's public board is merged: soon after a shard has changed, at most once a board interval.

A shard's messages are acknowledged after the merge that shows them, so that a worker's death in between leaves the
messages on the bus. Exception: when the session's document already holds a moment at which another worker would adopt
the session, the acknowledgement does not wait for the merge.
"""

import asyncio
from collections.abc import Sequence

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import Clock, Delivery, EventSource, StoreError
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.merger import Merger
from workers.shard import GaveUp


class MergeRunner:
    """Ends when the session has been idle."""

    def __init__(
        self, merger: Merger, source: EventSource, clock: Clock, settings: WorkerSettings, telemetry: Telemetry
    ) -> None:
        self._merger = merger
        self._source = source
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self._waiting: list[Delivery] = []
        self.ended = False  # it takes nothing more
        self._wake = asyncio.Event()
        self._dirty = False
        self._draining = False
        self._merged_at = float("-inf")
        self._again_at: int | None = None
        self._log = structlog.get_logger("merge_runner").bind(session_id=merger.session_id)

    async def show(self, shard: int, due_at: int | None, deliveries: Sequence[Delivery]) -> None:
        """A shard of this session has been committed, with its clock due then; the messages are acknowledged when it is
        safe."""
        self._dirty = True
        self._wake.set()
        if due_at is not None and self._merger.dues.get(shard) == due_at:
            await self._acknowledge(deliveries)
        else:
            self._waiting += deliveries

    def drain(self) -> None:
        """Merge what is not merged at once, then end."""
        self._draining = True
        self._wake.set()

    async def run(self) -> None:
        gone = False
        while not gone and (wait_s := self._wait_s()) is not None:
            if wait_s > 0:
                await self._sleep(wait_s)
            else:
                gone = not await self._merge()
                if self._draining:
                    break
        self.ended = True
        if gone:
            # The public board will not come back (deletion by age), and the shards hold what they counted: given back,
            # the messages would come again and again.
            await self._acknowledge(self._waiting)
        elif self._waiting:  # merging failed
            await self._source.release(self._waiting)

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
        shown = list(self._waiting)
        try:
            self._again_at = await self._merger.merge()
        except SessionUnknown:
            return False
        except (StoreError, GaveUp) as error:
            self._log.error("a merge was given up; it is tried again", error=str(error))
            await self._try_again()
        except Exception:
            # One broken session must not stop the others.
            self._log.exception("a fault in a merge")
            await self._try_again()
        else:
            self._waiting = self._waiting[len(shown) :]
            await self._acknowledge(shown)
        return True

    async def _try_again(self) -> None:
        self._dirty = not self._draining
        if not self._draining:
            await asyncio.sleep(self._settings.give_up_pause_s)

    async def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._source.ack(deliveries)
            self._telemetry.add("messages_acknowledged", len(deliveries))
