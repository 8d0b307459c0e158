"""Hands a final session on to every receiver: at least once, and only after the commit that made the session final. The
session document shows what is to be handed on (quizcore/documents/result.py). When a worker dies before it has written
`handed_seq`, the session's `due_at` stays in the past, and the worker that adopts the session hands it on again."""

import asyncio
from collections.abc import Sequence

import structlog

from quizcore import documents
from quizcore.documents import Result, SessionDocument
from quizcore.ledger import spent_on
from quizcore.ports import (
    Clock,
    Conflict,
    DocumentStore,
    FinalReceiver,
    FinalSession,
    NotReceived,
    OutcomeUnknown,
    Replace,
    Snapshot,
    StoreError,
)
from quizcore.results import final_session
from workers.coordinator.duty import Outcome, Turn
from workers.fenced_job import FencedJob, GaveUp, Pauses

PAUSE_FIRST_MS = 500
PAUSE_MOST_MS = 60_000
LOOKS_MOST = 8  # in about two minutes; after that, adoption finds the session by its `due_at`


class HandOn:
    """Runs after every turn of shard 0 once the session is over. Runs again after a pause while a receiver or the store
    fails, or while the other shards are not merged yet."""

    def __init__(self, job: "HandOnJob", session_id: str, clock: Clock) -> None:
        self._job = job
        self._clock = clock
        self._pauses = Pauses(PAUSE_FIRST_MS, PAUSE_MOST_MS)
        self._looks = 0  # attempts that found it not done
        self._log = structlog.get_logger("hand_on").bind(session_id=session_id)

    def wakes_at(self, turn: Turn) -> int | None:
        return self._pauses.next_at if self._looks and _is_over(turn) else None

    async def act(self, turn: Turn) -> Outcome:
        now = self._clock.now_ms()
        if not _is_over(turn) or (self._looks and now < self._pauses.next_at):
            return Outcome.DONE
        self._looks += 1
        self._pauses.began(now)
        if await self._done() or self._looks >= LOOKS_MOST:
            self._looks = 0
            self._pauses.done()
        return Outcome.DONE

    async def _done(self) -> bool:
        try:
            with spent_on("hand_on"):
                return await self._job.run(None)
        except (StoreError, GaveUp, NotReceived) as error:
            self._log.warning("a final session was not handed on; it is tried again", error=str(error))
            return False


class HandOnJob(FencedJob[None, bool]):
    """Gives the newest final version to every receiver, then writes its `seq` to `handed_seq`. The fence is the
    session's document as it was read: every final board changes it. `run` tells whether there is a final version and
    it was handed on; raises StoreError, GaveUp, or NotReceived."""

    def __init__(
        self, session_id: str, store: DocumentStore, receivers: Sequence[FinalReceiver], attempts: int
    ) -> None:
        super().__init__(f"session {session_id}: handing on", store, attempts)
        self._session_id = session_id
        self._receivers = receivers
        self._taken: dict[int, FinalSession] = {}  # the version that each receiver has received from this process

    async def attempt(self, _given: None) -> bool:
        session = await asyncio.to_thread(self.store.get, documents.session_path(self._session_id))
        if session is None:
            return True  # deletion by age has deleted it
        head = session.read_as(SessionDocument)
        result = documents.to_hand_on(head)
        if result is None:
            return head.get("result") is not None
        await self._give(final_session(session.name, head, result))
        await asyncio.to_thread(self.store.commit, [stamp(session, result)])
        return True

    def forget(self) -> None:
        """The job remembers nothing of the documents."""

    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        """The next attempt reads whether the stamp was written."""

    async def _give(self, final: FinalSession) -> None:
        """Give the session to each receiver that has not received it yet. Raises NotReceived after every receiver was
        asked."""
        refused: list[NotReceived] = []
        for number, receiver in enumerate(self._receivers):
            if self._taken.get(number) == final:
                continue
            try:
                await receiver.receive(final)
            except NotReceived as error:
                refused.append(error)
            else:
                self._taken[number] = final
        if refused:
            raise refused[0]


def stamp(session: Snapshot, result: Result) -> Replace:
    return Replace(session.path, documents.handed_on(session.read_as(SessionDocument), result), session.version)


def _is_over(turn: Turn) -> bool:
    return turn.state.pacing.final
