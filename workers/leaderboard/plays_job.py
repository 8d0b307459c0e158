"""Count a final session for its quiz, on the leaderboard of quizzes."""

import asyncio

from quizcore import documents, people
from quizcore.documents import QuizDocument, SessionDocument
from quizcore.documents.plays import (
    PlaysDocument,
    SessionPlaysDocument,
    plays_fields,
    plays_path,
    read_plays,
    session_plays_fields,
    session_plays_path,
    shown_as,
)
from quizcore.domain.leaderboard.calendar import date_of
from quizcore.domain.leaderboard.plays import QUIZZES_BOARD, Plays, is_late, played, tidied
from quizcore.ledger import spent_on
from quizcore.people import Change
from quizcore.ports import (
    Clock,
    Conflict,
    Create,
    DocumentStore,
    FinalSession,
    Ids,
    OutcomeUnknown,
    Replace,
    Snapshot,
    Write,
)
from quizcore.telemetry import Telemetry
from workers.fenced_job import FencedJob


class PlaysJob(FencedJob[None, bool]):
    """Adds one final session to the plays of its quiz, when the quiz is public. `run` tells whether anything moved;
    raises StoreError or GaveUp. The fences are the session's document of plays and that of the quiz, so a session of
    which a version was added is recognised."""

    def __init__(
        self, final: FinalSession, store: DocumentStore, clock: Clock, ids: Ids, attempts: int, telemetry: Telemetry
    ) -> None:
        super().__init__(f"session {final.session_id}: counting for its quiz", store, attempts)
        self._final = final
        self._clock = clock
        self._ids = ids
        self._telemetry = telemetry

    async def attempt(self, _given: None) -> bool:
        with spent_on("count"):
            writes = await asyncio.to_thread(self._writes)
            if writes:
                await asyncio.to_thread(self.store.commit, writes)
        return bool(writes)

    def forget(self) -> None:
        """It remembers nothing of the documents."""

    def lost(self, _error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("counts_lost")

    def _writes(self) -> list[Write]:
        final, now = self._final, self._clock.now_ms()
        day, today = date_of(final.finished_at), date_of(now)
        quiz_at, plays_at = documents.quiz_path(final.quiz_id), plays_path(final.quiz_id)
        session_at, added_at = documents.session_path(final.session_id), session_plays_path(final.session_id)
        paths = [quiz_at, plays_at, session_at, added_at]
        found = self.store.at_one_moment(lambda reader: reader.get_many(paths))
        quiz, stored, session, added = (found.get(path) for path in paths)
        if session is None or not documents.is_whole_session(session.data) or is_late(day, today):
            return []
        if quiz is None or quiz.read_as(QuizDocument)["visibility"] != "public":
            return []
        before = added.read_as(SessionPlaysDocument) if added else None
        if before is not None and before["version"] >= final.seq:
            return []
        display = shown_as(quiz.read_as(QuizDocument)["title"])
        plays = read_plays(final.quiz_id, stored.read_as(PlaysDocument)) if stored else Plays(final.quiz_id, display)
        players = final.players - (before["players"] if before else 0)
        after, move = played(plays, day, players, final.finished_at, display)
        expires_at = session.read_as(SessionDocument)["expires_at"]
        own = [
            _write(plays_at, stored, plays_fields(tidied(after, today))),
            _write(added_at, added, session_plays_fields(final.seq, final.players, expires_at)),
        ]
        return people.writes_of([Change(own, {QUIZZES_BOARD: move} if move.steps else {})], self._clock, self._ids)


def _write(path: str, found: Snapshot | None, fields: PlaysDocument | SessionPlaysDocument) -> Write:
    return Replace(path, fields, found.version) if found else Create(path, fields)
