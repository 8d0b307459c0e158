"""Fold what moved on a board into its documents, in one commit that also deletes the moves.

All moves that are visible at one moment are folded together, and what is read at that moment includes the head, which
is the fence. So a table never loses somebody whom it does not have, and of two folds one wins.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from quizcore.documents.leaderboard import (
    MOVES,
    CandidatesDocument,
    FoldStamps,
    LeaderboardDocument,
    LeafDocument,
    MovesDocument,
    PeoplePageDocument,
    PeriodDocument,
    candidates_fields,
    candidates_path,
    leaderboard_path,
    leaf_path,
    people_page_path,
    people_pages,
    period_fields,
    period_path,
    ranges_path,
    read_candidates,
    read_parts,
)
from quizcore.domain.leaderboard.contribution import GLOBAL, class_of
from quizcore.domain.leaderboard.fold import CANDIDATES, Moved, PeriodBoard, by_period, folded, independent
from quizcore.domain.leaderboard.moves import Batch, unpack
from quizcore.domain.leaderboard.table import ScoreTable, TornRead, table_of
from quizcore.domain.ranks import MOST_BYTES
from quizcore.ledger import spent_on
from quizcore.ports import (
    Clock,
    Conflict,
    Create,
    Delete,
    DocumentReader,
    DocumentStore,
    Ids,
    OutcomeUnknown,
    Put,
    Replace,
    Snapshot,
    Write,
)
from quizcore.telemetry import Telemetry
from workers.fenced_job import FencedJob
from workers.leaderboard.refill import is_short, refilled

MOST_OF_CLASS = 2_000  # a class is shown whole
PERIODS_A_COMMIT = 40  # with more, periods that share no moves are folded one after another


EMPTY = PeriodBoard()


@dataclass(frozen=True, slots=True)
class _Period:
    """A period as it is stored: its board, its leaves and how many pages it has."""

    board: PeriodBoard = EMPTY
    leaves: tuple[bytes, ...] = ()
    pages: int = 0


class _Folded(NamedTuple):
    before: _Period
    after: PeriodBoard


@dataclass(frozen=True, slots=True)
class _Found:
    """The documents of one moment, and the result of their fold. `read` are the documents of the folded moves, and
    `ranges` those that a class has kept of any dates."""

    head: Snapshot | None
    read: list[Snapshot]
    ranges: list[Snapshot]
    periods: dict[str, _Folded]
    more: bool


class FoldJob(FencedJob[None, bool]):
    """Folds one board. `run` tells whether there is more to fold; raises StoreError or GaveUp."""

    def __init__(
        self, board: str, store: DocumentStore, clock: Clock, ids: Ids, attempts: int, telemetry: Telemetry
    ) -> None:
        super().__init__(f"board {board}: folding", store, attempts)
        self.board = board
        self._clock = clock
        self._ids = ids
        self._telemetry = telemetry
        self.rows_most = CANDIDATES if class_of(board) is None else MOST_OF_CLASS
        self.leaf_bytes = MOST_BYTES

    async def attempt(self, _given: None) -> bool:
        with spent_on("fold"):
            found = await asyncio.to_thread(self.store.at_one_moment, self._load)
            if not found.periods:
                return False
            commit_id = self._ids.secret_id()
            writes = await asyncio.to_thread(self._plan, found, commit_id)
            await self.commit(writes, leaderboard_path(self.board), commit_id)
            self._telemetry.add("folds_made")
            return found.more

    def forget(self) -> None:
        """It remembers nothing of the documents."""

    def lost(self, _error: Conflict | OutcomeUnknown, _attempt: int) -> None:
        self._telemetry.add("folds_lost")

    def _load(self, reader: DocumentReader) -> _Found:
        head = reader.get_many([leaderboard_path(self.board)])
        read = reader.list(MOVES, where=[("queue", "==", self.board)])
        moves = [unpack(one.read_as(MovesDocument)["moves"]) for one in read]
        taken = _taken(moves)
        by = by_period(moves[number] for number in taken)
        stored = self._periods(reader, by)
        return _Found(
            head.get(leaderboard_path(self.board)),
            [read[number] for number in taken],
            reader.list(ranges_path(self.board)) if class_of(self.board) and by else [],
            {name: _Folded(stored[name], self._fold(reader, name, stored[name].board, by[name])) for name in by},
            more=len(taken) < len(read),
        )

    def _fold(self, reader: DocumentReader, name: str, board: PeriodBoard, moves: list[Moved]) -> PeriodBoard:
        """Raises Conflict for a torn read, so that the job reads again."""
        try:
            after = folded(board, moves, self.rows_most, self.leaf_bytes)
        except TornRead as error:
            raise Conflict(str(error)) from error
        if self.board == GLOBAL and is_short(after, self.rows_most):
            return replace(after, candidates=refilled(reader, name, after, self.rows_most))
        return after

    def _periods(self, reader: DocumentReader, names: Iterable[str]) -> dict[str, _Period]:
        paths = {name: (period_path(self.board, name), candidates_path(self.board, name)) for name in names}
        found = reader.get_many([path for both in paths.values() for path in both]) if paths else {}
        return {name: self._period(reader, name, *map(found.get, both)) for name, both in paths.items()}

    def _period(
        self, reader: DocumentReader, name: str, period: Snapshot | None, candidates: Snapshot | None
    ) -> _Period:
        if period is None or candidates is None:
            return _Period()
        document = period.read_as(PeriodDocument)
        paths = [leaf_path(self.board, name, number) for number in range(len(document["leaves"]))]
        leaves = reader.get_many(paths) if paths else {}
        parts = read_parts(document, [leaves[path].read_as(LeafDocument) for path in paths])
        rows = read_candidates(candidates.read_as(CandidatesDocument))
        return _Period(PeriodBoard(parts, document["people"], rows), parts if paths else (), document["pages"])

    def _plan(self, found: _Found, commit_id: str) -> list[Write]:
        before = found.head.read_as(LeaderboardDocument)["seq"] if found.head else 0
        stamps: FoldStamps = {"seq": before + 1, "as_of": self._clock.now_ms()}
        head: LeaderboardDocument = {**stamps, "commit_id": commit_id}
        path = leaderboard_path(self.board)
        writes: list[Write] = [Replace(path, head, found.head.version) if found.head else Create(path, head)]
        for name, (stored, after) in found.periods.items():
            writes += self._writes(name, stored, after, stamps)
        # Kept ranges are out of date now, and may name a person who has left.
        return [*writes, *(Delete(one.path) for one in (*found.read, *found.ranges))]

    def _writes(self, name: str, before: _Period, after: PeriodBoard, stamps: FoldStamps) -> list[Write]:
        table = table_of(after.parts, self.leaf_bytes)
        return [
            Put(period_path(self.board, name), period_fields(self.board, after, table, stamps)),
            Put(candidates_path(self.board, name), candidates_fields(after.candidates, stamps)),
            *self._leaves(name, before, table, stamps),
            *self._pages(name, before, after, stamps),
        ]

    def _leaves(self, name: str, before: _Period, table: ScoreTable, stamps: FoldStamps) -> Iterable[Write]:
        for number, leaf in enumerate(table.leaves):
            document: LeafDocument = {"scores": leaf.data, **stamps}
            if before.leaves[number : number + 1] != (leaf.data,):
                yield Put(leaf_path(self.board, name, number), document)
        for number in range(len(table.leaves), len(before.leaves)):
            yield Delete(leaf_path(self.board, name, number))

    def _pages(self, name: str, before: _Period, after: PeriodBoard, stamps: FoldStamps) -> Iterable[Write]:
        pages = people_pages(self.board, after)
        for number, rows in enumerate(pages):
            document: PeoplePageDocument = {"rows": rows, **stamps}
            yield Put(people_page_path(self.board, name, number), document)
        for number in range(len(pages), before.pages):
            yield Delete(people_page_path(self.board, name, number))


def _taken(moves: list[Batch]) -> list[int]:
    """Which documents of moves to fold now. All of them, unless they concern very many periods."""
    if len({period for batch in moves for period in batch.steps}) <= PERIODS_A_COMMIT:
        return list(range(len(moves)))
    return independent(moves)[0]
