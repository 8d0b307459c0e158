"""A board's rows: the best of each period, the candidates behind them, and a class's pages."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from quizcore.documents.leaderboard import (
    PAGE_ROWS,
    TOP_ROWS,
    CandidatesDocument,
    PeoplePageDocument,
    PeriodDocument,
    candidates_path,
    period_path,
)
from quizcore.ports import Snapshot
from quizcore.usecases.boards_again.books import Books, Row
from quizcore.usecases.verify import Difference

Said = Mapping[str, object]
NOBODY = "nobody who stands there"


def is_of_class(board: str) -> bool:
    return board.startswith("class-")


def top_differences(
    books: Books, board: str, period: str, document: PeriodDocument, candidates: CandidatesDocument
) -> Iterator[Difference]:
    """The rows that everybody sees are the first of the candidates."""
    most = min(TOP_ROWS, len(candidates["rows"]))
    path = period_path(board, period)
    expected = books.rows(board, period, most)
    yield from _row_differences(path, "top", document["top"], [_shown(board, row) for row in expected], expected)
    pages = -(-books.people_on(board, period) // PAGE_ROWS) if is_of_class(board) else 0
    if document["pages"] != pages:
        yield Difference(where=path, field="pages", says=document["pages"], fold=pages)


def candidate_differences(books: Books, board: str, period: str, document: CandidatesDocument) -> Iterator[Difference]:
    """The best people of the period. Nobody without a row has a better place than the floor."""
    path, rows = candidates_path(board, period), document["rows"]
    for number, row in enumerate(rows):
        if not books.stands(board, period, row["who"]):
            yield Difference(where=path, field=f"rows.{number}.who", says=row["who"], fold=NOBODY)
    expected = books.rows(board, period, len(rows) + 1)
    next_row = expected[len(rows)] if len(expected) > len(rows) else None
    yield from _row_differences(
        path, "rows", [_without_n(row) for row in rows], list(map(_candidate, expected[: len(rows)])), expected
    )
    floor = document["floor"]
    found = None if floor is None else (-floor["points"], floor["reached_at"], floor["who"])
    best = None if next_row is None else (-next_row.points, next_row.reached_at, next_row.who)
    if (found is None) != (best is None) or (found and best and found > best):
        yield Difference(where=path, field="floor", says=floor, fold=best and f"not behind {next_row}")


def page_differences(books: Books, board: str, found: Snapshot) -> Iterator[Difference]:
    """A hundred rows of a class's whole table."""
    period, _, page = found.name.rpartition("-")
    expected = books.rows(board, period, PAGE_ROWS, PAGE_ROWS * int(page))
    rows = found.read_as(PeoplePageDocument)["rows"]
    yield from _row_differences(found.path, "rows", rows, [_shown(board, row) for row in expected], expected)
    if not expected:
        yield Difference(where=found.path, field="rows", says=len(rows), fold="no such page")


def stranger_differences(books: Books, found: Snapshot) -> Iterator[Difference]:
    """The board of a range of dates is kept until somebody asks again. It names nobody who is gone."""
    for number, row in enumerate(found.read_as(PeriodDocument)["top"]):
        if row["who"] and books.created_at(row["who"]) is None:
            yield Difference(where=found.path, field=f"top.{number}.who", says=row["who"], fold="nobody")


def _row_differences(
    path: str, field: str, says: Sequence[Said], fold: Sequence[Said], rows: Sequence[Row]
) -> Iterator[Difference]:
    """The first row that differs: when one is missing, all rows after it differ too."""
    for number, (said, expected) in enumerate(zip_longest(says, fold)):
        moving = said is not None and expected is not None and rows[number].moving
        wanted = _named_as(said, expected, rows[number].who) if moving else expected
        if said != wanted:
            yield Difference(where=path, field=f"{field}.{number}", says=said, fold=wanted)
            return


def _named_as(said: Said, expected: Said, who: str) -> Said:
    """The row with the names that the board still has: a pending move may bring new ones."""
    names = {name: said[name] for name in ("nickname", "avatar", "listed") if name in said}
    return {**expected, **names, "who": said["who"] if said["who"] in {who, ""} else who}


def _shown(board: str, row: Row) -> Said:
    """A row as the readers of the board see it. Only a class sees the names of people who are not listed."""
    named = row.listed or is_of_class(board)
    return {
        "rank": row.rank,
        "who": row.who if named else "",
        "nickname": row.nickname if named else "",
        "avatar": row.avatar if named else "",
        "points": row.points,
        "reached_at": row.reached_at,
    }


def _candidate(row: Row) -> Said:
    return {
        "who": row.who,
        "points": row.points,
        "reached_at": row.reached_at,
        "nickname": row.nickname,
        "avatar": row.avatar,
        "listed": row.listed,
    }


def _without_n(row: Said) -> Said:
    return {name: value for name, value in row.items() if name != "n"}
