"""`players/{id}`: one player's facts, answers and score; the player and the host may read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from quizcore.documents.mark import mark_fields, read_mark
from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document
from quizcore.documents.submission import read_submission, submission_fields
from quizcore.domain.events import Mark, PlayerJoined, PlayerRenamed
from quizcore.domain.fold import Player
from quizcore.domain.sheet import Graded, Refusal
from quizcore.shards import slot_of

MOST_POINTS = 10**12 - 1


def players_path(session_id: str) -> str:
    return f"{session_path(session_id)}/players"


def player_path(session_id: str, player_id: str) -> str:
    return f"{players_path(session_id)}/{player_id}"


def player_fields(player: Player, expires_at: datetime) -> Document:
    """A whole player document. `nickname` is null while only answers have arrived."""
    sheet = player.sheet
    return {
        **profile_fields(player),
        **score_fields(player),
        "answers": {str(index): graded_fields(graded) for index, graded in sheet.answers.items()},
        "refused": [refusal_fields(refusal) for refusal in sheet.refused],
        "place": place_field(player),
        "slot": slot_of(player.player_id),
        "expires_at": expires_at,
    }


def place_field(player: Player) -> str | None:
    """Sorts the players of a session as their board does; null for who is not on it."""
    if not player.ranked or player.nickname is None:
        return None
    sheet = player.sheet
    return place_key(sheet.score, sheet.right_elapsed_ms, player.nickname, player.player_id)


def place_key(score: int, right_elapsed_ms: int = 0, nickname: str = "", player_id: str = "") -> str:
    """The better place sorts first, by code point as documents are sorted. With the score alone it stands before every
    player who has that score. Nothing in a nickname sorts before a tab."""
    return f"{MOST_POINTS - score:012}\t{right_elapsed_ms:012}\t{nickname}\t{player_id}"


def profile_fields(player: Player) -> Document:
    joined, renamed = player.joined, player.renamed
    return {
        "nickname": player.nickname,
        "avatar": joined and joined.avatar,
        "joined_at": joined and joined.mark.at,
        "join_receipt": joined and joined.mark.event_id,
        "renamed": renamed and {**mark_fields(renamed.mark), "nickname": renamed.nickname},
        "admitted": player.admitted,
        "removed": player.removed,
    }


def score_fields(player: Player) -> Document:
    sheet = player.sheet
    return {"score": sheet.score, "correct_count": sheet.correct_count, "streak": sheet.streak}


def graded_fields(graded: Graded) -> Document:
    return {
        **submission_fields(graded.submission),
        "elapsed_ms": graded.elapsed_ms,
        "correct": graded.correct,
        "points": graded.points,
    }


def refusal_fields(refusal: Refusal) -> Document:
    submission = refusal.submission
    index = {"question_index": submission.question_index, "reason": refusal.reason.value}
    return submission_fields(submission) | index


def read_player(player_id: str, data: Mapping[str, Any]) -> Player:
    """The facts of a player; the sheet follows by judging them again. The name that a renamed one joined with is not
    kept. Documents of before there was admitting and renaming are read too."""
    player = Player(player_id, admitted=data.get("admitted", True), removed=data["removed"])
    if (renamed := data.get("renamed")) is not None:
        player.rename(PlayerRenamed(read_mark(renamed), player_id, renamed["nickname"]))
    if data["nickname"] is not None:
        mark = Mark(data["joined_at"], data["join_receipt"])
        player.join(PlayerJoined(mark, player_id, data["nickname"], data["avatar"]))
    for index, answer in data["answers"].items():
        player.submit(read_submission(player_id, int(index), answer))
    for refusal in data["refused"]:
        player.submit(read_submission(player_id, refusal["question_index"], refusal))
    return player
