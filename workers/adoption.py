"""Finds the sessions that have lost their worker: their clock is overdue, or they are final and not handed on.

One check reads all of these sessions, page by page. When a session is still overdue by the same clock after a check,
loading it or acting on it fails. Adoption then skips the session for a pause that grows with each check, so that the
session does not delay the others.

Every worker finds an overdue session, and a session has up to 2,000,000 players of about 3 KiB each in memory. So one
check starts at most shard 0 and the shards of one group (64). Each worker chooses its group at random.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from quizcore import documents
from quizcore.documents import GroupDocument, SessionDocument
from quizcore.layout import Layout
from quizcore.ports import Clock, DocumentStore, OrderBy, Snapshot, StoreError, Where
from quizcore.telemetry import Telemetry

OVERDUE_MS = 1_000  # a session this late has lost its worker
PAGE = 100
TAKEN_MOST = 2_000  # in one check; the next check continues
REMEMBERED_MOST = 10_000
QUARANTINED_AT = 3  # checks of each group that have changed nothing
PAUSE_MOST_S = 300.0


@dataclass(frozen=True, slots=True)
class Orphan:
    """`shards` must be started."""

    session_id: str
    shards: Sequence[int]


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
                taken += [await self._orphan(session) for session in page if self._is_due(session, before, now)]
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
        rounds, rest = divmod(looked.times, _groups(session))
        looked.again_at = now + min(PAUSE_MOST_S, self._every_s * 2 ** min(rounds, 16))
        if rounds == QUARANTINED_AT and not rest:
            self._telemetry.add("sessions_quarantined")
            self._log.error("a session stays overdue; it is checked again later", session=session.name)
        return True

    async def _orphan(self, session: Snapshot) -> Orphan:
        """A session document with missing fields is adopted as a session of one shard: the shard's runner logs what is
        wrong with it. In a final session only handing on can be due, and shard 0 does it."""
        head = session.data
        if not documents.is_whole_session(head) or head.get("final"):
            return Orphan(session.name, range(1))
        layout = Layout.of(session.name, head)
        if not layout.grouped:
            return Orphan(session.name, range(layout.shards))
        return Orphan(session.name, await asyncio.to_thread(self._of_one_group, layout))

    def _of_one_group(self, layout: Layout) -> Sequence[int]:
        """Shard 0, which has the session's clock and whose turn merges the public board, and the shards of one group
        that is overdue or whose summary is gone. Raises StoreError."""
        found, late = self._store.get_many(layout.summaries), self._clock.now_ms() - OVERDUE_MS
        dues = [found[path].read_as(GroupDocument)["due_at"] if path in found else 0 for path in layout.summaries]
        overdue = [group for group, due_at in enumerate(dues) if due_at is not None and due_at <= late]
        group = random.choice(overdue) if overdue else None  # noqa: S311 (no secret)
        return (0,) if group is None else sorted({0, *layout.shards_of(group)})

    def _pages(self) -> Iterator[list[Snapshot]]:
        """Each overdue session once."""
        overdue: list[Where] = [("due_at", "<=", self._clock.now_ms() - OVERDUE_MS)]
        after: tuple[int, str] | None = None
        while page := self._store.list(documents.SESSIONS, overdue, PAGE, OrderBy("due_at"), after):
            yield page
            if len(page) < PAGE:
                return
            after = (_due_at(page[-1]), page[-1].name)


def _groups(session: Snapshot) -> int:
    """1 also for a session document with missing fields."""
    return Layout.of(session.name, session.data).groups if documents.is_whole_session(session.data) else 1


def _due_at(session: Snapshot) -> int:
    """The session's `due_at`. The query that found the session filters by it, so the field is there."""
    return session.read_as(SessionDocument)["due_at"] or 0
