"""`result` and `handed_seq` of `sessions/{id}`: the newest final version of a session, and the version that was handed
on.

The commit of a final board writes `result` into the session's document, with the board's `seq` as its version. So the
session document alone shows what is to be handed on, and the query on `due_at` finds it. The worker that has handed a
version on writes its `seq` to `handed_seq`.
"""

from typing_extensions import TypedDict

from quizcore.documents.board import BoardHead
from quizcore.documents.session import CountedFields, Result, ResultPart, SessionDocument
from quizcore.documents.values import Count
from quizcore.domain.fold import State


class ResultChange(TypedDict, total=False):
    """The fields of the session document that a commit of the public board changes."""

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
    """The fields that the commit of the public board `board` changes; `part` is that of all shards. A final board is
    due at once, because it must be handed on."""
    if part is None:
        return {"result": None} if was_final else {}
    result: Result = {**part, "seq": board["seq"], "as_of": board["as_of"], "players": board["player_count"]}
    return {"result": result, "due_at": board["as_of"]}


def to_hand_on(session: SessionDocument) -> Result | None:
    """The final version that was not handed on yet, or None. A session that an older release made final has no `result`
    until its final result changes."""
    result = session.get("result")
    return result if result is not None and result["seq"] > session.get("handed_seq", 0) else None


def handed_on(session: SessionDocument, result: Result) -> SessionDocument:
    """The whole session document after `result` was handed on."""
    return {**session, "handed_seq": result["seq"], "due_at": None}


def clock_due_at(session: SessionDocument) -> int | None:
    """When the session's clock is due (ms since the epoch). A final session has no clock; its `due_at` means that its
    result is to be handed on."""
    return None if to_hand_on(session) else session["due_at"]


def counted_of(session: SessionDocument) -> CountedFields:
    """The counts of the last merge."""
    return {"player_count": session["player_count"], "final": session["final"], "due_at": clock_due_at(session)}
