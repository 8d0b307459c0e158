"""Decides when a running session gets more shards. `reshard_job.py` adds them."""

import structlog

from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown
from quizcore.ports import Clock, StoreError
from quizcore.settings import WorkerSettings
from quizcore.shards import shards_for
from quizcore.telemetry import Telemetry
from workers.coordinator.duty import Outcome, Turn
from workers.coordinator.reshard_job import ReshardJob, between_questions
from workers.fenced_job import GaveUp, Pauses

PAUSE_FIRST_MS = 500
PAUSE_MOST_MS = 60_000


class Reshard:
    """A duty of shard 0, because only shard 0 writes the session's phase."""

    def __init__(
        self, job: ReshardJob, session_id: str, clock: Clock, settings: WorkerSettings, telemetry: Telemetry
    ) -> None:
        self._job = job
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self._pauses = Pauses(PAUSE_FIRST_MS, PAUSE_MOST_MS)
        self._log = structlog.get_logger("resharder").bind(session_id=session_id)

    def wakes_at(self, turn: Turn) -> int | None:
        if self._wanted(turn) <= turn.shards or not between_questions(turn.state):
            return None
        return self._pauses.next_at

    async def act(self, turn: Turn) -> Outcome:
        due_at, now = self.wakes_at(turn), self._clock.now_ms()
        if due_at is None or now < due_at:
            return Outcome.DONE
        self._pauses.began(now)
        wanted = self._wanted(turn)
        try:
            with spent_on("reshard"):
                outcome = await self._job.run(wanted)
        except GaveUp as error:
            # Safe whether the commit was made or not: the state is loaded again from the documents.
            self._log.info("resharding met another commit; it is tried again", error=str(error))
            return Outcome.RELOAD
        except (StoreError, SessionUnknown) as error:
            self._log.error("the session cannot be given more shards", shards=wanted, error=str(error))
            return Outcome.DONE
        if outcome is Outcome.RELOAD:
            self._pauses.done()
            self._telemetry.add("sessions_resharded")
            self._log.info("the session has more shards", before=turn.shards, shards=wanted)
        return outcome

    def _wanted(self, turn: Turn) -> int:
        """The number of shards for the players that the host expects; without that, for the players that have joined,
        when they are far too many. The hash spreads players evenly, so shard 0 can estimate how many have joined."""
        here, shards = len(turn.state.standings), turn.shards
        came = shards_for(here * shards) if here > self._settings.shard_players_most else shards
        return max(shards, came, shards_for(turn.state.timeline.expected_players))
