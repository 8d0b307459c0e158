"""`shards/{shard}`: the board of one shard of many, from which the public one is merged."""

from typing import Any

from quizcore.documents.board import board_fields, last_to_join, order, ranked, top_rows
from quizcore.documents.session import session_path
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_table
from quizcore.domain.schedule import due_at


def shards_path(session_id: str) -> str:
    return f"{session_path(session_id)}/shards"


def shard_path(session_id: str, shard: int) -> str:
    """A shard's own board, where there are many of them (quizcore/layout.py)."""
    return f"{shards_path(session_id)}/{shard}"


def shard_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> dict[str, Any]:
    """The board of one shard of many: what the merged board needs of it. Clients read the merged one."""
    # Also when every score of the shard is 0: the merged ranks must count these players.
    table = rank_table(state.standings.histogram() if ranked(state) else [])
    joined = last_to_join(state)
    return {
        **board_fields(state, seq=seq, commit_id=commit_id, top_k=top_k),
        "top": [row | order(state, row) for row in top_rows(state, top_k)],
        "recent": [{"nickname": nickname, "at": mark.at, "event_id": mark.event_id} for mark, nickname in joined],
        "error": table.error,
        "scores": table.data,
        "due_at": due_at(state.pacing, state.game, state.now),
    }
