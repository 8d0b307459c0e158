"""`players/{id}`: one player's facts, answers and score; the player and the host may read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from quizcore.documents.mark import mark_fields, read_mark
from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document
from quizcore.documents.submission import read_submission, submission_fields
from quizcore.domain.events import Mark, PlayerJoined, PlayerRenamed
from quizcore.domain.player import Player, PlayerFacts
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
        **facts_fields(player.facts),
        **score_fields(player),
        "answers": {str(index): graded_fields(graded) for index, graded in sheet.answers.items()},
        "refused": [refusal_fields(refusal) for refusal in sheet.refused],
        "place": place_field(player),
        "slot": slot_of(player.player_id),
        "expires_at": expires_at,
    }


def place_field(player: Player) -> str | None:
    """Sorts the players of a session as their board does; null for who is not on it."""
    facts, sheet = player.facts, player.sheet
    if not facts.ranked or facts.nickname is None:
        return None
    return place_key(sheet.score, sheet.right_elapsed_ms, facts.nickname, player.player_id)


def place_key(score: int, right_elapsed_ms: int = 0, nickname: str = "", player_id: str = "") -> str:
    """The better place sorts first, by code point as documents are sorted. With the score alone it stands before every
    player who has that score. Nothing in a nickname sorts before a tab."""
    return f"{MOST_POINTS - score:012}\t{right_elapsed_ms:012}\t{nickname}\t{player_id}"


def facts_fields(facts: PlayerFacts) -> Document:
    joined, renamed = facts.joined, facts.renamed
    return {
        "nickname": facts.nickname,
        "avatar": joined and joined.avatar,
        "joined_at": joined and joined.mark.at,
        "join_receipt": joined and joined.mark.event_id,
        "renamed": renamed and {**mark_fields(renamed.mark), "nickname": renamed.nickname},
        "admitted": facts.admitted,
        "removed": facts.removed,
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


def read_facts(player_id: str, data: Mapping[str, Any]) -> PlayerFacts:
    """The name that a renamed player joined with is not kept. Documents of before there was admitting and renaming are
    read too."""
    renamed, joined = data.get("renamed"), data["nickname"] is not None
    return PlayerFacts(
        joined=_read_joined(player_id, data) if joined else None,
        renamed=renamed and PlayerRenamed(read_mark(renamed), player_id, renamed["nickname"]),
        admitted=data.get("admitted", True),
        removed=data["removed"],
    )


def _read_joined(player_id: str, data: Mapping[str, Any]) -> PlayerJoined:
    return PlayerJoined(Mark(data["joined_at"], data["join_receipt"]), player_id, data["nickname"], data["avatar"])


def read_player(player_id: str, data: Mapping[str, Any]) -> Player:
    """A player's facts and submissions; the sheet follows by judging them again."""
    player = Player(player_id, read_facts(player_id, data))
    for index, answer in data["answers"].items():
        player.submit(read_submission(player_id, int(index), answer))
    for refusal in data["refused"]:
        player.submit(read_submission(player_id, refusal["question_index"], refusal))
    return player
