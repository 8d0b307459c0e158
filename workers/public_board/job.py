"""The public board of a session with many shards: merged from the shards' boards, fenced like theirs.

Any worker may merge: with the fence only one of two commits succeeds, and both would write the same. The worker that
commits a shard merges soon after. When it dies in between, the session's `due_at` is overdue, and another worker adopts
the session.
"""

import asyncio

import structlog

from quizcore import documents
from quizcore.documents import RollFields, ShardBoardFields
from quizcore.layout import Layout
from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown, layout_of
from quizcore.merging import merged_pages
from quizcore.ports import Clock, Conflict, DocumentStore, Ids, OutcomeUnknown, Snapshot
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.closing import Closing
from workers.fenced_job import FencedJob
from workers.public_board.pages import check_no_shard_has_moved, pages_of_players
from workers.public_board.plan import (
    Commit,
    Found,
    News,
    next_commit,
    page_count,
    plan_left_over,
    plan_news,
    plan_pages,
    roll_paths,
    shows_a_whole_table,
)


class PublicBoardJob(FencedJob[None, int | None]):
    """Merges one session. `run` updates the public documents from the shards' boards, and returns the time (ms since
    the epoch) at which time alone requires another merge, or None. Raises SessionUnknown, StoreError, or GaveUp.

    As of the last merge, `players` is the number of the session's players, and `dues` has the due time of the clock of
    each shard or group.
    """

    def __init__(
        self,
        session_id: str,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        settings: WorkerSettings,
        telemetry: Telemetry,
        closing: Closing,
    ) -> None:
        super().__init__(f"session {session_id}: merging", store, settings.commit_attempts)
        self.session_id = session_id
        self.players = 0
        self.dues: dict[int, int | None] = {}
        self._clock = clock
        self._ids = ids
        self._top_k = settings.top_k
        self._telemetry = telemetry
        self._closing = closing
        self._layout: Layout | None = None

    async def attempt(self, _given: None) -> int | None:
        with spent_on("merge"):
            if self._layout is None:
                self._layout = await asyncio.to_thread(layout_of, self.store, self.session_id)
            if not self._layout.merged:
                return None  # the only shard's board is the public board
            return await self._merge(self._layout)

    def forget(self) -> None:
        self._layout = None  # the session may have been resharded

    def lost(self, error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("merges_lost")
        structlog.get_logger("merger").info("merge again", session_id=self.session_id, error=str(error))

    async def _merge(self, layout: Layout) -> int | None:
        found = await asyncio.to_thread(self._load, layout)
        news = plan_news(found, self._clock.now_ms(), self._top_k)
        self.players = news.merged["player_count"]
        if news.changed:
            if shows_a_whole_table(found, news):
                await asyncio.to_thread(self._add_pages, found, news)
            await self._write(found, news)
            self._telemetry.add("merges_made")
        self.dues = {number: part.read_as(ShardBoardFields)["due_at"] for number, part in enumerate(found.parts)}
        closing_again_at = await self._close(found, news)
        return min((at for at in (news.ranks_due_at, closing_again_at) if at is not None), default=None)

    async def _close(self, found: Found, news: News) -> int | None:
        """Close the question when all players of all shards have answered it. Returns the time of the next check, or
        None."""
        if not found.options.auto_close:
            return None
        facts = documents.session_facts(found.head)
        await self._closing.close(facts, news.turnout, found.layout.shards)
        return self._closing.again_at(facts, self._clock.now_ms())

    def _load(self, layout: Layout) -> Found:
        paths = [
            documents.session_path(self.session_id),
            documents.board_path(self.session_id),
            documents.ranks_path(self.session_id),
            *layout.parts,
        ]
        found = self.store.get_many(paths)
        session, top, ranks, *rest = (found.get(path) for path in paths)
        parts = [part for part in rest if part is not None]
        if session is None or not documents.is_whole_session(session.data) or top is None or len(parts) < len(rest):
            raise SessionUnknown(self.session_id)
        if Layout.of(self.session_id, session.data) != layout:
            raise Conflict("the session has more shards now")
        return Found(self.session_id, layout, session, top, ranks, parts)

    def _add_pages(self, found: Found, news: News) -> None:
        pages = page_count(found, news)
        if found.layout.grouped:
            plan_pages(found, news, pages_of_players(self.store, self.session_id, pages) if pages else [])
        else:
            plan_pages(found, news, merged_pages(self._rolls(found)) if news.merged["final"] else [])
        of_boards = documents.boards_path(self.session_id)
        left_over = self.store.list(of_boards, where=[("page", ">=", pages)])
        plan_left_over(news, [page.path for page in left_over])

    def _rolls(self, found: Found) -> list[RollFields]:
        """The tables of exactly these boards. Raises Conflict when a board has changed, or SessionUnknown when a table
        is missing."""
        rolls = roll_paths(found)
        now = self.store.get_many([*rolls, *(board.path for board in found.parts)])
        if any(board.path not in now or now[board.path].version != board.version for board in found.parts):
            raise Conflict("a shard was committed meanwhile")
        if not all(path in now for path in rolls):
            raise SessionUnknown(self.session_id)
        return [now[path].read_as(RollFields) for path in rolls]

    async def _write(self, found: Found, news: News) -> None:
        top, last = found.top, False
        while not last:
            commit = await self._next_commit(found, news, top)
            version = await self.commit(commit.writes, top.path, commit.commit_id)
            top, last = Snapshot(top.path, {**commit.board}, version), commit.last

    async def _next_commit(self, found: Found, news: News, top: Snapshot) -> Commit:
        commit_id = self._ids.secret_id()
        if not found.layout.grouped or not page_count(found, news):
            return next_commit(found, news, top, commit_id)
        commit = await asyncio.to_thread(next_commit, found, news, top, commit_id)
        if commit.last:
            await asyncio.to_thread(check_no_shard_has_moved, self.store, found)
        return commit
