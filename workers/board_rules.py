"""What the board of one shard and the public board of many have in common: stamps, and when the ranks are written."""

from collections.abc import Mapping
from typing import Any

# These differ in every board, so they do not make one worth writing.
BOARD_STAMPS = ("seq", "commit_id", "as_of", "expires_at")
RANKS_INTERVAL_MS = 1_000  # the ranks are written no more often than this, and at each reveal


def written_ranks(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a document of ranks says, without the stamps."""
    return {name: document[name] for name in ("player_count", "error", "scores")}


def nobody_ahead(before: dict[str, Any] | None, players: int) -> dict[str, Any] | None:
    """An empty rank table, when a table is stored and no player has points any more; else None."""
    return None if before is None else {"player_count": players, "error": 0, "scores": b""}


def without_stamps(board: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in board.items() if name not in BOARD_STAMPS}
