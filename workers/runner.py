"""When a shard flushes: at its board interval, at once under a backlog, or when its clock says so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import BusUnavailable, Clock, Delivery, EventSource, Publisher, StoreError
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.first_shard import FirstShard
from workers.items import Item, deliveries_of, without_repeats
from workers.shard import GaveUp, Shard

Show = Callable[[int, int | None, Sequence[Delivery]], Awaitable[None]]
FLUSH_MOST = 1_000  # what makes more than one commit takes is made in parts (workers/shard.py)


class ShardRunner:
    """Buffers the messages of one shard and flushes them; ends when the shard has been idle.

    `show` is told after each flush of one shard of many: its number, when its clock is due, and the messages, which it
    acknowledges.
    """

    def __init__(
        self,
        shard: Shard,
        first: FirstShard | None,
        source: EventSource,
        publisher: Publisher,
        clock: Clock,
        settings: WorkerSettings,
        telemetry: Telemetry,
        show: Show,
    ) -> None:
        self._shard = shard
        self._show = show
        self._first = first
        self._source = source
        self._publisher = publisher
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self._items: list[Item] = []
        self._wake = asyncio.Event()
        self._hurry = False
        self._again = False
        self._draining = False
        self._flushed_at = float("-inf")
        self._log = structlog.get_logger("runner").bind(session_id=shard.session_id, shard=shard.number)

    def offer(self, items: Sequence[Item], *, backlog: bool) -> None:
        self._items += items
        self._hurry |= backlog or len(self._items) >= self._settings.flush_at
        self._wake.set()

    def look_again(self) -> None:
        """The documents may say that something is due, whatever this runner remembers."""
        self._again = True
        self._wake.set()

    def drain(self) -> None:
        """Flush what is buffered at once, then end."""
        self._draining = True
        self._wake.set()

    async def run(self) -> None:
        """The first round loads the shard even without messages: an orphan's clock may be due."""
        while True:
            await self._flush(self._take())
            if not await self._until_due():
                return

    def _take(self) -> list[Item]:
        """The next flush. A commit has bounded size, however long the backlog is."""
        items, self._items = self._items[:FLUSH_MOST], self._items[FLUSH_MOST:]
        self._hurry = len(self._items) >= self._settings.flush_at
        if self._again:
            self._shard.forget()
            self._again = False
        return items

    async def _until_due(self) -> bool:
        """Wait for the next flush; false when there will be none."""
        while (wait_s := self._wait_s()) > 0:
            if self._draining and not self._items:
                return False
            self._wake.clear()
            try:
                # Not wait_for: until Python 3.12 it can swallow a cancellation that meets a wake-up.
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                if not self._items and self._clock_wait_s() is None:
                    return False
        return not (self._draining and not self._items)

    def _wait_s(self) -> float:
        """Seconds until the next flush is due; with nothing in sight, until the shard is idle."""
        waits = [self._settings.idle_s]
        if self._again:
            return 0
        if self._items:
            if self._hurry or self._draining:
                return 0
            waits.append(self._flushed_at + self._shard.interval_ms / 1000 - asyncio.get_running_loop().time())
        clock_wait = self._clock_wait_s()
        if clock_wait is not None:
            waits.append(clock_wait)
        return min(waits)

    def _clock_wait_s(self) -> float | None:
        state = self._shard.state
        if state is None:
            return None
        now = self._clock.now_ms()
        shard = self._shard
        own = [shard.due_at] if self._first is None else self._first.wakes_at(state, shard.shards)
        moments = [moment for moment in (*own, shard.ranks_due_at) if moment is not None]
        return (min(moments) - now) / 1000 if moments else None

    async def _flush(self, items: list[Item]) -> None:
        self._flushed_at = asyncio.get_running_loop().time()
        try:
            await self._shard.count(items)
            if self._first is not None:
                await self._first.pass_on([item.message for item in items], self._shard.shards)
        except SessionUnknown:
            await self._bury(items)
        except (GaveUp, StoreError, BusUnavailable) as error:
            self._log.error("flush given up; it is tried again", error=str(error), messages=len(items))
            await self._keep(items)
        except Exception:
            # One broken session must not stop the others; its messages stay on the bus, and the
            # metric and the log tell.
            self._log.exception("a fault in a flush; it is tried again", messages=len(items))
            await self._keep(items)
        else:
            await self._done_with(deliveries_of(items))
            await self._act()

    async def _act(self) -> None:
        state = self._shard.state
        if self._first is None or state is None:
            return
        try:
            outdated = await self._first.act(state, self._shard.shards)
        except Exception:
            # What was counted is counted; one broken session must not stop the others.
            self._log.exception("a fault in what shard 0 does for its session")
            if not self._draining:
                await asyncio.sleep(self._settings.give_up_pause_s)  # what is due stays due
            return
        if outdated:
            self._shard.forget()
            await self._flush([])  # at once: the session's clock goes on

    async def _keep(self, items: list[Item]) -> None:
        """Hold what could not be counted, before all that came later. Given back, it would come again after that, and
        the session could be final without it."""
        self._telemetry.add("flushes_given_up")
        self._shard.forget()
        self._items, self._hurry, self._again = without_repeats([*items, *self._items]), True, True
        if not self._draining:
            await asyncio.sleep(self._settings.give_up_pause_s)
        else:
            held, self._items = self._items, []
            await self._source.release(deliveries_of(held))

    async def _bury(self, items: list[Item]) -> None:
        if items:
            self._log.warning("messages for an unknown session were set aside", messages=len(items))
        else:
            self._log.warning("a session cannot be loaded: its documents are not whole")
        for delivery in deliveries_of(items):
            try:
                await asyncio.to_thread(self._publisher.bury, delivery.body, "unknown session")
            except BusUnavailable:
                await self._source.release([delivery])
            else:
                self._telemetry.add("messages_poisoned")
                await self._source.ack([delivery])

    async def _done_with(self, deliveries: Sequence[Delivery]) -> None:
        shard = self._shard
        if shard.shards > 1:
            await self._show(shard.number, shard.clock_due_at, deliveries)
        elif deliveries:
            await self._source.ack(deliveries)
            self._telemetry.add("messages_acknowledged", len(deliveries))
