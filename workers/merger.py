"""The public board of a session with many shards: merged from the shards' boards, fenced like theirs.

Any worker may merge, because the fence lets only one of two win and both would write the same. Whoever commits a shard
merges soon after; a worker that dies in between leaves the session's `due_at` behind, which somebody adopts.
"""

import asyncio
from typing import Any

import structlog

from quizcore import documents
from quizcore.boards import ROLL_ROWS, table_parts
from quizcore.domain.session import Options
from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown, shard_count
from quizcore.merging import merged_board, merged_due_at, merged_pages, merged_ranks
from quizcore.ports import (
    Clock,
    Conflict,
    Delete,
    DocumentStore,
    Ids,
    OutcomeUnknown,
    Put,
    Replace,
    Snapshot,
    Update,
    Write,
)
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.plan import RANKS_INTERVAL_MS, nobody_ahead, without_stamps, written_ranks
from workers.shard import GaveUp, backoff

PAGES_A_COMMIT = 100  # about 2 MiB


class Merger:
    """Merges one session. Safe to repeat, and to run in two processes."""

    def __init__(
        self,
        session_id: str,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        settings: WorkerSettings,
        telemetry: Telemetry,
    ) -> None:
        self.session_id = session_id
        self.players = 0
        self.dues: dict[int, int | None] = {}  # shard -> `due_at`, as the last merge wrote it
        self._store = store
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._telemetry = telemetry
        self._shards: int | None = None

    async def merge(self) -> int | None:
        """Make the public documents say what the shards' boards say. Gives the moment (ms since the epoch) at which the
        ranks want another round, or None. Raises SessionUnknown, StoreError, or GaveUp after bounded tries."""
        with spent_on("merge"):
            return await self._merge()

    async def _merge(self) -> int | None:
        for attempt in range(self._settings.commit_attempts):
            if self._shards is None:
                self._shards = await asyncio.to_thread(shard_count, self._store, self.session_id)
            if self._shards == 1:
                return None  # the one shard's board is the public one
            try:
                return await asyncio.to_thread(self._merge_once, self._shards)
            except (Conflict, OutcomeUnknown) as error:
                self._telemetry.add("merges_lost")
                self._shards = None  # it may have got more
                structlog.get_logger("merger").info("merge again", session_id=self.session_id, error=str(error))
            await asyncio.sleep(backoff(attempt))
        raise GaveUp(f"session {self.session_id}: merging failed {self._settings.commit_attempts} times")

    def _merge_once(self, shards: int) -> int | None:
        found = self._store.get_many(self._paths(shards))
        session, top, ranks, *rest = (found.get(path) for path in self._paths(shards))
        parts = [part for part in rest if part is not None]
        if session is None or not documents.is_whole_session(session.data) or top is None or len(parts) < shards:
            raise SessionUnknown(self.session_id)
        boards = [part.data for part in parts]
        if session.data["shards"] != shards:
            raise Conflict("the session has more shards now")
        self.players = sum(board["player_count"] for board in boards)
        merged = merged_board(boards, self._settings.top_k)
        counted = {"player_count": merged["player_count"], "final": merged["final"], "due_at": merged_due_at(boards)}
        now = self._clock.now_ms()
        table, again_at = self._ranks(boards, ranks, merged, top, now)
        expires_at = session.data["expires_at"]
        writes: list[Write] = []
        if counted != {name: session.data[name] for name in counted}:
            writes.append(Update(session.path, counted))
        if table is not None:
            stamps = {"seq": top.data["seq"] + 1, "as_of": now, "expires_at": expires_at}
            writes.append(Put(documents.ranks_path(self.session_id), table | stamps))
        if writes or merged != without_stamps(top.data):
            if merged["final"] or top.data["final"]:
                options = documents.read_options(session.data["options"])
                whole = merged_pages(self._rolls(parts, options)) if merged["final"] else []
                writes += self._left_over(len(whole))
                top, pages = self._fenced_pages(top, whole, {"as_of": now, "expires_at": expires_at})
                writes += pages
            stamps = {"seq": top.data["seq"] + 1, "commit_id": self._ids.secret_id(), "as_of": now}
            writes.append(Replace(top.path, merged | stamps | {"expires_at": expires_at}, top.version))
            self._store.commit(writes)
            self._telemetry.add("merges_made")
        self.dues = {shard: board["due_at"] for shard, board in enumerate(boards)}
        return again_at

    def _rolls(self, shards: list[Snapshot], options: Options) -> list[dict[str, Any]]:
        """The tables that lie beside these boards, and not beside later ones. Raises Conflict, or SessionUnknown when
        one of them is gone."""
        rolls = [
            documents.roll_path(self.session_id, number, part)
            for number, board in enumerate(shards)
            for part in range(table_parts(board.data, options, ROLL_ROWS))
        ]
        found = self._store.get_many([*rolls, *(board.path for board in shards)])
        if any(board.path not in found or found[board.path].version != board.version for board in shards):
            raise Conflict("a shard was committed meanwhile")
        if not all(path in found for path in rolls):
            raise SessionUnknown(self.session_id)
        return [found[path].data for path in rolls]

    def _left_over(self, pages: int) -> list[Write]:
        """Those that a longer table has left, and those that a merge has left which broke off between two commits."""
        of_boards = documents.boards_path(self.session_id)
        return [Delete(page.path) for page in self._store.list(of_boards, where=[("page", ">=", pages)])]

    def _fenced_pages(
        self, top: Snapshot, whole: list[dict[str, Any]], told: dict[str, Any]
    ) -> tuple[Snapshot, list[Write]]:
        """Write those pages that do not fit into the commit of the final board before it, so that whoever sees it finds
        them; each commit fenced by the board. Gives the board after that, and the pages left."""
        last_seq = top.data["seq"] + max(1, -(-len(whole) // PAGES_A_COMMIT))
        stamped = told | {"seq": last_seq}
        pages: list[Write] = [Put(documents.page_path(self.session_id, page["page"]), page | stamped) for page in whole]
        while len(pages) > PAGES_A_COMMIT:
            stamps = {"seq": top.data["seq"] + 1, "commit_id": self._ids.secret_id()}
            same = Replace(top.path, top.data | stamps, top.version)
            versions = self._store.commit([*pages[:PAGES_A_COMMIT], same])
            top, pages = Snapshot(top.path, top.data | stamps, versions[top.path]), pages[PAGES_A_COMMIT:]
        return top, pages

    def _ranks(
        self, boards: list[dict[str, Any]], ranks: Snapshot | None, merged: dict[str, Any], top: Snapshot, now: int
    ) -> tuple[dict[str, Any] | None, int | None]:
        """The table to write now, or the moment for which it is put off."""
        before = written_ranks(ranks.data) if ranks is not None else None
        table = merged_ranks(boards) or nobody_ahead(before, merged["player_count"])
        if table is None or table == before:
            return None, None
        due_at = (ranks.data["as_of"] if ranks is not None else 0) + RANKS_INTERVAL_MS
        at_once = merged["final"] or _revealed(merged) != _revealed(top.data)
        return (table, None) if at_once or now >= due_at else (None, due_at)

    def _paths(self, shards: int) -> list[str]:
        return [
            documents.session_path(self.session_id),
            documents.board_path(self.session_id),
            documents.ranks_path(self.session_id),
            *(documents.shard_board_path(self.session_id, shard, shards) for shard in range(shards)),
        ]


def _revealed(board: dict[str, Any]) -> tuple[int, bool] | None:
    tally = board["tally"]
    return None if tally is None else (tally["question_index"], tally["correct"] is not None)
