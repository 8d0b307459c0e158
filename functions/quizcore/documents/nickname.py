"""`nicknames/{folded}`: the owner of a nickname, so that no two players have the same nickname."""

from datetime import datetime

from quizcore.documents.session import session_path
from quizcore.documents.values import Expiring
from quizcore.messages import PlayerId


class NicknameDocument(Expiring):
    player_id: PlayerId


def nicknames_path(session_id: str) -> str:
    return f"{session_path(session_id)}/nicknames"


def nickname_path(session_id: str, folded: str) -> str:
    return f"{nicknames_path(session_id)}/{folded}"


def nickname_fields(player_id: str, expires_at: datetime) -> NicknameDocument:
    return {"player_id": player_id, "expires_at": expires_at}
