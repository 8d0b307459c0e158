"""The turns of a session's public board and of its groups: merged soon after a shard has changed, at most once per
board interval.

A shard's messages are acknowledged after the merge that shows them, so that a worker's death in between leaves the
messages on the bus. Exception: when the session document already contains this shard's `due_at`, another worker would
adopt the session at that time, so the messages are acknowledged before the merge.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import Clock, Delivery, StoreError
from quizcore.settings import WorkerSettings
from workers.deliveries import Deliveries, HandedOver, TakeOver
from workers.fenced_job import GaveUp
from workers.pacer import Pacer
from workers.public_board.group import GroupJob

MergeKey = tuple[str, int | None]  # the number of a group, or None for the public board
MakeMerge = Callable[[str, int | None, TakeOver], "MergeRunner"]


class Merge(Protocol):
    """The fenced job of a runner. `dues`: the due time of the clock of each part (ms since the epoch)."""

    session_id: str
    players: int
    dues: dict[int, int | None]

    async def run(self, given: None, /) -> int | None:
        """Returns the time at which time alone requires another merge (ms since the epoch), or None."""


class MergeRunner(ABC):
    """Ends after a while without anything to merge."""

    def __init__(self, job: Merge, deliveries: Deliveries, clock: Clock, settings: WorkerSettings) -> None:
        self._job = job
        self._deliveries = deliveries
        self._clock = clock
        self._settings = settings
        self._waiting: list[HandedOver] = []
        self.ended = False  # it accepts nothing more
        self._again_at: int | None = None
        self._pacer = Pacer(self._interval_s, self._clock_wait_s, settings.idle_s, settings.give_up_pause_s)
        self._log = structlog.get_logger("merge_runner").bind(session_id=job.session_id)

    @abstractmethod
    async def _done_with(self, handed: Sequence[HandedOver]) -> None:
        """Called when the documents of this merge show the messages that were handed over."""

    async def take_over(self, handed: HandedOver) -> None:
        """A part has been committed; its deliveries are acknowledged when it is safe."""
        self._pacer.note()
        if handed.due_at is not None and self._job.dues.get(handed.part) == handed.due_at:
            await self._done_with([handed])
        else:
            self._waiting.append(handed)

    def drain(self) -> None:
        """Merge the pending changes at once, then end."""
        self._pacer.drain()

    async def run(self) -> None:
        gone = False
        while not gone and await self._pacer.next_turn():
            gone = not await self.turn()
        self.ended = True
        if gone:
            # The session is deleted by age, and the shards have counted the messages. A nack would redeliver them
            # without end.
            await self._deliveries.ack(_deliveries_of(self._waiting))
        else:  # merging failed
            await self._deliveries.nack(_deliveries_of(self._waiting))

    async def turn(self) -> bool:
        """One merge, at once; false when this runner has nothing more to merge."""
        shown = list(self._waiting)
        try:
            self._again_at = await self._job.run(None)
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
            await self._done_with(shown)
        return True

    async def _try_again(self) -> None:
        if not self._pacer.draining:
            self._pacer.note()
        await self._pacer.pause()

    def _interval_s(self) -> float:
        return self._settings.board_interval_ms(self._job.players) / 1000

    def _clock_wait_s(self) -> float | None:
        """None while changes are pending: their merge also writes the ranks."""
        if self._pacer.pending or self._again_at is None:
            return None
        return (self._again_at - self._clock.now_ms()) / 1000


class PublicBoardRunner(MergeRunner):
    """Acknowledges the messages that the public board shows."""

    async def _done_with(self, handed: Sequence[HandedOver]) -> None:
        await self._deliveries.ack(_deliveries_of(handed))


class GroupRunner(MergeRunner):
    """Hands over the messages that a group's summary shows: to the next group that must show them, else to the public
    board."""

    def __init__(
        self, job: GroupJob, deliveries: Deliveries, clock: Clock, settings: WorkerSettings, pass_on: TakeOver
    ) -> None:
        super().__init__(job, deliveries, clock, settings)
        self._group = job
        self._pass_on = pass_on

    async def _done_with(self, handed: Sequence[HandedOver]) -> None:
        """Called also without messages, because the public board follows every new summary."""
        onward: defaultdict[tuple[int, ...], list[Delivery]] = defaultdict(list, {(): []})
        for each in handed:
            onward[each.groups[1:]] += each.deliveries
        for groups, deliveries in onward.items():
            # The due time of this group says nothing about another group's clock.
            due_at = None if groups else self._group.due_at
            await self._pass_on(HandedOver(self._group.group, due_at, deliveries, groups))


def _deliveries_of(handed: Sequence[HandedOver]) -> list[Delivery]:
    return [delivery for each in handed for delivery in each.deliveries]
