"""`boards/ranks`: the table from which every client computes its player's rank."""

from typing_extensions import TypedDict

from quizcore.documents.board import ranked
from quizcore.documents.session import session_path
from quizcore.documents.values import Count, TableStamps
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_table


class RanksFields(TypedDict):
    player_count: Count
    error: Count
    scores: bytes


class RanksDocument(RanksFields, TableStamps):
    pass


def ranks_path(session_id: str) -> str:
    return f"{session_path(session_id)}/boards/ranks"


def ranks_fields(state: State) -> RanksFields | None:
    """None when there are no ranks to publish."""
    best = state.standings.top(1)
    if not best or best[0].score == 0 or not ranked(state):
        return None
    table = rank_table(state.standings.histogram())
    return {"player_count": len(state.standings), "error": table.error, "scores": table.data}


def nobody_ahead(before: RanksFields | None, players: int) -> RanksFields | None:
    """An empty rank table, when a table is stored and no player has points any more; else None."""
    return None if before is None else {"player_count": players, "error": 0, "scores": b""}


def ranks_document(fields: RanksFields, stamps: TableStamps) -> RanksDocument:
    return {**fields, **stamps}


def read_ranks(data: RanksDocument) -> RanksFields:
    """The table without its stamps."""
    return {"player_count": data["player_count"], "error": data["error"], "scores": data["scores"]}
