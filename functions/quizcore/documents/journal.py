"""`journal/{commit_id}`: counted answers to questions that are not yet revealed, one document per commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from quizcore.documents.session import session_path
from quizcore.documents.submission import SubmissionFields, read_submission, submission_fields
from quizcore.documents.values import Count, Expiring
from quizcore.domain.events import AnswerSubmitted
from quizcore.messages import PlayerId
from quizcore.shards import MOST_SHARDS


class HeldFields(SubmissionFields):
    player_id: PlayerId
    question_index: Count


class JournalDocument(Expiring):
    shard: Annotated[int, Field(ge=0, lt=MOST_SHARDS)]
    entries: list[HeldFields]


def journal_path(session_id: str) -> str:
    return f"{session_path(session_id)}/journal"


def journal_entry_path(session_id: str, commit_id: str) -> str:
    return f"{journal_path(session_id)}/{commit_id}"


def journal_fields(held: Iterable[AnswerSubmitted], shard: int, expires_at: datetime) -> JournalDocument:
    entries: list[HeldFields] = [
        {"player_id": s.player_id, "question_index": s.question_index, **submission_fields(s)} for s in held
    ]
    return {"shard": shard, "entries": entries, "expires_at": expires_at}


def read_journal(data: JournalDocument) -> list[AnswerSubmitted]:
    return [read_submission(e["player_id"], e["question_index"], e) for e in data["entries"]]
