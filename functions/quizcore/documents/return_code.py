"""`return_codes/{code}`: the guest that six characters lead back to, on another device; no client reads it."""

from datetime import datetime

from quizcore.documents.values import Expiring
from quizcore.messages import Id, PlayerId

RETURN_CODES = "return_codes"


class ReturnCodeDocument(Expiring):
    """`used_by`: the digest of the request that has used the code, which may be repeated; null before."""

    session_id: Id
    player_id: PlayerId
    used_by: str | None


def return_code_path(code: str) -> str:
    return f"{RETURN_CODES}/{code}"


def return_code_fields(session_id: str, player_id: str, expires_at: datetime) -> ReturnCodeDocument:
    return {"session_id": session_id, "player_id": player_id, "used_by": None, "expires_at": expires_at}


def used_code(code: ReturnCodeDocument, used_by: str) -> ReturnCodeDocument:
    return {**code, "used_by": used_by}
