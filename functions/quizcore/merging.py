"""One board from the boards of many shards, exact: the best k of a union are among the best k of each part."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from quizcore.boards import RECENT_NAMES, in_pages
from quizcore.domain.ranks import histogram_of, rank_table

Board = Mapping[str, Any]
PUBLIC_ROW = ("player_id", "nickname", "avatar", "score")


def merged_board(boards: Sequence[Board], top_k: int) -> dict[str, Any]:
    """What `boards/top` says of these shards, in their order, without its own stamps."""
    return {
        "final": all(board["final"] for board in boards),
        "player_count": sum(board["player_count"] for board in boards),
        "top": _top(boards, top_k),
        "tally": _tally([board["tally"] for board in boards if board["tally"] is not None]),
        "recent": _recent(boards),
        "shards": {str(number): board["seq"] for number, board in enumerate(boards)},
    }


def merged_ranks(boards: Sequence[Board]) -> dict[str, Any] | None:
    """The table of ranks of all shards; None while nobody has a point."""
    counted: Counter[int] = Counter()
    for board in boards:
        for score, count in histogram_of(board["scores"]):
            counted[score] += count
    if not counted or max(counted) == 0:
        return None
    table = rank_table(sorted(counted.items(), reverse=True))
    error = table.error + sum(board["error"] for board in boards)
    return {"player_count": counted.total(), "error": error, "scores": table.data}


def merged_pages(rolls: Sequence[Board]) -> list[dict[str, Any]]:
    """The pages of the whole session from the tables of its shards."""
    rows = sorted(chain.from_iterable(roll["rows"] for roll in rolls), key=_place)
    return in_pages(_with_ranks(rows))


def merged_due_at(boards: Sequence[Board]) -> int | None:
    """When the first of the shards needs its clock moved: whoever finds that overdue adopts the session."""
    return min((board["due_at"] for board in boards if board["due_at"] is not None), default=None)


def _top(boards: Sequence[Board], top_k: int) -> list[dict[str, Any]]:
    return _with_ranks(sorted(chain.from_iterable(board["top"] for board in boards), key=_place)[:top_k])


def _with_ranks(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ranked: list[dict[str, Any]] = []
    for place, row in enumerate(rows, 1):
        shared = ranked[-1]["rank"] if ranked and ranked[-1]["score"] == row["score"] else place
        ranked.append({"rank": shared, **{name: row[name] for name in PUBLIC_ROW}})
    return ranked


def _place(row: Mapping[str, Any]) -> tuple[int, int, str, str]:
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


def _recent(boards: Sequence[Board]) -> list[str]:
    joined = chain.from_iterable(board["recent"] for board in boards)
    newest = sorted(joined, key=lambda each: (each["at"], each["event_id"]), reverse=True)
    return [each["nickname"] for each in newest[:RECENT_NAMES]]
