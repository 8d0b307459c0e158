"""`requests/{key}`: what an Idempotency-Key was first used for."""

from datetime import datetime

from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document


def requests_path(session_id: str) -> str:
    return f"{session_path(session_id)}/requests"


def request_path(session_id: str, key: str) -> str:
    """What an Idempotency-Key of this session's host was first used for."""
    return f"{requests_path(session_id)}/{key}"


def join_request_path(key_digest: str) -> str:
    """What a player's Idempotency-Key was first used for; the key itself makes the player and is not kept."""
    return f"requests/{key_digest}"


def request_fields(
    digest: str, expires_at: datetime, event: str | None = None, player_id: str | None = None
) -> Document:
    """`digest` of the body; `event` is the message, as it went on the bus the first time, and whom it is about."""
    return {"digest": digest, "event": event, "player_id": player_id, "expires_at": expires_at}
