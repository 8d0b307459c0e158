"""Merges the boards of many shards: a summary of each board, `combine` for summaries, and `publish` for the combined
summary.

Summaries are a commutative monoid: `EMPTY` is the identity, and `combine` gives the same in any order and any grouping.
So a session can be merged in one step, or group by group. The result is exact, because the best k of a union are among
the best k of each part.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from quizcore import documents
from quizcore.documents import (
    CountedFields,
    GroupFields,
    JoinedFields,
    PageFields,
    PublicFields,
    RanksFields,
    ResultPart,
    RollFields,
    RowFields,
    ShardBoardFields,
    TallyFields,
    UnrankedRow,
    read_turnout,
    turnout_fields,
)
from quizcore.domain.ranks import Counted, histogram_of, rank_table
from quizcore.domain.turnout import Turnout, combined_turnout

TOP_MOST = 100  # rows of a summary; no board has more (WORDRUSH_TOP_K)
GROUP_SCORES_MOST = 640 * 1024  # bytes; the rest of a group's document stays below 300 KiB


@dataclass(frozen=True, slots=True)
class Summary:
    """The merged content of some shards' boards. `top` and `recent` are in order, the best and the newest first. `seqs`
    are the `seq`s of the merged boards, by their numbers. `scores` has the number of players with each score, the best
    first; a rank by it is too good by at most `error`. `due_at` is the earliest due time of a shard's clock (ms since
    the epoch). `answers` is the number of answers that count, when all of the shards are final; None while a shard is
    not final, or when an older release has written its board. `finished_at` is the time of the session's end (ms since
    the epoch)."""

    final: bool = True
    player_count: int = 0
    top: Sequence[UnrankedRow] = field(default_factory=list)
    tally: TallyFields | None = None
    recent: Sequence[JoinedFields] = field(default_factory=list)
    seqs: Mapping[int, int] = field(default_factory=dict)
    scores: Sequence[Counted] = field(default_factory=list)
    error: int = 0
    due_at: int | None = None
    answers: int | None = 0
    finished_at: int | None = None
    turnout: Turnout | None = None

    @property
    def result(self) -> ResultPart | None:
        """The result; None while a shard is not final."""
        if self.answers is None or self.finished_at is None:
            return None
        return {"answers": self.answers, "finished_at": self.finished_at}


@dataclass(frozen=True, slots=True)
class Public:
    """The public part of a summary, without stamps: `boards/top`, `boards/ranks` (None while no player has a point),
    the fields of the session document that are counted over all shards, and their part of `result`. The `turnout` is
    not published."""

    board: PublicFields
    ranks: RanksFields | None
    counted: CountedFields
    result: ResultPart | None
    turnout: Turnout | None


EMPTY = Summary()


def summary_of(number: int, board: ShardBoardFields) -> Summary:
    """The summary of a shard's board or of a group's document. `number` is the shard or the group."""
    result = board.get("result")
    return Summary(
        final=board["final"],
        player_count=board["player_count"],
        top=[documents.unranked(row) for row in board["top"]],
        tally=board["tally"],
        recent=board["recent"],
        seqs={number: board["seq"]},
        scores=list(histogram_of(board["scores"])),
        error=board["error"],
        due_at=board["due_at"],
        answers=result and result["answers"],
        finished_at=result and result["finished_at"],
        turnout=read_turnout(board.get("turnout")),
    )


def combine(one: Summary, other: Summary) -> Summary:
    return combined((one, other))


def combined(parts: Iterable[Summary]) -> Summary:
    """All summaries combined; `EMPTY` for none. The same as repeated `combine`, without a copy at each step."""
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
        due_at=_first(part.due_at for part in parts),
        answers=_answers(parts),
        finished_at=_first(part.finished_at for part in parts),
        turnout=combined_turnout(part.turnout for part in parts),
    )


def publish(summary: Summary, top_k: int, parts: Literal["shards", "groups"] = "shards") -> Public:
    """`parts` is the field of the public board that names the boards, or the groups, that it was merged from."""
    seqs = {str(number): seq for number, seq in sorted(summary.seqs.items())}
    board: PublicFields = {
        "final": summary.final,
        "player_count": summary.player_count,
        "top": _public_rows(summary.top[:top_k]),
        "tally": summary.tally,
        "recent": [each["nickname"] for each in summary.recent],
        "shards": seqs if parts == "shards" else {},
    }
    if parts == "groups":
        board["groups"] = seqs
    counted: CountedFields = {"player_count": summary.player_count, "final": summary.final, "due_at": summary.due_at}
    return Public(board, _ranks(summary), counted, summary.result, summary.turnout)


def group_fields(summary: Summary, top_k: int) -> GroupFields:
    """The fields of the document of a group, without stamps; `summary_of` reads them."""
    table = rank_table(summary.scores, GROUP_SCORES_MOST)
    return {
        "final": summary.final,
        "player_count": summary.player_count,
        "top": [{**row, "rank": rank} for rank, row in _ranked(summary.top[:top_k])],
        "tally": summary.tally,
        "recent": list(summary.recent),
        "error": summary.error + table.error,
        "scores": table.data,
        "due_at": summary.due_at,
        "result": summary.result,
        "turnout": turnout_fields(summary.turnout),
        "shards": {str(number): seq for number, seq in sorted(summary.seqs.items())},
    }


def merged_pages(rolls: Iterable[RollFields]) -> list[PageFields]:
    """The pages of the whole session from the tables of its shards."""
    rows = sorted(chain.from_iterable(roll["rows"] for roll in rolls), key=_place)
    return documents.in_pages(_public_rows(rows))


def _first(moments: Iterable[int | None]) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _answers(parts: Sequence[Summary]) -> int | None:
    known = [part.answers for part in parts if part.answers is not None]
    return sum(known) if len(known) == len(parts) else None


def _ranks(summary: Summary) -> RanksFields | None:
    if not summary.scores or summary.scores[0][0] == 0:
        return None
    table = rank_table(summary.scores)
    counted = sum(count for _, count in summary.scores)
    return {"player_count": counted, "error": table.error + summary.error, "scores": table.data}


def _public_rows(rows: Sequence[UnrankedRow]) -> list[RowFields]:
    return [documents.public_row(row, rank) for rank, row in _ranked(rows)]


def _ranked(rows: Sequence[UnrankedRow]) -> Iterator[tuple[int, UnrankedRow]]:
    """Equal scores share a rank."""
    rank, score = 0, None
    for place, row in enumerate(rows, 1):
        if row["score"] != score:
            rank, score = place, row["score"]
        yield rank, row


def _place(row: UnrankedRow) -> tuple[int, int, str, str]:
    """The order of the standings (domain/standings.py)."""
    return -row["score"], row["right_elapsed_ms"], row["nickname"], row["player_id"]


def _tally(tallies: Sequence[TallyFields]) -> TallyFields | None:
    """The tally of the latest question. A shard that does not know the question yet has no answers to it."""
    if not tallies:
        return None
    index = max(tally["question_index"] for tally in tallies)
    current = [tally for tally in tallies if tally["question_index"] == index]
    correct = [tally["correct"] for tally in current if tally["correct"] is not None]
    revealed = len(correct) == len(tallies)
    choices = [tally["choices"] for tally in current if tally["choices"] is not None]
    return {
        "question_index": index,
        "answered": sum(tally["answered"] for tally in current),
        "correct": sum(correct) if revealed else None,
        "choices": [sum(column) for column in zip(*choices, strict=True)] if revealed and choices else None,
    }


def _recent(parts: Sequence[Summary]) -> list[JoinedFields]:
    joined = chain.from_iterable(part.recent for part in parts)
    return sorted(joined, key=lambda each: (each["at"], each["event_id"], each["nickname"]), reverse=True)[
        : documents.RECENT_NAMES
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
