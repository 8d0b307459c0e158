"""Count a part of a final session: each player's result goes into the person's document, and what that changes on
boards into moves, in one commit.

A person's contributions are a set with the newest version of each session, so a repetition finds everything counted and
writes nothing. That is also how a commit whose answer was lost is recognised.
"""

import asyncio

from quizcore import people
from quizcore.domain.leaderboard.person import Rules
from quizcore.ledger import spent_on
from quizcore.ports import Clock, Conflict, DocumentStore, FinalSession, Ids, OutcomeUnknown
from quizcore.results import changes_of
from quizcore.telemetry import Telemetry
from workers.fenced_job import FencedJob


class CountJob(FencedJob[range, frozenset[str]]):
    """Counts the players in some slots of one final session. `run` gives the boards that have moves now; raises
    StoreError or GaveUp. The fences are the documents of the people."""

    def __init__(
        self,
        final: FinalSession,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        rules: Rules,
        attempts: int,
        telemetry: Telemetry,
    ) -> None:
        super().__init__(f"session {final.session_id}: counting", store, attempts)
        self._final = final
        self._clock = clock
        self._ids = ids
        self._rules = rules
        self._telemetry = telemetry

    async def attempt(self, slots: range) -> frozenset[str]:
        with spent_on("count"):
            now = self._clock.now_ms()
            changes = await asyncio.to_thread(changes_of, self.store, self._final, slots, now, self._rules)
            if changes:
                writes = people.writes_of(changes, self._clock, self._ids)
                await asyncio.to_thread(self.store.commit, writes)
                self._telemetry.add("results_counted", len(changes))
        return frozenset(board for change in changes for board in change.moves)

    def forget(self) -> None:
        """It remembers nothing of the documents."""

    def lost(self, _error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("counts_lost")
