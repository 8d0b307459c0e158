"""`shards/{shard}`: the board of one shard of many, from which the public board is merged; no client reads it."""

from dataclasses import asdict
from typing import NotRequired, cast

from typing_extensions import TypedDict

from quizcore.documents.board import (
    BoardHead,
    BoardStamps,
    PlayerRow,
    RowFields,
    TallyFields,
    last_to_join,
    ranked,
    tally,
    top_rows,
)
from quizcore.documents.mark import MarkFields
from quizcore.documents.result import result_part
from quizcore.documents.session import ResultPart, session_path
from quizcore.documents.values import Count, Expiring, Name
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_table
from quizcore.domain.schedule import due_at
from quizcore.domain.turnout import Turnout, turnout_of


class UnrankedRow(PlayerRow):
    """A row with the fields that order equal scores when rows of several shards are merged."""

    right_elapsed_ms: Count


class OrderedRow(UnrankedRow):
    rank: Count


class JoinedFields(MarkFields):
    nickname: Name


class TurnoutFields(TypedDict):
    question_index: Count
    awaited: Count
    answered: Count
    last_at: Count
    shards: Count


class SummaryFields(TypedDict):
    """The content of one shard or of several shards together, from which the public board is merged."""

    final: bool
    player_count: Count
    tally: TallyFields | None
    top: list[OrderedRow]
    recent: list[JoinedFields]
    error: Count
    scores: bytes
    due_at: Count | None
    result: NotRequired[ResultPart | None]  # older releases wrote none
    turnout: NotRequired[TurnoutFields | None]  # an older release wrote none


class ShardBoardFields(SummaryFields, BoardStamps):
    pass


class ShardBoardDocument(ShardBoardFields, Expiring):
    pass


def shards_path(session_id: str) -> str:
    return f"{session_path(session_id)}/shards"


def shard_path(session_id: str, shard: int) -> str:
    return f"{shards_path(session_id)}/{shard}"


def shard_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> ShardBoardFields:
    """The fields of this shard that the merged board needs."""
    # Also when every score of the shard is 0: the merged ranks must count these players.
    table = rank_table(state.standings.histogram() if ranked(state) else [])
    joined = last_to_join(state)
    return {
        "seq": seq,
        "commit_id": commit_id,
        "as_of": state.now,
        "final": state.pacing.final,
        "player_count": len(state.standings),
        "tally": tally(state),
        "top": ordered(state, top_rows(state, top_k)),
        "recent": [{"nickname": nickname, "at": mark.at, "event_id": mark.event_id} for mark, nickname in joined],
        "error": table.error,
        "scores": table.data,
        "due_at": due_at(state.pacing, state.game, state.now),
        "result": result_part(state),
        "turnout": turnout_fields(turnout_of(state)),
    }


def clock_of(board: BoardHead) -> int | None:
    """`due_at` of a shard's board; None for a public board, whose clock is in the session document."""
    due: int | None = board.get("due_at")  # type: ignore[assignment]
    return due


def unranked(row: OrderedRow) -> UnrankedRow:
    return {
        "player_id": row["player_id"],
        "nickname": row["nickname"],
        "avatar": row["avatar"],
        "score": row["score"],
        "right_elapsed_ms": row["right_elapsed_ms"],
    }


def ordered(state: State, rows: list[RowFields]) -> list[OrderedRow]:
    elapsed = state.standings.right_elapsed_ms
    return [{**row, "right_elapsed_ms": elapsed(row["player_id"])} for row in rows]


def turnout_fields(turnout: Turnout | None) -> TurnoutFields | None:
    return None if turnout is None else cast(TurnoutFields, asdict(turnout))


def read_turnout(found: TurnoutFields | None) -> Turnout | None:
    return None if found is None else Turnout(**found)
