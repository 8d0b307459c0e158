"""`boards/top`: the one document that every client listens to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import nlargest
from typing import NotRequired, TypeVar

from typing_extensions import TypedDict

from quizcore.documents.session import session_path
from quizcore.documents.values import Count, Expiring, Index, Name, Whole
from quizcore.domain.events import Mark
from quizcore.domain.fold import State
from quizcore.domain.session import Options, Phase, Scoring
from quizcore.domain.standings import Standing
from quizcore.messages import Id, PlayerId

B = TypeVar("B", bound="BoardHead")
RECENT_NAMES = 50
# These fields differ in every board, so a change of them alone is not written.
BOARD_STAMPS = ("seq", "commit_id", "as_of", "expires_at")


class PlayerRow(TypedDict):
    player_id: PlayerId
    nickname: Name
    avatar: str
    score: Whole


class RowFields(PlayerRow):
    rank: Count


class TallyFields(TypedDict):
    """The number of answers to the current question; the other fields only after the reveal."""

    question_index: Count
    answered: Count
    correct: Count | None
    choices: list[Count] | None


class BoardStamps(TypedDict):
    """The fields that differ in every board."""

    seq: Count
    commit_id: Id
    as_of: Count


class BoardHead(BoardStamps):
    """The common fields of a public board and of the board of one shard of many."""

    final: bool
    player_count: Count
    tally: TallyFields | None


class BoardFields(BoardHead):
    top: list[RowFields]
    recent: list[Name]


class PublicFields(TypedDict):
    """The public board of many shards, without stamps."""

    final: bool
    player_count: Count
    tally: TallyFields | None
    top: list[RowFields]
    recent: list[Name]
    shards: dict[Index, Count]
    groups: NotRequired[dict[Index, Count]]


class BoardDocument(BoardFields, Expiring):
    """`shards`: the `seq` of each shard's board when the board is merged from many shards. `groups`: the `seq` of each
    group's summary when the board is merged from groups."""

    shards: NotRequired[dict[Index, Count]]
    groups: NotRequired[dict[Index, Count]]


def boards_path(session_id: str) -> str:
    return f"{session_path(session_id)}/boards"


def board_path(session_id: str) -> str:
    return f"{boards_path(session_id)}/top"


def board_fields(state: State, *, seq: int, commit_id: str, top_k: int) -> BoardFields:
    """The board as the fold of the players at this commit, without anything that clients may not know yet."""
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


def public_row(row: PlayerRow, rank: int) -> RowFields:
    return {
        "rank": rank,
        "player_id": row["player_id"],
        "nickname": row["nickname"],
        "avatar": row["avatar"],
        "score": row["score"],
    }


def public_board(fields: PublicFields, stamps: BoardStamps, expires_at: datetime) -> BoardDocument:
    return {**fields, **stamps, "expires_at": expires_at}


def same_board(board: B, commit_id: str) -> B:
    """The next board with the same content."""
    same = board.copy()
    same["seq"], same["commit_id"] = board["seq"] + 1, commit_id
    return same


def without_stamps(board: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in board.items() if name not in BOARD_STAMPS}


def top_rows(state: State, top_k: int) -> list[RowFields]:
    """The best rows; none when the host has hidden the board, because clients can read all that is written."""
    return [] if state.game.options.board_hidden else rows_of(state, state.standings.top(top_k))


def shows_places(options: Options) -> bool:
    """Whether clients may see the standings."""
    return not options.board_hidden and options.scoring is not Scoring.NONE


def ranked(state: State) -> bool:
    return shows_places(state.game.options)


def rows_of(state: State, standings: Iterable[Standing]) -> list[RowFields]:
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


def tally(state: State) -> TallyFields | None:
    if state.pacing.current is None:
        return None
    index = state.pacing.current.question_index
    counted = [s for player in state.ranked_players() if (s := player.sheet.counts(index))]
    found: TallyFields = {"question_index": index, "answered": len(counted), "correct": None, "choices": None}
    if index in state.shown:
        graded = [player.sheet.answers.get(index) for player in state.ranked_players()]
        found["correct"] = sum(1 for answer in graded if answer and answer.correct)
        question = state.game.question(index)
        found["choices"] = question.kind.rules.tally(question, (submission.answer for submission in counted))
    return found


def recent_names(state: State) -> list[str]:
    """The last players who joined, newest first; only in the lobby, where the stage shows them."""
    return [nickname for _, nickname in last_to_join(state)]


def last_to_join(state: State) -> list[tuple[Mark, str]]:
    if state.pacing.phase(state.now) is not Phase.LOBBY:
        return []
    ranked_ones = (player.facts for player in state.ranked_players())
    joined = ((facts.joined.mark, facts.nickname) for facts in ranked_ones if facts.joined and facts.nickname)
    return nlargest(RECENT_NAMES, joined)
