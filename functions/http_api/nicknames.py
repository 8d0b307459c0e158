"""A nickname belongs to one player of a session, from the first who asks for it."""

from datetime import datetime

from http_api.door import Door
from http_api.problems import Refusal
from quizcore import documents
from quizcore.nickname import NicknameRefused, clean_nickname, nickname_keys
from quizcore.ports import Conflict, Create

TRIES = 3  # of a commit that somebody else's, on the same documents, came before


def cleaned(raw: str) -> str:
    """Raises Refusal `nickname_refused`."""
    try:
        return clean_nickname(raw)
    except NicknameRefused as error:
        raise Refusal("nickname_refused", str(error)) from None


def reserve(door: Door, session_id: str, player_id: str, nickname: str, expires_at: datetime) -> None:
    """Raises Refusal `nickname_taken`, unless the same player holds it already."""
    paths = _paths(session_id, nickname)
    free = paths
    for _ in range(TRIES):
        try:
            door.store.commit([Create(path, {"player_id": player_id, "expires_at": expires_at}) for path in free])
        except Conflict:
            holders = door.store.get_many(paths)
            if any(holder.data["player_id"] != player_id for holder in holders.values()):
                detail = "somebody in this session has that nickname, or one that looks the same; choose another"
                raise Refusal("nickname_taken", detail) from None
            free = [path for path in paths if path not in holders]
            if free:
                continue
        return
    raise Refusal("try_again", "the nickname could not be reserved; repeat with the same Idempotency-Key")


def is_held(door: Door, session_id: str, player_id: str, nickname: str) -> bool:
    """By this player."""
    paths = _paths(session_id, nickname)
    holders = door.store.get_many(paths)
    return len(holders) == len(paths) and all(holder.data["player_id"] == player_id for holder in holders.values())


def _paths(session_id: str, nickname: str) -> list[str]:
    return [documents.nickname_path(session_id, key) for key in nickname_keys(nickname)]
