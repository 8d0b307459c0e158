"""Count a part of a final session: each player's result goes into the person's document, and what that changes on
boards into moves, in one commit.

A person's contributions are a set with the newest version of each session, so a repetition finds everything counted and
writes nothing. That is also how a commit whose answer was lost is recognised.
"""

import asyncio

from quizcore import people
from quizcore.documents.person import person_path
from quizcore.documents.school_class import class_member_path
from quizcore.domain.leaderboard.person import Rules
from quizcore.ledger import spent_on
from quizcore.people import Change
from quizcore.ports import Clock, Conflict, DocumentStore, FinalSession, Ids, OutcomeUnknown
from quizcore.telemetry import Telemetry
from workers.fenced_job import FencedJob
from workers.leaderboard.results import read_results


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
            changes = await asyncio.to_thread(self._changes, slots)
            if changes:
                writes = people.writes_of(changes, self._clock, self._ids)
                await asyncio.to_thread(self.store.commit, writes)
                self._telemetry.add("results_counted", len(changes))
        return frozenset(board for change in changes for board in change.moves)

    def forget(self) -> None:
        """It remembers nothing of the documents."""

    def lost(self, _error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("counts_lost")

    def _changes(self, slots: range) -> list[Change]:
        results = self.store.at_one_moment(lambda reader: read_results(reader, self._final, slots))
        by_person = results.by_person() if results else {}
        if not by_person:
            return []
        found = self.store.get_many([person_path(uid) for uid in by_person]).values()
        members = self._members([snapshot.name for snapshot in found])
        now = self._clock.now_ms()
        changes: list[Change] = []
        for snapshot in found:
            contribution = by_person[snapshot.name]
            if snapshot.name not in members:
                contribution = contribution._replace(class_id=None, class_day=None)
            person = people.known_for(self.store, snapshot, contribution, now)
            change = people.counted(person, contribution, now, self._rules)
            changes += [change] if change else []
        return changes

    def _members(self, uids: list[str]) -> set[str]:
        """The members of the session's class among these players. Other players play along, and are not on the class's
        board."""
        class_id = self._final.class_id
        if class_id is None or not uids:
            return set()
        found = self.store.get_many([class_member_path(class_id, uid) for uid in uids])
        return {snapshot.name for snapshot in found.values()}
