"""A nickname belongs to one player of a session, from the first who asks for it."""

from datetime import datetime

from http_api.door import Door
from http_api.problems import Refusal
from quizcore import documents
from quizcore.domain.nickname import NicknameRefused, clean_nickname, fold_nickname
from quizcore.ports import Conflict, Create


def cleaned(raw: str) -> str:
    """Raises Refusal `nickname_refused`."""
    try:
        return clean_nickname(raw)
    except NicknameRefused as error:
        raise Refusal("nickname_refused", str(error)) from None


def reserve(door: Door, session_id: str, player_id: str, nickname: str, expires_at: datetime) -> None:
    """Raises Refusal `nickname_taken`, unless the same player holds it already."""
    path = documents.nickname_path(session_id, fold_nickname(nickname))
    try:
        door.store.commit([Create(path, {"player_id": player_id, "expires_at": expires_at})])
    except Conflict:
        if not is_held(door, session_id, player_id, nickname):
            raise Refusal("nickname_taken", "somebody in this session has that nickname; choose another") from None


def is_held(door: Door, session_id: str, player_id: str, nickname: str) -> bool:
    """By this player."""
    holder = door.store.get(documents.nickname_path(session_id, fold_nickname(nickname)))
    return holder is not None and bool(holder.data["player_id"] == player_id)
