"""`players/{id}`: one player's facts, answers and score; the player and the host may read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from quizcore.documents.mark import MarkFields, mark_fields, read_mark
from quizcore.documents.session import session_path
from quizcore.documents.submission import SubmissionFields, read_submission, submission_fields
from quizcore.documents.values import Count, Expiring, Index, Name, Whole, one_of
from quizcore.domain.events import Mark, PlayerJoined, PlayerRenamed
from quizcore.domain.player import Player, PlayerFacts
from quizcore.domain.sheet import Graded, Refusal, RefusalReason, Sheet
from quizcore.messages import Id
from quizcore.shards import SLOTS, slot_of

MOST_POINTS = 10**12 - 1


class RenamingFields(MarkFields):
    nickname: Name


class FactsFields(TypedDict):
    """`nickname` is null while only answers have arrived."""

    nickname: Name | None
    avatar: str | None
    joined_at: Count | None
    join_receipt: Id | None
    renamed: RenamingFields | None
    admitted: bool
    removed: bool


class ScoreFields(TypedDict):
    score: Whole
    correct_count: Count
    streak: Count


class GradedFields(SubmissionFields):
    elapsed_ms: Count
    correct: bool
    points: Whole


class RefusalFields(SubmissionFields):
    question_index: Count
    reason: Annotated[str, one_of(RefusalReason)]


class PlayerDocument(FactsFields, ScoreFields, Expiring):
    answers: dict[Index, GradedFields]
    refused: list[RefusalFields]
    place: str | None
    slot: Annotated[int, Field(ge=0, lt=SLOTS)]


def players_path(session_id: str) -> str:
    return f"{session_path(session_id)}/players"


def player_path(session_id: str, player_id: str) -> str:
    return f"{players_path(session_id)}/{player_id}"


def player_fields(player: Player, expires_at: datetime) -> PlayerDocument:
    sheet = player.sheet
    return {
        **facts_fields(player.facts),
        **score_fields(sheet),
        "answers": {str(index): graded_fields(graded) for index, graded in sheet.answers.items()},
        "refused": [refusal_fields(refusal) for refusal in sheet.refused],
        "place": place_field(player),
        "slot": slot_of(player.player_id),
        "expires_at": expires_at,
    }


def player_changes(facts: PlayerFacts, sheet: Sheet, player: Player) -> Mapping[str, object]:
    """The leaves of the document that differ from these facts and this sheet. No stored answer may have disappeared,
    because an update does not delete leaves."""
    now = player.sheet
    changes: dict[str, object] = {}
    if facts != player.facts:
        changes |= facts_fields(player.facts)
    if (sheet.score, sheet.correct_count, sheet.streak) != (now.score, now.correct_count, now.streak):
        changes |= score_fields(now)
    if changes or sheet.right_elapsed_ms != now.right_elapsed_ms:
        changes["place"] = place_field(player)
    answers = {
        str(i): graded_fields(g)
        for i, g in now.answers.items()
        if (known := sheet.answers.get(i)) is not g and known != g
    }
    if answers:
        changes["answers"] = answers
    if sheet.refused != now.refused:
        changes["refused"] = [refusal_fields(refusal) for refusal in now.refused]
    return changes


def place_field(player: Player) -> str | None:
    """Sorts the players of a session as their board does; null for a player who is not on the board."""
    facts, sheet = player.facts, player.sheet
    if not facts.ranked or facts.nickname is None:
        return None
    return place_key(sheet.score, sheet.right_elapsed_ms, facts.nickname, player.player_id)


def place_key(score: int, right_elapsed_ms: int = 0, nickname: str = "", player_id: str = "") -> str:
    """The sort key: better players sort first, by code point as Firestore sorts texts. The key of a score alone sorts
    before every player with that score, because no character of a nickname sorts before a tab."""
    return f"{MOST_POINTS - score:012}\t{right_elapsed_ms:012}\t{nickname}\t{player_id}"


def facts_fields(facts: PlayerFacts) -> FactsFields:
    joined, renamed = facts.joined, facts.renamed
    return {
        "nickname": facts.nickname,
        "avatar": joined.avatar if joined else None,
        "joined_at": joined.mark.at if joined else None,
        "join_receipt": joined.mark.event_id if joined else None,
        "renamed": {**mark_fields(renamed.mark), "nickname": renamed.nickname} if renamed else None,
        "admitted": facts.admitted,
        "removed": facts.removed,
    }


def score_fields(sheet: Sheet) -> ScoreFields:
    return {"score": sheet.score, "correct_count": sheet.correct_count, "streak": sheet.streak}


def graded_fields(graded: Graded) -> GradedFields:
    return {
        **submission_fields(graded.submission),
        "elapsed_ms": graded.elapsed_ms,
        "correct": graded.correct,
        "points": graded.points,
    }


def refusal_fields(refusal: Refusal) -> RefusalFields:
    submission = refusal.submission
    return {
        **submission_fields(submission),
        "question_index": submission.question_index,
        "reason": refusal.reason.value,
    }


def read_facts(player_id: str, data: FactsFields) -> PlayerFacts:
    """Documents do not contain the first name of a renamed player. Documents from releases without admission and
    renaming can be read too."""
    renamed = data.get("renamed")
    return PlayerFacts(
        joined=_read_joined(player_id, data),
        renamed=renamed and PlayerRenamed(read_mark(renamed), player_id, renamed["nickname"]),
        admitted=data.get("admitted", True),
        removed=data["removed"],
    )


def _read_joined(player_id: str, data: FactsFields) -> PlayerJoined | None:
    nickname, avatar, at, receipt = data["nickname"], data["avatar"], data["joined_at"], data["join_receipt"]
    if nickname is None or avatar is None or at is None or receipt is None:
        return None
    return PlayerJoined(Mark(at, receipt), player_id, nickname, avatar)


def read_player(player_id: str, data: PlayerDocument) -> Player:
    """A player's facts and submissions; judging them again gives the sheet."""
    player = Player(player_id, read_facts(player_id, data))
    for index, answer in data["answers"].items():
        player.submit(read_submission(player_id, int(index), answer))
    for refusal in data["refused"]:
        player.submit(read_submission(player_id, refusal["question_index"], refusal))
    return player
