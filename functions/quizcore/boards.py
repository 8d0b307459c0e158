"""The board of a session: the one document that every client listens to."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from typing import Any, TypeVar

from quizcore.domain.events import Mark
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_table
from quizcore.domain.schedule import due_at
from quizcore.domain.session import Options, Phase, Scoring
from quizcore.domain.standings import Standing

T = TypeVar("T")
RECENT_NAMES = 50
PAGE_ROWS = 100
ROLL_ROWS = 2_000


def board_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> dict[str, Any]:
    """The board as the fold of the players at this commit, and nothing a client may not know yet."""
    return {
        "seq": seq,
        "commit_id": commit_id,
        "as_of": state.now,
        "final": state.timeline.final(state.game),
        "player_count": len(state.standings),
        "top": top_rows(state, top_k),
        "tally": tally(state),
        "recent": recent_names(state),
    }


def shard_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> dict[str, Any]:
    """The board of one shard of many: what the merged board needs of it. Clients read the merged one."""
    # Also when every score of the shard is 0: the merged ranks must count these players.
    table = rank_table(state.standings.histogram() if _ranked(state) else [])
    joined = _last_to_join(state)
    return {
        **board_fields(state, seq=seq, commit_id=commit_id, top_k=top_k),
        "top": [row | _order(state, row) for row in top_rows(state, top_k)],
        "recent": [{"nickname": nickname, "at": mark.at, "event_id": mark.event_id} for mark, nickname in joined],
        "error": table.error,
        "scores": table.data,
        "due_at": due_at(state.timeline, state.game, state.now),
    }


def pages(state: State) -> list[dict[str, Any]]:
    """The whole table, a hundred rows a document. No pages where nobody's place is shown."""
    return in_pages(_whole_table(state))


def in_pages(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = in_parts(rows, PAGE_ROWS)
    return [{"page": number, "pages": len(parts), "rows": part} for number, part in enumerate(parts)]


def rolls(state: State) -> list[dict[str, Any]]:
    """The whole table of one shard of many, in documents well below 1 MiB."""
    rows = [row | _order(state, row) for row in _whole_table(state)]
    return [{"rows": part} for part in in_parts(rows, ROLL_ROWS)]


def table_parts(board: Mapping[str, Any], options: Options, rows: int) -> int:
    """In how many documents of so many rows the whole table of this board lies. The table is there while the board is
    final, so the board alone tells which documents a shorter table leaves over."""
    return -(-board["player_count"] // rows) if board["final"] and shows_places(options) else 0


def _whole_table(state: State) -> list[dict[str, Any]]:
    return _rows(state, state.standings.page(0, len(state.standings))) if _ranked(state) else []


def in_parts(rows: Sequence[T], size: int) -> list[list[T]]:
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]


def ranks_fields(state: State) -> dict[str, Any] | None:
    """The table from which everybody reads their own rank; None while there is nothing to rank."""
    best = state.standings.top(1)
    if not best or best[0].score == 0 or not _ranked(state):
        return None
    table = rank_table(state.standings.histogram())
    return {"player_count": len(state.standings), "error": table.error, "scores": table.data}


def shows_places(options: Options) -> bool:
    """Whether clients may see who stands where."""
    return not options.board_hidden and options.scoring is not Scoring.NONE


def _ranked(state: State) -> bool:
    return shows_places(state.game.options)


def top_rows(state: State, top_k: int) -> list[dict[str, Any]]:
    """Nobody's place is published where the host has hidden the board: what is not written cannot be read."""
    return [] if state.game.options.board_hidden else _rows(state, state.standings.top(top_k))


def _order(state: State, row: Mapping[str, Any]) -> dict[str, int]:
    """What orders equal scores when rows of several shards are merged."""
    return {"right_elapsed_ms": state.standings.right_elapsed_ms(row["player_id"])}


def _rows(state: State, standings: Iterable[Standing]) -> list[dict[str, Any]]:
    return [
        {
            "rank": standing.rank,
            "player_id": standing.player_id,
            "nickname": standing.nickname,
            "avatar": _avatar(state, standing.player_id),
            "score": standing.score,
        }
        for standing in standings
    ]


def tally(state: State) -> dict[str, Any] | None:
    """How many have answered the current question; per choice only when it is over."""
    index = state.timeline.current()
    if index is None:
        return None
    counted = [s for player in state.ranked_players() if (s := player.sheet.counts(index))]
    found: dict[str, Any] = {"question_index": index, "answered": len(counted), "correct": None, "choices": None}
    if index in state.over:
        graded = [player.sheet.answers.get(index) for player in state.ranked_players()]
        found["correct"] = sum(1 for answer in graded if answer and answer.correct)
        question = state.game.question(index)
        found["choices"] = question.kind.rules.tally(question, (submission.answer for submission in counted))
    return found


def recent_names(state: State) -> list[str]:
    """The last to join, newest first; only in the lobby, where a wall of names is shown."""
    return [nickname for _, nickname in _last_to_join(state)]


def _last_to_join(state: State) -> list[tuple[Mark, str]]:
    if state.timeline.phase(state.game, state.now) is not Phase.LOBBY:
        return []
    joined = ((p.joined.mark, p.nickname) for p in state.ranked_players() if p.joined and p.nickname)
    return nlargest(RECENT_NAMES, joined)


def _avatar(state: State, player_id: str) -> str:
    joined = state.players[player_id].joined
    return joined.avatar if joined else ""
