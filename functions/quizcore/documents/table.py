"""The whole table of a final session: `boards/page-{n}` for clients, `rolls/{shard}-{part}` for one shard of many."""

from collections.abc import Sequence
from typing import TypeVar

from typing_extensions import TypedDict

from quizcore.documents.board import BoardHead, PublicFields, RowFields, ranked, rows_of, shows_places
from quizcore.documents.player import PlayerDocument
from quizcore.documents.session import session_path
from quizcore.documents.shard_board import OrderedRow, ordered
from quizcore.documents.values import Count, TableStamps
from quizcore.domain.fold import State
from quizcore.domain.session import Options

T = TypeVar("T")
PAGE_ROWS = 100
ROLL_ROWS = 2_000


class PageFields(TypedDict):
    page: Count
    pages: Count
    rows: list[RowFields]


class PageDocument(PageFields, TableStamps):
    pass


class RollFields(TypedDict):
    rows: list[OrderedRow]


class RollDocument(RollFields, TableStamps):
    pass


def page_path(session_id: str, page: int) -> str:
    return f"{session_path(session_id)}/boards/page-{page}"


def rolls_path(session_id: str) -> str:
    return f"{session_path(session_id)}/rolls"


def roll_path(session_id: str, shard: int, part: int) -> str:
    return f"{rolls_path(session_id)}/{shard}-{part}"


def pages(state: State) -> list[PageFields]:
    """The whole table, a hundred rows per document. No pages when the standings are hidden."""
    return in_pages(_whole_table(state))


def in_pages(rows: Sequence[RowFields]) -> list[PageFields]:
    parts = in_parts(rows, PAGE_ROWS)
    return [{"page": number, "pages": len(parts), "rows": part} for number, part in enumerate(parts)]


def standing_row(player_id: str, player: PlayerDocument, rank: int) -> RowFields:
    """The row of a player who is on the board, from the player's own document."""
    return {
        "rank": rank,
        "player_id": player_id,
        "nickname": player["nickname"] or "",
        "avatar": player["avatar"] or "",
        "score": player["score"],
    }


def rolls(state: State) -> list[RollFields]:
    """The whole table of one shard of many, from which the pages are merged, in documents well below 1 MiB."""
    return [{"rows": part} for part in in_parts(ordered(state, _whole_table(state)), ROLL_ROWS)]


def page_document(fields: PageFields, stamps: TableStamps) -> PageDocument:
    return {**fields, **stamps}


def roll_document(fields: RollFields, stamps: TableStamps) -> RollDocument:
    return {**fields, **stamps}


def table_parts(board: BoardHead | PublicFields, options: Options, rows: int) -> int:
    """The number of documents, of so many rows each, of the whole table of this board. The table exists while the board
    is final, so the board determines which documents are superfluous after the table became shorter."""
    return -(-board["player_count"] // rows) if board["final"] and shows_places(options) else 0


def _whole_table(state: State) -> list[RowFields]:
    return rows_of(state, state.standings.page(0, len(state.standings))) if ranked(state) else []


def in_parts(rows: Sequence[T], size: int) -> list[list[T]]:
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]
