"""`boards/ranks`: the table from which every client reads its own rank."""

from typing import Any

from quizcore.documents.board import ranked
from quizcore.documents.session import session_path
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_table


def ranks_path(session_id: str) -> str:
    """From which every client reads its own rank."""
    return f"{session_path(session_id)}/boards/ranks"


def ranks_fields(state: State) -> dict[str, Any] | None:
    """The table from which everybody reads their own rank; None while there is nothing to rank."""
    best = state.standings.top(1)
    if not best or best[0].score == 0 or not ranked(state):
        return None
    table = rank_table(state.standings.histogram())
    return {"player_count": len(state.standings), "error": table.error, "scores": table.data}
