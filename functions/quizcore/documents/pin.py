"""`pins/{pin}`: the session that six digits lead to."""

from datetime import datetime

from quizcore.documents.values import Expiring
from quizcore.messages import Id


class PinDocument(Expiring):
    session_id: Id


def pin_path(pin: str) -> str:
    return f"pins/{pin}"


def pin_fields(session_id: str, expires_at: datetime) -> PinDocument:
    return {"session_id": session_id, "expires_at": expires_at}
