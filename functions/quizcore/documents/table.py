"""The whole table of a final session: `boards/page-{n}` for everybody, `rolls/{shard}-{part}` of one shard of many."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from quizcore.documents.board import order, ranked, rows_of, shows_places
from quizcore.documents.session import session_path
from quizcore.domain.fold import State
from quizcore.domain.session import Options

T = TypeVar("T")
PAGE_ROWS = 100
ROLL_ROWS = 2_000


def page_path(session_id: str, page: int) -> str:
    """A hundred rows of the whole table, once the session is final."""
    return f"{session_path(session_id)}/boards/page-{page}"


def rolls_path(session_id: str) -> str:
    return f"{session_path(session_id)}/rolls"


def roll_path(session_id: str, shard: int, part: int) -> str:
    """The whole table of one shard of many, from which the pages are merged."""
    return f"{rolls_path(session_id)}/{shard}-{part}"


def pages(state: State) -> list[dict[str, Any]]:
    """The whole table, a hundred rows a document. No pages where nobody's place is shown."""
    return in_pages(_whole_table(state))


def in_pages(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = in_parts(rows, PAGE_ROWS)
    return [{"page": number, "pages": len(parts), "rows": part} for number, part in enumerate(parts)]


def rolls(state: State) -> list[dict[str, Any]]:
    """The whole table of one shard of many, in documents well below 1 MiB."""
    rows = [row | order(state, row) for row in _whole_table(state)]
    return [{"rows": part} for part in in_parts(rows, ROLL_ROWS)]


def table_parts(board: Mapping[str, Any], options: Options, rows: int) -> int:
    """In how many documents of so many rows the whole table of this board lies. The table is there while the board is
    final, so the board alone tells which documents a shorter table leaves over."""
    return -(-board["player_count"] // rows) if board["final"] and shows_places(options) else 0


def _whole_table(state: State) -> list[dict[str, Any]]:
    return rows_of(state, state.standings.page(0, len(state.standings))) if ranked(state) else []


def in_parts(rows: Sequence[T], size: int) -> list[list[T]]:
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]
