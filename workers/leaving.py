"""Deletes what a session holds about players who want to be erased: a receiver of final sessions.

A removal after the end makes a new final version, which is handed on without the player. So an erasure needs no process
that waits, and a worker that dies leaves a version that is handed on again.
"""

import asyncio

from quizcore import documents
from quizcore.ports import BusUnavailable, Clock, DocumentStore, FinalSession, Ids, NotReceived, Publisher, StoreError
from quizcore.usecases.erase import erase, removal, shown_in, trace_of


class Leaving:
    def __init__(self, store: DocumentStore, publisher: Publisher, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._ids = ids

    async def receive(self, final: FinalSession) -> None:
        try:
            await asyncio.to_thread(self._erase_leavers, final.session_id)
        except (StoreError, BusUnavailable) as error:
            raise NotReceived(f"the players who leave were not erased: {error}") from error

    def _erase_leavers(self, session_id: str) -> None:
        for leaver in self._store.list(documents.leavers_path(session_id)):
            self._erase(session_id, leaver.name)

    def _erase(self, session_id: str, player_id: str) -> None:
        """When the session shows the player, the removal is published, maybe again: then comes another version."""
        trace = trace_of(self._store, session_id, player_id, self._clock.now_ms())
        if trace is None:
            return
        if not trace.going and shown_in(self._store, trace):
            self._publisher.publish([removal(trace, self._clock, self._ids)])
        else:
            erase(self._store, trace)
