"""The rows of the global board after it has lost many of them, from the people's own documents.

What the people's documents say at the moment of a fold is what the board says after it, so rows that are read at that
moment are exact. The index knows a person's latest day, week and month only; when somebody has gone on to a later one,
the board stays short until others play.
"""

from quizcore.documents.leaderboard import TOP_ROWS
from quizcore.documents.person import PEOPLE, PersonDocument
from quizcore.documents.tallied import place_name, place_range
from quizcore.domain.leaderboard.contribution import GLOBAL
from quizcore.domain.leaderboard.fold import PeriodBoard
from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.top import Candidates, Row
from quizcore.ports import DocumentReader, OrderBy, Where


def is_short(board: PeriodBoard, most: int) -> bool:
    """Whether fewer rows are left than the board shows, though there are more people."""
    return len(board.candidates.rows) < min(TOP_ROWS, most, board.people)


def refilled(reader: DocumentReader, period: str, board: PeriodBoard, most: int) -> Candidates:
    name = place_name(period)
    first, last = place_range(period)
    in_period: list[Where] = [(name, ">=", first), (name, "<", last)]
    if reader.count(PEOPLE, in_period) != board.people:
        return board.candidates
    found = reader.list(PEOPLE, in_period, most, OrderBy(name))
    rows = tuple(_row(snapshot.name, snapshot.read_as(PersonDocument), period) for snapshot in found)
    return Candidates(rows, rows[-1].place if len(rows) < board.people else None)


def _row(who: str, person: PersonDocument, period: str) -> Row:
    points, _games, reached_at = person["totals"][GLOBAL][period]
    display = Display(person["nickname"], person["avatar"], person["listed"])
    return Row(who, person["n"], Standing(points, reached_at), display)
