"""`result` and `handed_seq` of `sessions/{id}`: the newest final version of a session, and which one was handed on.

The commit of a final board writes `result` into the session's document, with the board's `seq` as its version. So that
document alone says what there is to hand on, and `due_at` leads to it like to everything else that is due. Whoever has
handed a version on writes its `seq` to `handed_seq`.
"""

from typing_extensions import TypedDict

from quizcore.documents.board import BoardHead
from quizcore.documents.session import CountedFields, Result, ResultPart, SessionDocument
from quizcore.documents.values import Count
from quizcore.domain.fold import State


class ResultChange(TypedDict, total=False):
    """What a commit of the public board changes of the session's document."""

    result: Result | None
    due_at: Count | None


def result_part(state: State) -> ResultPart | None:
    """None while the shard is not final."""
    finished = state.timeline.finished
    if finished is None or not state.pacing.final:
        return None
    answers = sum(len(player.sheet.answers) for player in state.ranked_players())
    return {"answers": answers, "finished_at": finished.at}


def result_fields(part: ResultPart | None, board: BoardHead, *, was_final: bool) -> ResultChange:
    """What the commit of the public board `board` changes; `part` is that of all shards. A final board is due at once:
    somebody must hand it on."""
    if part is None:
        return {"result": None} if was_final else {}
    result: Result = {**part, "seq": board["seq"], "as_of": board["as_of"], "players": board["player_count"]}
    return {"result": result, "due_at": board["as_of"]}


def to_hand_on(session: SessionDocument) -> Result | None:
    """The final version that nobody has handed on. None of a session that an older release made final, which has no
    `result`, until its final result changes."""
    result = session.get("result")
    return result if result is not None and result["seq"] > session.get("handed_seq", 0) else None


def handed_on(session: SessionDocument, result: Result) -> SessionDocument:
    """The session's whole document after `result` was handed on."""
    return {**session, "handed_seq": result["seq"], "due_at": None}


def clock_due_at(session: SessionDocument) -> int | None:
    """When the session's clock is due (ms since the epoch). A final session has no clock any more; its `due_at` asks
    for handing on."""
    return None if to_hand_on(session) else session["due_at"]


def counted_of(session: SessionDocument) -> CountedFields:
    """What the last merge has counted."""
    return {"player_count": session["player_count"], "final": session["final"], "due_at": clock_due_at(session)}
