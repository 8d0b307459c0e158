"""A board's table of scores, compared score by score with the people who have them."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice

from quizcore.documents.leaderboard import LeafDocument, PeriodDocument, leaf_path, period_path
from quizcore.ports import DocumentReader
from quizcore.usecases.boards_again.books import Counted
from quizcore.usecases.verify import Difference

MOST_BYTES = 64 * 1024
SHOWN = 5  # scores of one table that differ


def decoded(data: bytes) -> Iterator[Counted]:
    """Pairs of LEB128 numbers: how far a score is below the one before (the first: the score), and how many people have
    it. Raises ValueError for bytes that are no such table."""
    numbers, shift = [0], 0
    for byte in data:
        numbers[-1] += (byte % 128) << shift
        shift += 7
        if byte < 128:
            numbers.append(0)
            shift = 0
    if shift or len(numbers) % 2 == 0:
        raise ValueError("the table ends in the middle of a row")
    score = 2 * numbers[0]
    for step, people in zip(numbers[:-1:2], numbers[1::2], strict=True):
        score -= step
        yield score, people


class Table:
    """The table of one period. `faults` are complete when `scores` has ended."""

    def __init__(self, reader: DocumentReader, board: str, period: str, document: PeriodDocument) -> None:
        self._reader = reader
        self._board = board
        self._period = period
        self._document = document
        self.path = period_path(board, period)
        self.people = 0
        self.faults: list[Difference] = []

    def scores(self) -> Iterator[Counted]:
        """Best first. Raises ValueError for bytes that are no table."""
        document = self._document
        self._check_size(self.path, document["scores"])
        self._check("leaves", self._reader.count(f"{self.path}/leaves", []), len(document["leaves"]))
        if document["leaves"]:
            yield from self._ranked_by_root(self._of_leaves())
            return
        self._check("error", document["error"], 0)
        for points, people in decoded(document["scores"]):
            self.people += people
            yield points, people

    def _of_leaves(self) -> Iterator[Counted]:
        for number, leaf in enumerate(self._document["leaves"]):
            path = leaf_path(self._board, self._period, number)
            found = self._reader.get_many([path]).get(path)
            data = found.read_as(LeafDocument)["scores"] if found else b""
            self._check_size(path, data)
            best: int | None = None
            for points, people in decoded(data) if data else ():
                if best is None:
                    best = points
                    self._check(f"leaves.{number}", {**leaf}, {"best": points, "ahead": self.people})
                yield points, people
                self.people += people
            if best is None:
                self._check(f"leaves.{number}", {**leaf}, None)

    def _ranked_by_root(self, scores: Iterator[Counted]) -> Iterator[Counted]:
        """The small table gives a rank that is too good by at most `error`."""
        root = decoded(self._document["scores"])
        step, ahead, worst, best = next(root, None), 0, 0, 0
        for points, people in scores:
            while step is not None and step[0] > points:
                ahead += step[1]
                step = next(root, None)
            worst, best = max(worst, self.people - ahead), min(best, self.people - ahead)
            yield points, people
        if not 0 <= best <= worst <= self._document["error"]:
            self._check("error", self._document["error"], f"ranks are off by {best} to {worst}")

    def _check_size(self, path: str, data: bytes) -> None:
        if len(data) > MOST_BYTES:
            self.faults.append(Difference(where=path, field="scores", says=f"{len(data)} bytes", fold=MOST_BYTES))

    def _check(self, field: str, says: object, fold: object) -> None:
        if says != fold:
            self.faults.append(Difference(where=self.path, field=field, says=says, fold=fold))


def table_differences(table: Table, people: int, expected: Iterator[Counted]) -> Iterator[Difference]:
    """`people` is how many the period's document says."""
    try:
        differing = list(islice(_differing(table.scores(), expected), SHOWN))
    except ValueError as error:
        yield Difference(where=table.path, field="scores", says=str(error), fold="a table")
        return
    for points, says, fold in differing:
        yield Difference(where=table.path, field=f"scores.{points}", says=says, fold=fold)
    if len(differing) < SHOWN:  # otherwise the table was not read to its end
        yield from table.faults
        if people != table.people:
            yield Difference(where=table.path, field="people", says=people, fold=table.people)


def _differing(says: Iterator[Counted], fold: Iterator[Counted]) -> Iterator[tuple[int, int, int]]:
    """The scores of which the two tables have another number of people."""
    sides = merge(((-points, 0, people) for points, people in says), ((-points, 1, people) for points, people in fold))
    for minus_points, found in groupby(sides, key=lambda one: one[0]):
        people = [0, 0]
        for _, side, number in found:
            people[side] += number
        if people[0] != people[1]:
            yield -minus_points, people[0], people[1]
