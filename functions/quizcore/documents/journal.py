"""`journal/{commit_id}`: counted answers to questions not yet revealed, one document a commit."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document
from quizcore.documents.submission import read_submission, submission_fields
from quizcore.domain.events import AnswerSubmitted


def journal_path(session_id: str) -> str:
    """Counted answers to questions not yet revealed, one document a commit."""
    return f"{session_path(session_id)}/journal"


def journal_entry_path(session_id: str, commit_id: str) -> str:
    return f"{journal_path(session_id)}/{commit_id}"


def journal_fields(held: Iterable[AnswerSubmitted], shard: int, expires_at: datetime) -> Document:
    entries = [{"player_id": s.player_id, "question_index": s.question_index, **submission_fields(s)} for s in held]
    return {"shard": shard, "entries": entries, "expires_at": expires_at}


def read_journal(data: Mapping[str, Any]) -> list[AnswerSubmitted]:
    return [read_submission(e["player_id"], e["question_index"], e) for e in data["entries"]]
