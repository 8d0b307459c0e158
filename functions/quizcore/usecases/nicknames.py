"""Reserves nicknames: within a session a nickname belongs to the first player who asks for it."""

from datetime import datetime

from quizcore import documents
from quizcore.documents import NicknameDocument
from quizcore.nickname import NicknameRefused, clean_nickname, nickname_keys
from quizcore.ports import Conflict, Create, Snapshot
from quizcore.usecases.contention import tries
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked
from quizcore.usecases.services import Services


def cleaned(raw: str) -> str:
    """Raises Rejected `nickname_refused`."""
    try:
        return clean_nickname(raw)
    except NicknameRefused as error:
        raise Rejected("nickname_refused", str(error)) from None


def reserve(  # noqa: PLR0913 (whose, where, until when, asked for by what)
    services: Services,
    session_id: str,
    player_id: str,
    nickname: str,
    expires_at: datetime,
    asked: Asked | None = None,
) -> None:
    """Give the nickname to the player, and remember the request, in one commit.

    Raises Rejected `nickname_taken` when the nickname belongs to another player, `key_reused` or `try_again`.
    """
    names = _paths(session_id, nickname)
    writes = [Create(path, documents.nickname_fields(player_id, expires_at)) for path in names]
    writes += [asked.record(expires_at)] if asked else []
    for _ in tries(services.sleep):
        try:
            services.store.commit(writes)
        except Conflict:
            stored = services.store.get_many([*names, *([asked.path] if asked else [])])
        else:
            return
        if asked is not None:
            asked.check(stored.get(asked.path))
        if any(not _is_of(stored[path], player_id) for path in names if path in stored):
            detail = "that nickname, or one that looks the same, is taken in this session; choose another"
            raise Rejected("nickname_taken", detail)
        writes = [write for write in writes if write.path not in stored]
        if not writes:
            return


def belongs_to(services: Services, session_id: str, player_id: str, nickname: str) -> bool:
    """Whether the nickname is reserved for this player."""
    paths = _paths(session_id, nickname)
    reserved = services.store.get_many(paths)
    return len(reserved) == len(paths) and all(_is_of(entry, player_id) for entry in reserved.values())


def _is_of(entry: Snapshot, player_id: str) -> bool:
    return entry.read_as(NicknameDocument)["player_id"] == player_id


def _paths(session_id: str, nickname: str) -> list[str]:
    return [documents.nickname_path(session_id, key) for key in nickname_keys(nickname)]
