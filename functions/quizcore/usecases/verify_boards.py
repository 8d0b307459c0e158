"""Checks whether the leaderboards agree with the people's documents: compute everything again, and compare.

Everything is read at one moment, page by page. At that moment, of every board and period: the table of scores and the
pending moves give the people's totals; the rows are the people as they were before their pending moves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from heapq import merge
from itertools import groupby
from typing import TypedDict

from quizcore import documents
from quizcore.documents import PersonDocument
from quizcore.documents.leaderboard import (
    BOARDS,
    MOVES,
    PAGE_ROWS,
    CandidatesDocument,
    LeaderboardDocument,
    MovesDocument,
    PeriodDocument,
    candidates_path,
    leaderboard_path,
    people_page_path,
    period_path,
)
from quizcore.documents.plays import PLAYS, PlaysDocument
from quizcore.domain.leaderboard.moves import moves_of, unpack
from quizcore.ports import DocumentReader, DocumentStore, Snapshot, Where
from quizcore.usecases.boards_again.books import Books
from quizcore.usecases.boards_again.pages import pages
from quizcore.usecases.boards_again.person import Adding, own_differences, played, sums
from quizcore.usecases.boards_again.quizzes import OF_QUIZZES, is_open, quiz_sums
from quizcore.usecases.boards_again.rows import (
    candidate_differences,
    page_differences,
    stranger_differences,
    top_differences,
)
from quizcore.usecases.boards_again.sessions import session_differences
from quizcore.usecases.boards_again.table import Table, table_differences
from quizcore.usecases.verify import Difference

MOST_SHOWN = 1_000  # differences
LARGE_A_PAGE = 20  # documents of up to some 100 KiB
HISTORY_MS = int(timedelta(days=40).total_seconds() * 1_000)  # younger contributions are in the person's document

_NOTHING: PeriodDocument = {
    "people": 0, "top": [], "error": 0, "scores": b"", "leaves": [], "pages": 0, "seq": 0, "as_of": 0,
}  # fmt: skip
_NO_CANDIDATES: CandidatesDocument = {"rows": [], "floor": None, "seq": 0, "as_of": 0}


class BoardUnknown(Exception):
    """Nobody stands on this board, and it has no documents."""


class BoardFindings(TypedDict):
    """How much was read at the moment: people, boards with their periods, pending documents of moves. `different` is
    the number of differences; the first of them are shown."""

    people: int
    boards: int
    periods: int
    pending: int
    different: int
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Asked:
    """`board`: only this one. `now` in ms since the epoch."""

    now: int
    adding: Adding
    board: str | None = None


def boards_again(store: DocumentStore, asked: Asked) -> BoardFindings:
    """Raises BoardUnknown; StoreError, also when the reading takes longer than the store keeps a moment."""
    with Books() as books:
        return store.at_one_moment(lambda reader: _Check(reader, books, asked).findings())


class _Check:
    def __init__(self, reader: DocumentReader, books: Books, asked: Asked) -> None:
        self._reader = reader
        self._books = books
        self._asked = asked
        self._read: Counter[str] = Counter()

    def findings(self) -> BoardFindings:
        shown: list[Difference] = []
        different = 0
        for difference in self._differences():
            different += 1
            if len(shown) < MOST_SHOWN:
                shown.append(difference)
        read = self._read
        return {
            "people": read["people"],
            "boards": read["boards"],
            "periods": read["periods"],
            "pending": read["pending"],
            "different": different,
            "differences": shown,
        }

    def _differences(self) -> Iterator[Difference]:
        for person in pages(self._reader, documents.PEOPLE):
            self._read["people"] += 1
            yield from self._person(person)
        for plays in pages(self._reader, PLAYS) if self._asked.board in {None, OF_QUIZZES} else ():
            of_quiz = plays.read_as(PlaysDocument)
            self._books.add_quiz(plays.name, of_quiz["title"], quiz_sums(of_quiz, self._asked.now))
        for moves in self._moves():
            self._read["pending"] += 1
            document = moves.read_as(MovesDocument)
            self._books.add_moves(document["queue"], moves_of(unpack(document["moves"])))
        self._books.settle()
        for board in self._boards():
            self._read["boards"] += 1
            yield from self._board(board)
        yield from session_differences(self._reader, self._books, self._asked.now, self._asked.board)

    def _person(self, person: Snapshot) -> Iterator[Difference]:
        document = person.read_as(PersonDocument)
        old = document["past"] or document["created_at"] <= self._asked.now - HISTORY_MS
        months = pages(self._reader, documents.months_path(person.name)) if old else ()
        found = played(person, months)
        totals = sums(found, self._asked.adding)
        yield from own_differences(person, found, totals)
        board = self._asked.board
        wanted = totals if board is None else {place: total for place, total in totals.items() if place[0] == board}
        self._books.add_person(person.name, document, wanted, found)

    def _moves(self) -> Iterator[Snapshot]:
        board = self._asked.board
        where: list[Where] = [] if board is None else [("queue", "==", board)]
        return pages(self._reader, MOVES, where)

    def _boards(self) -> list[str]:
        """Raises BoardUnknown."""
        board = self._asked.board
        if board is None:
            return sorted({head.name for head in pages(self._reader, BOARDS)} | self._books.boards())
        if not self._books.boards() and not self._reader.get_many([leaderboard_path(board)]):
            raise BoardUnknown(board)
        return [board]

    def _board(self, board: str) -> Iterator[Difference]:
        path = leaderboard_path(board)
        head = self._reader.get_many([path]).get(path)
        seq = head.read_as(LeaderboardDocument)["seq"] if head else 0
        named: list[Iterable[tuple[str, Snapshot | None]]] = [((name, None) for name in self._books.periods(board))]
        for kind in ("candidates", "periods"):
            found = pages(self._reader, f"{path}/{kind}", most=LARGE_A_PAGE)
            named.append((snapshot.name, snapshot) for snapshot in found)
        for period, of_period in groupby(merge(*named, key=lambda one: one[0]), key=lambda one: one[0]):
            if board == OF_QUIZZES and not is_open(period, self._asked.now):
                continue
            self._read["periods"] += 1
            found_here = {snapshot.path: snapshot for _, snapshot in of_period if snapshot is not None}
            yield from self._period(board, period, found_here, seq)
        yield from self._pages(board)
        for of_dates in pages(self._reader, f"{path}/ranges", most=LARGE_A_PAGE):
            yield from stranger_differences(self._books, of_dates)

    def _period(self, board: str, period: str, found: dict[str, Snapshot], seq: int) -> Iterator[Difference]:
        paths = period_path(board, period), candidates_path(board, period)
        document = found[paths[0]].read_as(PeriodDocument) if paths[0] in found else _NOTHING
        candidates = found[paths[1]].read_as(CandidatesDocument) if paths[1] in found else _NO_CANDIDATES
        if not document["seq"] == candidates["seq"] <= seq:
            yield Difference(where=paths[0], field="seq", says=document["seq"], fold=candidates["seq"])
        table = Table(self._reader, board, period, document)
        yield from table_differences(table, document["people"], self._books.scores(board, period))
        yield from top_differences(self._books, board, period, document, candidates)
        yield from candidate_differences(self._books, board, period, candidates)

    def _pages(self, board: str) -> Iterator[Difference]:
        there: Counter[str] = Counter()
        for page in pages(self._reader, f"{leaderboard_path(board)}/pages", most=LARGE_A_PAGE):
            there[page.name.rpartition("-")[0]] += 1
            yield from page_differences(self._books, board, page)
        for period in self._books.periods(board) if board.startswith("class-") else ():
            wanted = -(-self._books.people_on(board, period) // PAGE_ROWS)
            if there[period] < wanted:
                path = people_page_path(board, period, there[period])
                yield Difference(where=path, field="rows", says=None, fold="a page of the class's table")
