"""The receiver of final sessions that counts them for their people and their quizzes."""

from collections.abc import Callable

from quizcore.domain.leaderboard.person import Rules
from quizcore.domain.leaderboard.plays import QUIZZES_BOARD
from quizcore.ports import Clock, DocumentStore, FinalSession, Ids, NotReceived, StoreError
from quizcore.results import PLAYERS_A_COMMIT, parts_of
from quizcore.telemetry import Telemetry
from workers.fenced_job import GaveUp
from workers.leaderboard.count_job import CountJob
from workers.leaderboard.plays_job import PlaysJob


class Counting:
    """`moved` hears of each board that has moves to fold."""

    def __init__(
        self,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        rules: Rules,
        attempts: int,
        telemetry: Telemetry,
        moved: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._rules = rules
        self._attempts = attempts
        self._telemetry = telemetry
        self._moved = moved

    async def receive(self, final: FinalSession) -> None:
        """Raises NotReceived. What was counted before the failure stays counted."""
        out = (self._store, self._clock, self._ids)
        job = CountJob(final, *out, self._rules, self._attempts, self._telemetry)
        try:
            for slots in parts_of(final.players, PLAYERS_A_COMMIT):
                for board in sorted(await job.run(slots)):
                    self._moved(board)
            if await PlaysJob(final, *out, self._attempts, self._telemetry).run(None):
                self._moved(QUIZZES_BOARD)
        except (StoreError, GaveUp) as error:
            raise NotReceived(f"session {final.session_id} was not counted: {error}") from error
