"""The turns of one shard: take the messages that have arrived, count them, and acknowledge their deliveries or hand
them over."""

from collections.abc import Sequence

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import BusUnavailable, Clock, StoreError
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.coordinator.coordinator import Coordinator
from workers.coordinator.duty import Outcome, Turn
from workers.deliveries import Deliveries, Item, TakeOver, deliveries_of, without_repeats
from workers.fenced_job import GaveUp
from workers.pacer import Pacer
from workers.shard.job import ShardJob

FLUSH_MOST = 1_000  # larger changes are committed in parts (workers/shard/parts.py)


class ShardRunner:
    """Buffers the messages of one shard and flushes them; ends when the shard is idle. `take_over` gets the deliveries
    of each flush of one shard of many."""

    def __init__(
        self,
        shard: ShardJob,
        coordinator: Coordinator | None,
        deliveries: Deliveries,
        clock: Clock,
        settings: WorkerSettings,
        telemetry: Telemetry,
        take_over: TakeOver,
    ) -> None:
        self._shard = shard
        self._coordinator = coordinator
        self._deliveries = deliveries
        self._take_over = take_over
        self._clock = clock
        self._flush_at = settings.flush_at
        self._telemetry = telemetry
        self._items: list[Item] = []
        self._again = False
        self._pacer = Pacer(self._interval_s, self._clock_wait_s, settings.idle_s, settings.give_up_pause_s)
        self._log = structlog.get_logger("runner").bind(session_id=shard.session_id, shard=shard.number)

    def offer(self, items: Sequence[Item], *, backlog: bool) -> None:
        self._items += items
        self._pacer.note(hurried=backlog or len(self._items) >= self._flush_at)

    def look_again(self) -> None:
        """Load the shard again at the next turn, because its documents may contain a due action."""
        self._again = True
        self._pacer.hurry()

    def drain(self) -> None:
        """Flush what is buffered at once, then end."""
        self._pacer.drain()

    async def run(self) -> None:
        """The first turn loads the shard even without messages: an orphan's clock may be due."""
        while await self._pacer.next_turn():
            await self.turn()

    async def turn(self) -> None:
        """One flush of the buffered messages, at once."""
        await self._flush(self._take())

    def _take(self) -> list[Item]:
        """Take the messages of the next flush: a bounded number, because a commit has bounded size."""
        items, self._items = self._items[:FLUSH_MOST], self._items[FLUSH_MOST:]
        if self._items:
            self._pacer.note(hurried=len(self._items) >= self._flush_at)
        if self._again:
            self._shard.forget()
            self._again = False
        return items

    def _interval_s(self) -> float:
        return self._shard.interval_ms / 1000

    def _clock_wait_s(self) -> float | None:
        state = self._shard.state
        if state is None:
            return None
        now = self._clock.now_ms()
        shard = self._shard
        own = [shard.due_at]
        if self._coordinator is not None:
            own = self._coordinator.wakes_at(Turn(state, shard.layout.shards))
        moments = [moment for moment in (*own, shard.ranks_due_at) if moment is not None]
        return (min(moments) - now) / 1000 if moments else None

    async def _flush(self, items: list[Item]) -> None:
        try:
            await self._shard.run(items)
            if self._coordinator is not None and (turn := self._turn(items)) is not None:
                await self._coordinator.prepare(turn)
        except SessionUnknown:
            await self._dead_letter(items)
        except (GaveUp, StoreError, BusUnavailable) as error:
            self._log.error("flush given up; it is tried again", error=str(error), messages=len(items))
            await self._keep(items)
        except Exception:
            # One broken session must not stop the others. Its messages stay on the bus; the metric and the log report
            # it.
            self._log.exception("a fault in a flush; it is tried again", messages=len(items))
            await self._keep(items)
        else:
            await self._done_with(items)
            await self._act()

    def _turn(self, items: Sequence[Item] = ()) -> Turn | None:
        """None while the shard is not loaded."""
        state = self._shard.state
        return Turn(state, self._shard.layout.shards, [item.message for item in items]) if state is not None else None

    async def _act(self) -> None:
        turn = self._turn()
        if self._coordinator is None or turn is None:
            return
        try:
            outcome = await self._coordinator.act(turn)
        except Exception:
            # The messages are counted already; one broken session must not stop the others.
            self._log.exception("a fault in what shard 0 does for its session")
            await self._pacer.pause()  # a due action stays due
            return
        if outcome is Outcome.RELOAD:
            self.look_again()

    async def _keep(self, items: list[Item]) -> None:
        """Keep the items that could not be counted in front of all later ones. A nacked message would be redelivered
        after them, and the session could become final without it."""
        self._telemetry.add("flushes_given_up")
        self._shard.forget()
        self._items = without_repeats([*items, *self._items])
        if self._pacer.draining:
            uncounted, self._items = self._items, []
            self._pacer.clear()
            await self._deliveries.nack(deliveries_of(uncounted))
            return
        self.look_again()
        if self._items:
            self._pacer.note()
        await self._pacer.pause()

    async def _dead_letter(self, items: list[Item]) -> None:
        if items:
            self._log.warning("messages of an unknown session go to the dead-letter topic", messages=len(items))
        else:
            self._log.warning("a session cannot be loaded: its documents are not whole")
        await self._deliveries.dead_letter(deliveries_of(items), "unknown session")

    async def _done_with(self, items: list[Item]) -> None:
        shard, deliveries = self._shard, deliveries_of(items)
        if shard.layout.merged:
            await self._take_over(shard.handed_over(deliveries))
        else:
            await self._deliveries.ack(deliveries)
