"""What many shards say together: a summary of each, a way to combine summaries, and what a combined one publishes.

Summaries are a commutative monoid: `EMPTY` is the identity, and `combine` gives the same in any order and any grouping.
So a session can be merged in one step, or group by group. The result is exact, because the best k of a union are among
the best k of each part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast

from quizcore.documents import RECENT_NAMES, PageFields, RollFields, RowFields, in_pages
from quizcore.domain.ranks import Counted, histogram_of, rank_table

Board = Mapping[str, Any]
Row = Mapping[str, Any]

TOP_MOST = 100  # rows of a summary; no board has more (WORDRUSH_TOP_K)
GROUP_SCORES_MOST = 640 * 1024  # bytes; the rest of a group's document stays below 300 KiB
PUBLIC_ROW = ("player_id", "nickname", "avatar", "score")
ORDERED_ROW = (*PUBLIC_ROW, "right_elapsed_ms")


@dataclass(frozen=True, slots=True)
class Summary:
    """What some shards of a session say together.

    `top` and `recent` are in order, the best and the newest first. `seqs` are the `seq`s of the boards that the summary
    was made of, by their numbers. `scores` says how many players have each score, the best first; a rank by it is too
    good by at most `error`. `due_at`: when the first of the shards needs its clock moved (ms since the epoch).
    """

    final: bool = True
    player_count: int = 0
    top: Sequence[Row] = field(default_factory=list)
    tally: Mapping[str, Any] | None = None
    recent: Sequence[Mapping[str, Any]] = field(default_factory=list)
    seqs: Mapping[int, int] = field(default_factory=dict)
    scores: Sequence[Counted] = field(default_factory=list)
    error: int = 0
    due_at: int | None = None


@dataclass(frozen=True, slots=True)
class Public:
    """What clients see of a summary, without stamps: `boards/top`, `boards/ranks` (None while nobody has a point), and
    the fields of the session's document that are counted over all shards."""

    board: dict[str, Any]
    ranks: dict[str, Any] | None
    counted: dict[str, Any]


EMPTY = Summary()


def summary_of(number: int, board: Board) -> Summary:
    """Of the board of one shard, or of the document of one group; `number` is which it is."""
    return Summary(
        final=board["final"],
        player_count=board["player_count"],
        top=[{name: row[name] for name in ORDERED_ROW} for row in board["top"]],
        tally=board["tally"],
        recent=board["recent"],
        seqs={number: board["seq"]},
        scores=list(histogram_of(board["scores"])),
        error=board["error"],
        due_at=board["due_at"],
    )


def combine(one: Summary, other: Summary) -> Summary:
    return combined((one, other))


def combined(parts: Iterable[Summary]) -> Summary:
    """All of them; `EMPTY` of none. As `combine` from one to the next, without a copy at each step."""
    parts = list(parts)
    return Summary(
        final=all(part.final for part in parts),
        player_count=sum(part.player_count for part in parts),
        top=sorted(chain.from_iterable(part.top for part in parts), key=_place)[:TOP_MOST],
        tally=_tally([part.tally for part in parts if part.tally is not None]),
        recent=_recent(parts),
        seqs=_seqs(parts),
        scores=_scores(parts),
        error=sum(part.error for part in parts),
        due_at=min((part.due_at for part in parts if part.due_at is not None), default=None),
    )


def publish(summary: Summary, top_k: int, parts: str = "shards") -> Public:
    """`parts` is the field of the public board that names the boards, or the groups, that it was merged from."""
    board = {
        "final": summary.final,
        "player_count": summary.player_count,
        "top": _with_ranks(summary.top[:top_k], PUBLIC_ROW),
        "tally": summary.tally,
        "recent": [each["nickname"] for each in summary.recent],
        "shards": {},
        parts: {str(number): seq for number, seq in sorted(summary.seqs.items())},
    }
    counted = {"player_count": summary.player_count, "final": summary.final, "due_at": summary.due_at}
    return Public(board, _ranks(summary), counted)


def group_fields(summary: Summary, top_k: int) -> dict[str, Any]:
    """What the document of a group of shards says, without stamps; `summary_of` reads it."""
    table = rank_table(summary.scores, GROUP_SCORES_MOST)
    return {
        "final": summary.final,
        "player_count": summary.player_count,
        "top": _with_ranks(summary.top[:top_k], ORDERED_ROW),
        "tally": summary.tally,
        "recent": list(summary.recent),
        "error": summary.error + table.error,
        "scores": table.data,
        "due_at": summary.due_at,
        "shards": {str(number): seq for number, seq in sorted(summary.seqs.items())},
    }


def merged_pages(rolls: Iterable[RollFields]) -> list[PageFields]:
    """The pages of the whole session from the tables of its shards."""
    rows = sorted(chain.from_iterable(roll["rows"] for roll in rolls), key=_place)
    return in_pages(cast("list[RowFields]", _with_ranks(rows, PUBLIC_ROW)))


def _ranks(summary: Summary) -> dict[str, Any] | None:
    if not summary.scores or summary.scores[0][0] == 0:
        return None
    table = rank_table(summary.scores)
    counted = sum(count for _, count in summary.scores)
    return {"player_count": counted, "error": table.error + summary.error, "scores": table.data}


def _with_ranks(rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    ranked: list[dict[str, Any]] = []
    for place, row in enumerate(rows, 1):
        shared = ranked[-1]["rank"] if ranked and ranked[-1]["score"] == row["score"] else place
        ranked.append({"rank": shared, **{name: row[name] for name in names}})
    return ranked


def _place(row: Row) -> tuple[int, int, str, str]:
    """As standings are ordered (domain/standings.py)."""
    return -row["score"], row["right_elapsed_ms"], row["nickname"], row["player_id"]


def _tally(tallies: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Of the latest question. A shard that has not heard of it yet has no answers to it."""
    if not tallies:
        return None
    index = max(tally["question_index"] for tally in tallies)
    current = [tally for tally in tallies if tally["question_index"] == index]
    revealed = len(current) == len(tallies) and all(tally["correct"] is not None for tally in current)
    choices = [tally["choices"] for tally in current if tally["choices"] is not None]
    return {
        "question_index": index,
        "answered": sum(tally["answered"] for tally in current),
        "correct": sum(tally["correct"] for tally in current) if revealed else None,
        "choices": [sum(column) for column in zip(*choices, strict=True)] if revealed and choices else None,
    }


def _recent(parts: Sequence[Summary]) -> list[Mapping[str, Any]]:
    joined = chain.from_iterable(part.recent for part in parts)
    return sorted(joined, key=lambda each: (each["at"], each["event_id"], each["nickname"]), reverse=True)[
        :RECENT_NAMES
    ]


def _seqs(parts: Sequence[Summary]) -> dict[int, int]:
    seqs: dict[int, int] = {}
    for number, seq in chain.from_iterable(part.seqs.items() for part in parts):
        seqs[number] = max(seq, seqs.get(number, seq))
    return seqs


def _scores(parts: Sequence[Summary]) -> list[Counted]:
    counted: dict[int, int] = {}
    for part in parts:
        for score, count in part.scores:
            counted[score] = counted.get(score, 0) + count
    return sorted(counted.items(), reverse=True)
