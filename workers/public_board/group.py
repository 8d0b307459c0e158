"""Merges the summary of a group of shards. The summary is fenced like a board, so any worker may merge a group, and two
workers may merge it at the same time."""

import asyncio

import structlog

from quizcore import documents
from quizcore.documents import BoardStamps, GroupDocument, SessionDocument, ShardBoardFields
from quizcore.layout import Layout
from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown, layout_of
from quizcore.merging import combined, group_fields, summary_of
from quizcore.ports import Clock, Conflict, DocumentStore, Ids, OutcomeUnknown, Replace, Snapshot
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.fenced_job import FencedJob


class GroupJob(FencedJob[None, int | None]):
    """`run` updates a group's summary from the boards of its shards, and returns None, because time alone requires no
    further merge. Raises SessionUnknown, StoreError, or GaveUp. As of the last merge, `players` is the number of the
    group's players, `dues` has the due time of each shard's clock, and `due_at` is the earliest of them."""

    def __init__(
        self,
        session_id: str,
        group: int,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        settings: WorkerSettings,
        telemetry: Telemetry,
    ) -> None:
        super().__init__(f"session {session_id}: merging group {group}", store, settings.commit_attempts)
        self.session_id = session_id
        self.group = group
        self.players = 0
        self.dues: dict[int, int | None] = {}
        self.due_at: int | None = None
        self._clock = clock
        self._ids = ids
        self._top_k = settings.top_k
        self._telemetry = telemetry
        self._layout: Layout | None = None

    async def attempt(self, _given: None) -> None:
        with spent_on("merge"):
            if self._layout is None:
                self._layout = await asyncio.to_thread(layout_of, self.store, self.session_id)
            if self._layout.grouped:
                await self._merge(self._layout)

    def forget(self) -> None:
        self._layout = None  # the session may have been resharded

    def lost(self, error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("merges_lost")
        log = structlog.get_logger("merger")
        log.info("merge the group again", session_id=self.session_id, group=self.group, error=str(error))

    async def _merge(self, layout: Layout) -> None:
        session, found, boards = await asyncio.to_thread(self._load, layout)
        summary = combined(summary_of(shard, board) for shard, board in boards.items())
        self.players = summary.player_count
        fields = group_fields(summary, self._top_k)
        known = found.read_as(GroupDocument)
        if documents.without_stamps(fields) != documents.without_stamps(known):
            stamps = BoardStamps(seq=known["seq"] + 1, commit_id=self._ids.secret_id(), as_of=self._clock.now_ms())
            document = documents.group_document(fields, stamps, session["expires_at"])
            await self.commit([Replace(found.path, document, found.version)], found.path, stamps["commit_id"])
            self._telemetry.add("groups_merged")
        self.dues = {shard: board["due_at"] for shard, board in boards.items()}
        self.due_at = summary.due_at

    def _load(self, layout: Layout) -> tuple[SessionDocument, Snapshot, dict[int, ShardBoardFields]]:
        """The session, the summary, and the boards of the group's shards, as of one moment."""
        head, own = documents.session_path(self.session_id), documents.group_path(self.session_id, self.group)
        boards = {shard: layout.fence(shard) for shard in layout.shards_of(self.group)}
        found = self.store.get_many([head, own, *boards.values()])
        if len(found) < 2 + len(boards) or not documents.is_whole_session(found[head].data):
            raise SessionUnknown(self.session_id)
        session = found[head].read_as(SessionDocument)
        if Layout.of(self.session_id, session) != layout:
            raise Conflict("the session has more shards now")
        shown = {shard: found[path].read_as(ShardBoardFields) for shard, path in boards.items()}
        return session, found[own], shown
