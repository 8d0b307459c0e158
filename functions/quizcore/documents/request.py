"""`requests/{key}`: the first use of an Idempotency-Key by a host or a player."""

from datetime import datetime

from quizcore.documents.session import session_path
from quizcore.documents.values import Expiring


class RequestDocument(Expiring):
    """`digest` is that of the body; `event` is the message as it was first published, with the player whom it names."""

    digest: str
    event: str | None
    player_id: str | None


def requests_path(session_id: str) -> str:
    return f"{session_path(session_id)}/requests"


def request_path(session_id: str, key: str) -> str:
    """The path of a request of the session's host."""
    return f"{requests_path(session_id)}/{key}"


def join_request_path(key_digest: str) -> str:
    """The path of a player's join. The key determines the player, so it is not stored."""
    return f"requests/{key_digest}"


def request_fields(
    digest: str, expires_at: datetime, event: str | None = None, player_id: str | None = None
) -> RequestDocument:
    return {"digest": digest, "event": event, "player_id": player_id, "expires_at": expires_at}
