"""`boards/{board}`: a board over time, and below it one document for each of its periods.

The head is the fence of the board's only writer, the fold. Clients read the periods and their leaves; nobody reads the
candidates, which name people whom a public board does not.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints
from typing_extensions import TypedDict

from quizcore.documents.values import Count, Name
from quizcore.domain.leaderboard.contribution import class_of
from quizcore.domain.leaderboard.fold import PeriodBoard
from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.table import ScoreTable
from quizcore.domain.leaderboard.top import Candidates, Row, ranked

BOARDS = "boards"
MOVES = "moves"
TOP_ROWS = 20
PAGE_ROWS = 100

BoardName = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class FoldStamps(TypedDict):
    """Which fold has written a document, and when (ms since the epoch)."""

    seq: Count
    as_of: Count


class LeaderboardDocument(FoldStamps):
    commit_id: str


class PersonRow(TypedDict):
    """`who`, `nickname` and `avatar` are empty for a person who does not want to be listed."""

    rank: Count
    who: str
    nickname: str
    avatar: str
    points: Count
    reached_at: Count


class LeafFields(TypedDict):
    """The leaf's best score, and how many people have more points."""

    best: Count
    ahead: Count


class PeriodDocument(FoldStamps):
    """`scores` is a table like that of a session's `boards/ranks`; a rank from it is too good by at most `error`. With
    an error there are `leaves`, which are exact. `pages` tells in how many documents the whole table of a class
    lies."""

    people: Count
    top: list[PersonRow]
    error: Count
    scores: bytes
    leaves: list[LeafFields]
    pages: Count


class LeafDocument(FoldStamps):
    scores: bytes


class PeoplePageDocument(FoldStamps):
    rows: list[PersonRow]


class CandidateFields(TypedDict):
    who: str
    n: Count
    points: Count
    reached_at: Count
    nickname: Name
    avatar: str
    listed: bool


class FloorFields(TypedDict):
    points: Count
    reached_at: Count
    who: str


class CandidatesDocument(FoldStamps):
    rows: list[CandidateFields]
    floor: FloorFields | None


class MovesDocument(TypedDict):
    """`moves` as `domain/leaderboard/moves.py` packs them; `queue` is who folds them: the board."""

    queue: BoardName
    at: Count
    moves: bytes


def leaderboard_path(board: str) -> str:
    return f"{BOARDS}/{board}"


def period_path(board: str, period: str) -> str:
    return f"{leaderboard_path(board)}/periods/{period}"


def leaf_path(board: str, period: str, leaf: int) -> str:
    return f"{period_path(board, period)}/leaves/{leaf}"


def ranges_path(board: str) -> str:
    return f"{leaderboard_path(board)}/ranges"


def range_path(board: str, dates: str) -> str:
    """`dates` is the first and the last date, as `2026-11-01_2026-11-24`."""
    return f"{ranges_path(board)}/{dates}"


def candidates_path(board: str, period: str) -> str:
    return f"{leaderboard_path(board)}/candidates/{period}"


def people_page_path(board: str, period: str, page: int) -> str:
    return f"{leaderboard_path(board)}/pages/{period}-{page}"


def moves_path(moves_id: str) -> str:
    return f"{MOVES}/{moves_id}"


def period_fields(board: str, of: PeriodBoard, table: ScoreTable, stamps: FoldStamps) -> PeriodDocument:
    return {
        "people": of.people,
        "top": people_rows(board, of.candidates.rows[:TOP_ROWS]),
        "error": table.root.error,
        "scores": table.root.data,
        "leaves": [{"best": leaf.best, "ahead": leaf.ahead} for leaf in table.leaves],
        "pages": -(-of.people // PAGE_ROWS) if class_of(board) else 0,
        **stamps,
    }


def people_rows(board: str, rows: Sequence[Row]) -> list[PersonRow]:
    """The rows, best first, as everybody who may read the board sees them. The members of a class see all names."""
    named = class_of(board) is not None
    return [
        {
            "rank": rank,
            **_shown(row, named=named or row.display.listed),
            "points": row.standing.points,
            "reached_at": row.standing.reached_at,
        }
        for rank, row in ranked(rows, len(rows))
    ]


class _Shown(TypedDict):
    who: str
    nickname: str
    avatar: str


def _shown(row: Row, *, named: bool) -> _Shown:
    if not named:
        return {"who": "", "nickname": "", "avatar": ""}
    return {"who": row.who, "nickname": row.display.nickname, "avatar": row.display.avatar}


def people_pages(board: str, of: PeriodBoard) -> list[list[PersonRow]]:
    """The whole table of a class, a hundred rows a document."""
    if class_of(board) is None:
        return []
    rows = people_rows(board, of.candidates.rows)
    return [rows[start : start + PAGE_ROWS] for start in range(0, len(rows), PAGE_ROWS)]


def candidates_fields(candidates: Candidates, stamps: FoldStamps) -> CandidatesDocument:
    floor = candidates.floor
    return {
        "rows": [_candidate(row) for row in candidates.rows],
        "floor": None if floor is None else {"points": -floor[0], "reached_at": floor[1], "who": floor[2]},
        **stamps,
    }


def _candidate(row: Row) -> CandidateFields:
    return {
        "who": row.who,
        "n": row.n,
        "points": row.standing.points,
        "reached_at": row.standing.reached_at,
        "nickname": row.display.nickname,
        "avatar": row.display.avatar,
        "listed": row.display.listed,
    }


def read_candidates(data: CandidatesDocument) -> Candidates:
    floor = data["floor"]
    return Candidates(
        tuple(
            Row(
                row["who"],
                row["n"],
                Standing(row["points"], row["reached_at"]),
                Display(row["nickname"], row["avatar"], row["listed"]),
            )
            for row in data["rows"]
        ),
        None if floor is None else (-floor["points"], floor["reached_at"], floor["who"]),
    )


def read_parts(period: PeriodDocument, leaves: Sequence[LeafDocument]) -> tuple[bytes, ...]:
    """The exact tables of neighbouring scores, best first."""
    return tuple(leaf["scores"] for leaf in leaves) if period["leaves"] else (period["scores"],)
