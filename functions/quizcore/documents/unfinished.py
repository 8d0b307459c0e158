"""`private/unfinished-{shard}`: exists while a commit of this shard is made in parts, when players' documents may be
ahead of the board."""

from datetime import datetime

from quizcore.documents.session import session_path
from quizcore.documents.values import Expiring
from quizcore.messages import Id


class UnfinishedDocument(Expiring):
    commit_id: Id


def unfinished_path(session_id: str, shard: int) -> str:
    return f"{session_path(session_id)}/private/unfinished-{shard}"


def unfinished_fields(commit_id: str, expires_at: datetime) -> UnfinishedDocument:
    return {"commit_id": commit_id, "expires_at": expires_at}
