"""Finds the sessions that have lost their worker: their clock is overdue, or they are final and not handed on.

One check reads all of these sessions, page by page. When a session is still overdue by the same clock after a check,
loading it or acting on it fails. Adoption then skips the session for a pause that grows with each check, so that the
session does not delay the others.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.ports import Clock, DocumentStore, OrderBy, Snapshot, StoreError, Where
from quizcore.telemetry import Telemetry

OVERDUE_MS = 1_000  # a session this late has lost its worker
PAGE = 100
TAKEN_MOST = 2_000  # in one check; the next check continues
REMEMBERED_MOST = 10_000
QUARANTINED_AT = 3  # checks that have changed nothing
PAUSE_MOST_S = 300.0


@dataclass(frozen=True, slots=True)
class Orphan:
    """`shards`: the number of shards, from the first on, that must be started."""

    session_id: str
    shards: int


@dataclass(slots=True)
class _Looked:
    """`due_at` is the clock that was overdue (ms since the epoch), `again_at` the time of the next check (s, of the
    loop)."""

    due_at: int
    times: int = 0
    again_at: float = 0.0


class Adoption:
    """Checks one session at most once in `every_s` seconds."""

    def __init__(self, store: DocumentStore, clock: Clock, every_s: float, telemetry: Telemetry) -> None:
        self._store = store
        self._clock = clock
        self._every_s = every_s
        self._telemetry = telemetry
        self._looked: dict[str, _Looked] = {}
        self._log = structlog.get_logger("adoption")

    async def overdue(self, now: float) -> list[Orphan]:
        """The sessions to adopt at `now` (s, the loop's clock), the longest overdue first. When the store fails between
        two pages, the sessions of the pages that were read. Raises StoreError when no page was read."""
        before, self._looked = self._looked, {}
        pages = self._pages()
        taken: list[Orphan] = []
        try:
            while len(taken) < TAKEN_MOST:
                page = await asyncio.to_thread(next, pages, None)
                if page is None:
                    break
                taken += [_orphan(session) for session in page if self._is_due(session, before, now)]
            else:
                self._keep(before)
        except StoreError as error:
            self._keep(before)
            if not taken:
                raise
            self._log.warning("not all overdue sessions could be read", error=str(error))
        return taken

    def _keep(self, before: dict[str, _Looked]) -> None:
        """After a check that did not reach every page, keep the records of the sessions on the other pages."""
        unreached = [item for item in before.items() if item[0] not in self._looked]
        self._looked |= unreached[: REMEMBERED_MOST - len(self._looked)]

    def _is_due(self, session: Snapshot, before: dict[str, _Looked], now: float) -> bool:
        """Whether it is time to check this session. Forgets sessions that are no longer overdue."""
        looked = before.get(session.name)
        due_at = _due_at(session)
        if looked is None or looked.due_at != due_at:
            looked = _Looked(due_at)
        if len(self._looked) < REMEMBERED_MOST:
            self._looked[session.name] = looked
        if now < looked.again_at:
            return False
        looked.times += 1
        looked.again_at = now + min(PAUSE_MOST_S, self._every_s * 2 ** min(looked.times, 16))
        if looked.times == QUARANTINED_AT:
            self._telemetry.add("sessions_quarantined")
            self._log.error("a session stays overdue; it is checked again later", session=session.name)
        return True

    def _pages(self) -> Iterator[list[Snapshot]]:
        """Each overdue session once."""
        overdue: list[Where] = [("due_at", "<=", self._clock.now_ms() - OVERDUE_MS)]
        after: tuple[int, str] | None = None
        while page := self._store.list(documents.SESSIONS, overdue, PAGE, OrderBy("due_at"), after):
            yield page
            if len(page) < PAGE:
                return
            after = (_due_at(page[-1]), page[-1].name)


def _orphan(session: Snapshot) -> Orphan:
    """A session document with missing fields is adopted as a session of one shard: the shard's runner logs what is
    wrong with it. In a final session only handing on can be due, and shard 0 does it."""
    head = session.data
    runs = documents.is_whole_session(head) and not head.get("final")
    return Orphan(session.name, session.read_as(SessionDocument)["shards"] if runs else 1)


def _due_at(session: Snapshot) -> int:
    """The session's `due_at`. The query that found the session filters by it, so the field is there."""
    return session.read_as(SessionDocument)["due_at"] or 0
