"""More shards for a session that runs: one commit between two questions, fenced by the boards of all its shards.

No player's document changes, because a shard is a range of slots (quizcore/shards.py). The next commit of a worker with
an old shard in memory fails, and the worker loads the new shards. A message that is still on its way to an old shard is
counted in its new shard (workers/shard/job.py).

Only one new shard's players are in memory at a time. Documents that do not fit into that one commit are written before
it, group by group, because no process reads the documents of shards that the session does not have yet.
`private/resharding` lists the sources of each group, so a later attempt continues where this one ended, and rewrites
only the groups that have changed.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from quizcore import documents
from quizcore.documents import (
    BoardHead,
    BoardStamps,
    Expiring,
    MadeOf,
    PlayerDocument,
    ReshardingDocument,
    SessionDocument,
    SessionQuizDocument,
    ShardBoardFields,
    TimelineDocument,
    TimelineFields,
)
from quizcore.domain.fold import State
from quizcore.domain.pacing import pacing_of
from quizcore.domain.session import Game, Phase, Timeline, timeline_of_all
from quizcore.layout import Layout
from quizcore.loading import SessionUnknown, layout_of
from quizcore.merging import Summary, combined, group_fields, publish, summary_of
from quizcore.ports import (
    Clock,
    Conflict,
    Create,
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
from quizcore.shards import shards_with
from workers.coordinator.duty import Outcome
from workers.fenced_job import FencedJob


@dataclass(slots=True)
class Move:
    """The old and the new layout of a session. `fences` are its boards and summaries, by path, as they were before any
    other read; `empty` is its state without players. `mark` is the document `private/resharding`, and `made_of` the
    sources of the prepared groups."""

    before: Layout
    after: Layout
    session: Snapshot
    fences: Mapping[str, Snapshot]
    timelines: Mapping[str, Snapshot]
    empty: State
    seq: int
    mark: Snapshot | None
    made_of: MadeOf
    summaries: list[Summary] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)

    @property
    def kept(self) -> Expiring:
        return {"expires_at": self.session.read_as(SessionDocument)["expires_at"]}

    @property
    def timeline(self) -> TimelineFields:
        return documents.timeline_fields(self.empty.timeline)

    def sources(self, shards: range) -> dict[int, str]:
        """The `commit_id`s of the boards of the old shards whose players are in these new ones."""
        old = shards_with(self.after.slots_of(shards), self.before.shards)
        return {shard: self.fences[self.before.fence(shard)].read_as(BoardHead)["commit_id"] for shard in old}

    def is_ahead(self, group: int) -> bool:
        """Whether the session has none of the documents of this group yet."""
        summary = documents.group_path(self.after.session_id, group)
        return self.after.shards_of(group).start >= self.before.shards and summary not in self.fences

    def write(self, path: str, fields: Mapping[str, object]) -> Write:
        known, whole = self.fences.get(path), {**fields, **self.kept}
        return Put(path, whole) if known is None else Replace(path, whole, known.version)


class ReshardJob(FencedJob[int, Outcome]):
    """One attempt. After a conflict the session is loaded again before the next attempt."""

    def __init__(self, session_id: str, store: DocumentStore, clock: Clock, ids: Ids, settings: WorkerSettings) -> None:
        super().__init__(f"session {session_id}: resharding", store, attempts=1)
        self._session_id = session_id
        self._clock = clock
        self._ids = ids
        self._top_k = settings.top_k
        self._group_shards = settings.group_shards

    async def attempt(self, wanted: int) -> Outcome:
        """RELOAD when the session has the new shards now, DONE when it is not between two questions after all."""
        before = await asyncio.to_thread(layout_of, self.store, self._session_id)
        if before.shards >= wanted:
            return Outcome.RELOAD
        move = await asyncio.to_thread(self._plan, before, before.with_shards(wanted, self._group_shards))
        if move is None:
            return Outcome.DONE
        for group in range(move.after.groups):
            if move.is_ahead(group):
                await self._prepare(move, group)
            else:
                await asyncio.to_thread(self._add, move, group)
        await self._switch(move)
        return Outcome.RELOAD

    def forget(self) -> None:
        """The job remembers nothing."""

    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        """`Reshard.act` counts it."""

    def _plan(self, before: Layout, after: Layout) -> Move | None:
        """None when the session is not between two questions after all. Raises StoreError, SessionUnknown."""
        # The fences first: every later change changes one of them.
        boards = {documents.board_path(self._session_id), *before.fences, *before.summaries}
        fences = self.store.get_many(sorted(boards))
        if len(fences) < len(boards):
            raise SessionUnknown(self._session_id)  # deletion by age deletes documents one by one
        session, game, timelines, mark = self._read_session(before)
        known = [
            documents.read_timeline(timelines[path].read_as(TimelineDocument)) if path in timelines else Timeline()
            for path in self._timeline_paths(before)
        ]
        empty = State(game)
        empty.restore(timeline_of_all(known, game), [], [], self._clock.now_ms())
        now = Layout.of(self._session_id, session.read_as(SessionDocument))
        if now != before or not self._may_grow(empty, known, fences):
            return None
        seqs = [each.read_as(BoardStamps)["seq"] for each in (*fences.values(), *([mark] if mark else []))]
        move = Move(before, after, session, fences, timelines, empty, 1 + max(seqs), mark, {})
        if mark is not None and _same_move(move, mark):
            move.made_of = documents.read_made_of(mark.read_as(ReshardingDocument))
        return move

    def _read_session(self, layout: Layout) -> tuple[Snapshot, Game, dict[str, Snapshot], Snapshot | None]:
        head, key = documents.session_path(self._session_id), documents.session_quiz_path(self._session_id)
        mark, timelines = documents.resharding_path(self._session_id), self._timeline_paths(layout)
        unfinished = [documents.unfinished_path(self._session_id, shard) for shard in range(layout.shards)]
        found = self.store.get_many([head, key, mark, *timelines, *unfinished])
        if head not in found or key not in found:
            raise SessionUnknown(self._session_id)
        if any(path in found for path in unfinished):
            raise Conflict("a shard is in the middle of a commit")
        timelines_found = {path: found[path] for path in timelines if path in found}
        quiz = documents.read_session_quiz(found[key].read_as(SessionQuizDocument))
        return (
            found[head],
            documents.read_game(found[head].read_as(SessionDocument), quiz),
            timelines_found,
            found.get(mark),
        )

    def _may_grow(self, empty: State, timelines: list[Timeline], fences: Mapping[str, Snapshot]) -> bool:
        """Whether all shards are between two questions, have revealed the last question, and have judged it by the same
        windows. Otherwise players' documents would have to change too."""
        agreed = all(pacing_of(empty.game, timeline).agrees(empty.pacing) for timeline in timelines)
        tallies = [fence.read_as(BoardHead)["tally"] for fence in fences.values()]
        last = empty.timeline.current()
        shown = last is None or all(t and (t["question_index"], t["correct"] is None) == (last, False) for t in tallies)
        journal = documents.journal_path(self._session_id)
        return between_questions(empty) and agreed and shown and not self.store.list(journal, limit=1)

    async def _prepare(self, move: Move, group: int) -> None:
        """Write the documents of a group that the session does not have yet, unless they are prepared already."""
        sources = move.sources(move.after.shards_of(group))
        summary = documents.group_path(self._session_id, group)
        if move.made_of.get(group) == sources:
            known = await asyncio.to_thread(self.store.get, summary)
            if known is None:
                raise SessionUnknown(self._session_id)
            move.summaries.append(summary_of(group, known.read_as(ShardBoardFields)))
            return
        move.made_of[group] = sources
        writes = await asyncio.to_thread(lambda: list(self._group(move, group)))
        commit_id = self._ids.secret_id()
        mark = self._mark(move, commit_id)
        version = await self.commit([*writes, mark], mark.path, commit_id)
        move.mark = Snapshot(mark.path, dict(mark.data), version)

    def _mark(self, move: Move, commit_id: str) -> Create | Replace:
        """The document `private/resharding`. Every process that prepares, or makes the last commit, writes this
        document, and requires it as it was read: otherwise a paused process would overwrite the documents of the new
        shards."""
        resharding = documents.resharding_fields(move.after.fields, move.timeline, move.made_of)
        path = documents.resharding_path(self._session_id)
        fields: ReshardingDocument = {**resharding, "seq": move.seq, "commit_id": commit_id, **move.kept}
        return Create(path, fields) if move.mark is None else Replace(path, fields, move.mark.version)

    def _add(self, move: Move, group: int) -> None:
        """Write, together with the new number of shards, the documents of a group that the session already has."""
        move.writes += self._group(move, group)

    def _group(self, move: Move, group: int) -> Iterator[Write]:
        """The documents of a group and its shards; stores the group's summary in the move. In a session without groups,
        one group has all shards and no document."""
        after, boards = move.after, list[Summary]()
        for shard in after.shards_of(group):
            board = self._board(move, shard)
            boards.append(summary_of(shard, board))
            yield move.write(after.fence(shard), board)
            path = documents.timeline_path(self._session_id, shard)
            known = move.timelines.get(path)
            timeline = documents.timeline_document(move.timeline, move.kept["expires_at"])
            if known is None or known.data != timeline:
                yield Put(path, timeline)
        summary = combined(boards)
        if after.grouped:
            fields = documents.stamped_group(group_fields(summary, self._top_k), self._stamps(move))
            yield move.write(documents.group_path(self._session_id, group), fields)
            summary = summary_of(group, fields)
        move.summaries.append(summary)

    def _board(self, move: Move, shard: int) -> ShardBoardFields:
        """The documents of one new shard, from its players' documents. The players are released afterwards, because a
        whole session may not fit into memory."""
        found = self.store.list(documents.players_path(self._session_id), move.after.players_of(shard))
        state = State(move.empty.game)
        players = (documents.read_player(player.name, player.read_as(PlayerDocument)) for player in found)
        state.restore(move.empty.timeline, players, [], move.empty.now)
        return documents.shard_fields(state, seq=move.seq, commit_id=self._ids.secret_id(), top_k=self._top_k)

    async def _switch(self, move: Move) -> None:
        """The commit that switches to the new shards; it requires that the prepared documents have not changed."""
        public = publish(combined(move.summaries), self._top_k, move.after.parts_field)
        stamps = self._stamps(move)
        move.made_of = {}
        top = move.write(documents.board_path(self._session_id), {**public.board, **stamps})
        writes = [*move.writes, top, self._mark(move, self._ids.secret_id())]
        grown = {**move.after.fields, **documents.phase_fields(move.empty), **public.counted}
        writes.append(Update(move.session.path, grown))
        await self.commit(writes, documents.board_path(self._session_id), stamps["commit_id"])

    def _stamps(self, move: Move) -> BoardStamps:
        return {"seq": move.seq, "commit_id": self._ids.secret_id(), "as_of": move.empty.now}

    def _timeline_paths(self, layout: Layout) -> list[str]:
        return [documents.timeline_path(self._session_id, shard) for shard in range(layout.shards)]


def _same_move(move: Move, mark: Snapshot) -> bool:
    """Whether the prepared documents are for the same layout and the same timeline."""
    prepared = mark.read_as(ReshardingDocument)
    return (prepared["layout"], prepared["timeline"]) == (move.after.fields, move.timeline)


def between_questions(state: State) -> bool:
    """Whether the session is in the lobby, or its last question accepts no more answers; false after the end."""
    return state.pacing.phase(state.now) in {Phase.LOBBY, Phase.CLOSED}
