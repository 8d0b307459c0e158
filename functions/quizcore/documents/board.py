"""`boards/top`: the one document that every client listens to."""

from collections.abc import Iterable, Mapping
from heapq import nlargest
from typing import Any

from quizcore.documents.session import session_path
from quizcore.domain.events import Mark
from quizcore.domain.fold import State
from quizcore.domain.session import Options, Phase, Scoring
from quizcore.domain.standings import Standing

RECENT_NAMES = 50


def boards_path(session_id: str) -> str:
    return f"{session_path(session_id)}/boards"


def board_path(session_id: str) -> str:
    return f"{session_path(session_id)}/boards/top"


def board_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> dict[str, Any]:
    """The board as the fold of the players at this commit, and nothing a client may not know yet."""
    return {
        "seq": seq,
        "commit_id": commit_id,
        "as_of": state.now,
        "final": state.pacing.final,
        "player_count": len(state.standings),
        "top": top_rows(state, top_k),
        "tally": tally(state),
        "recent": recent_names(state),
    }


def top_rows(state: State, top_k: int) -> list[dict[str, Any]]:
    """Nobody's place is published where the host has hidden the board: what is not written cannot be read."""
    return [] if state.game.options.board_hidden else rows_of(state, state.standings.top(top_k))


def shows_places(options: Options) -> bool:
    """Whether clients may see who stands where."""
    return not options.board_hidden and options.scoring is not Scoring.NONE


def ranked(state: State) -> bool:
    return shows_places(state.game.options)


def rows_of(state: State, standings: Iterable[Standing]) -> list[dict[str, Any]]:
    return [
        {
            "rank": standing.rank,
            "player_id": standing.player_id,
            "nickname": standing.nickname,
            "avatar": state.players[standing.player_id].facts.avatar,
            "score": standing.score,
        }
        for standing in standings
    ]


def order(state: State, row: Mapping[str, Any]) -> dict[str, int]:
    """What orders equal scores when rows of several shards are merged."""
    return {"right_elapsed_ms": state.standings.right_elapsed_ms(row["player_id"])}


def tally(state: State) -> dict[str, Any] | None:
    """How many have answered the current question; per choice only when it is over."""
    if state.pacing.current is None:
        return None
    index = state.pacing.current.question_index
    counted = [s for player in state.ranked_players() if (s := player.sheet.counts(index))]
    found: dict[str, Any] = {"question_index": index, "answered": len(counted), "correct": None, "choices": None}
    if index in state.shown:
        graded = [player.sheet.answers.get(index) for player in state.ranked_players()]
        found["correct"] = sum(1 for answer in graded if answer and answer.correct)
        question = state.game.question(index)
        found["choices"] = question.kind.rules.tally(question, (submission.answer for submission in counted))
    return found


def recent_names(state: State) -> list[str]:
    """The last to join, newest first; only in the lobby, where a wall of names is shown."""
    return [nickname for _, nickname in last_to_join(state)]


def last_to_join(state: State) -> list[tuple[Mark, str]]:
    if state.pacing.phase(state.now) is not Phase.LOBBY:
        return []
    ranked_ones = (player.facts for player in state.ranked_players())
    joined = ((facts.joined.mark, facts.nickname) for facts in ranked_ones if facts.joined and facts.nickname)
    return nlargest(RECENT_NAMES, joined)
