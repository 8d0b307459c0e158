"""Checks of what a caller may do in a session."""

from quizcore import documents
from quizcore.documents import PlayerDocument, SessionDocument
from quizcore.domain.roles import Task, least_role, may
from quizcore.messages import is_document_name
from quizcore.ports import Caller
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


def check_may(caller: Caller, task: Task) -> None:
    """Raises Rejected `forbidden` when the caller's role does not allow the task (`domain/roles.py`)."""
    if not may(caller.role, task):
        raise Rejected("forbidden", f"to {task} an account needs the role {least_role(task)}; ask an operator for it")


def check_host(session: SessionDocument, caller: Caller) -> None:
    """Raises Rejected `forbidden`."""
    if session["host_id"] != caller.uid:
        raise Rejected("forbidden", "only the host of this session may do that")


def check_usable(uid: str) -> None:
    """The uid is the name of the player's document. Raises Rejected `account_unusable` for a uid that is not a valid
    name."""
    if not is_document_name(uid):
        raise Rejected("account_unusable", "an account with this uid cannot play; join without signing in")


def check_member(services: Services, session_id: str, caller: Caller) -> None:
    """A player's token names its session; a signed-in account must have joined.

    Raises Rejected `forbidden` or `account_unusable`.
    """
    check_usable(caller.uid)
    joined = services.memory.joined
    if caller.session_id == session_id or joined.get((session_id, caller.uid)):
        return
    store = services.store
    member = store.get(documents.player_path(session_id, caller.uid)) or store.list(
        documents.nicknames_path(session_id), where=[("player_id", "==", caller.uid)], limit=1
    )
    if not member:
        raise Rejected("forbidden", "join the session first")
    joined[session_id, caller.uid] = True


def check_let_in(services: Services, session_id: str, session: SessionDocument, caller: Caller) -> None:
    """Raises Rejected `forbidden` for a player whom the host has removed (with the delay of `Memory.removed`) and, with
    the option `approval`, for a player whom the host has not admitted yet."""
    memory = services.memory
    if caller.uid in memory.removed(session_id):
        raise Rejected("forbidden", "the host has removed you from this session")
    if not documents.read_options(session["options"]).approval or memory.admitted.get((session_id, caller.uid)):
        return
    player = services.store.get(documents.player_path(session_id, caller.uid))
    if player is None or not player.read_as(PlayerDocument)["admitted"]:
        raise Rejected("forbidden", "the host has not admitted you yet")
    memory.admitted[session_id, caller.uid] = True
