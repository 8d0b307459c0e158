"""Whether the caller may do this in this session."""

from typing import Any

from http_api.door import Door
from http_api.problems import Refusal
from quizcore import documents
from quizcore.messages import is_document_name
from quizcore.ports import Caller


def check_host(session: dict[str, Any], caller: Caller) -> None:
    """Raises Refusal `forbidden`."""
    if session["host_id"] != caller.uid:
        raise Refusal("forbidden", "only the host of this session may do that")


def check_usable(uid: str) -> None:
    """A player's document is named by their uid. Raises Refusal `account_unusable` for a uid that is no such name."""
    if not is_document_name(uid):
        raise Refusal("account_unusable", "an account with this uid cannot play; join without signing in")


def check_member(door: Door, session_id: str, caller: Caller) -> None:
    """A player's token names its session; a signed-in account must have joined.

    Raises Refusal `forbidden` or `account_unusable`.
    """
    check_usable(caller.uid)
    if caller.session_id == session_id or door.members.get((session_id, caller.uid)):
        return
    joined = door.store.get(documents.player_path(session_id, caller.uid)) or door.store.list(
        documents.nicknames_path(session_id), where=[("player_id", "==", caller.uid)], limit=1
    )
    if not joined:
        raise Refusal("forbidden", "join the session first")
    door.members.put((session_id, caller.uid), True)


def check_let_in(door: Door, session_id: str, session: dict[str, Any], caller: Caller) -> None:
    """Raises Refusal `forbidden` for a player whom the host has removed (within `REMOVED_CACHE_MS`) and, with the
    option `approval`, for a player whom the host has not let in yet."""
    if caller.uid in door.removed.get(session_id):
        raise Refusal("forbidden", "the host has removed you from this session")
    if not session["options"].get("approval") or door.admitted.get((session_id, caller.uid)):
        return
    player = door.store.get(documents.player_path(session_id, caller.uid))
    if player is None or not player.data["admitted"]:
        raise Refusal("forbidden", "the host has not let you in yet")
    door.admitted.put((session_id, caller.uid), True)
