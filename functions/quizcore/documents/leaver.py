"""`sessions/{id}/leavers/{player_id}`: a player who wants to be erased. The player's documents are deleted, this one
with them, when the session is final and shows the player no more; no client reads it.
"""

from datetime import datetime

from quizcore.documents.session import session_path
from quizcore.documents.values import Count, Expiring


class LeaverDocument(Expiring):
    at: Count


def leavers_path(session_id: str) -> str:
    return f"{session_path(session_id)}/leavers"


def leaver_path(session_id: str, player_id: str) -> str:
    return f"{leavers_path(session_id)}/{player_id}"


def leaver_fields(at: int, expires_at: datetime) -> LeaverDocument:
    return {"at": at, "expires_at": expires_at}
