"""The turns of a session's public board: merged soon after a shard has changed, at most once a board interval.

What a shard has committed is acknowledged after the merge that shows it, so that a worker's death in between leaves the
messages on the bus. Exception: when the session's document already holds this shard's `due_at`, another worker adopts
the session at that moment, so the messages are acknowledged before the merge.
"""

import structlog

from quizcore.loading import SessionUnknown
from quizcore.ports import Clock, Delivery, StoreError
from quizcore.settings import WorkerSettings
from workers.deliveries import Deliveries, HandedOver
from workers.fenced_job import GaveUp
from workers.pacer import Pacer
from workers.public_board.job import PublicBoardJob


class PublicBoardRunner:
    """Ends when the session has been idle."""

    def __init__(self, job: PublicBoardJob, deliveries: Deliveries, clock: Clock, settings: WorkerSettings) -> None:
        self._job = job
        self._deliveries = deliveries
        self._clock = clock
        self._settings = settings
        self._waiting: list[Delivery] = []
        self.ended = False  # it takes nothing more
        self._again_at: int | None = None
        self._pacer = Pacer(self._interval_s, self._clock_wait_s, settings.idle_s, settings.give_up_pause_s)
        self._log = structlog.get_logger("merge_runner").bind(session_id=job.session_id)

    async def take_over(self, handed: HandedOver) -> None:
        """A shard of this session has been committed; its deliveries are acknowledged when it is safe."""
        self._pacer.note()
        if handed.due_at is not None and self._job.dues.get(handed.shard) == handed.due_at:
            await self._deliveries.ack(handed.deliveries)
        else:
            self._waiting += handed.deliveries

    def drain(self) -> None:
        """Merge what is not merged at once, then end."""
        self._pacer.drain()

    async def run(self) -> None:
        gone = False
        while not gone and await self._pacer.next_turn():
            gone = not await self.turn()
        self.ended = True
        if gone:
            # The public board will not come back (deletion by age), and the shards hold what they counted: given back,
            # the messages would come again and again.
            await self._deliveries.ack(self._waiting)
        else:  # merging failed
            await self._deliveries.release(self._waiting)

    async def turn(self) -> bool:
        """One merge, without any waiting for its time; false when there is nothing to merge for ever."""
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
            await self._deliveries.ack(shown)
        return True

    async def _try_again(self) -> None:
        if not self._pacer.draining:
            self._pacer.note()
        await self._pacer.pause()

    def _interval_s(self) -> float:
        return self._settings.board_interval_ms(self._job.players) / 1000

    def _clock_wait_s(self) -> float | None:
        """What is pending waits for its interval, and takes the ranks along."""
        if self._pacer.pending or self._again_at is None:
            return None
        return (self._again_at - self._clock.now_ms()) / 1000
