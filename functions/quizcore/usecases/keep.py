"""A person keeps the game that they have played as a guest.

The link comes first, and then the look whether the session is final. So a worker that counts the session either sees
the link, or has counted a version that this request sees.
"""

from dataclasses import dataclass, replace

from quizcore import documents, people
from quizcore.documents import LinkDocument, PersonDocument, SessionDocument
from quizcore.ports import Caller, Conflict, Create, TokenRefused, Update
from quizcore.results import changes_of, final_session
from quizcore.shards import slot_of
from quizcore.usecases.contention import tries
from quizcore.usecases.people import check_account, person_of
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Kept:
    """`counted`: the session is final, and the guest's result is among the person's."""

    session_id: str
    player_id: str
    counted: bool = False


def keep(services: Services, caller: Caller, session_id: str, guest_token: str) -> Kept:
    """Link the guest of `guest_token` with the caller, and count the guest's result, when the session is final. Else
    the worker counts it at the end. Repeating it changes nothing.

    Raises Rejected `account_needed`, `account_unusable`, `forbidden`, `no_profile`, `unknown_session`, `already_kept`
    or `try_again`; StoreError; TokenCheckUnavailable.
    """
    check_account(caller)
    kept = Kept(session_id, _guest(services, session_id, guest_token))
    _link(services, caller, kept)
    return replace(kept, counted=_count(services, caller, kept))


def _link(services: Services, caller: Caller, kept: Kept) -> None:
    for _ in tries(services.sleep):
        person = person_of(services, caller.uid).read_as(PersonDocument)
        session = services.session(kept.session_id, max_age_ms=0)
        if _is_linked(services, caller.uid, kept):
            return
        try:
            services.store.commit(_writes(person, caller.uid, kept, session, services.clock.now_ms()))
        except Conflict:
            continue
        return


def _count(services: Services, caller: Caller, kept: Kept) -> bool:
    """Whether the session is final; the guest's result is counted then."""
    slot = slot_of(kept.player_id)
    for _ in tries(services.sleep):
        session = services.session(kept.session_id, max_age_ms=0)
        result = session.get("result")
        if result is None:
            return False
        now, final = services.clock.now_ms(), final_session(kept.session_id, session, result)
        changes = changes_of(services.store, final, range(slot, slot + 1), now, services.rules, only=caller.uid)
        try:
            services.store.commit(people.writes_of(changes, services.clock, services.ids) if changes else [])
        except Conflict:
            continue
        return True
    raise AssertionError("unreachable: the last try raises")


def _guest(services: Services, session_id: str, token: str) -> str:
    """The guest's player id. Raises Rejected `forbidden`; TokenCheckUnavailable."""
    try:
        guest = services.identity.verify(token)
    except TokenRefused:
        raise Rejected("forbidden", "the guest's ID token is not valid (any more); refresh it") from None
    if guest.session_id != session_id:
        raise Rejected("forbidden", "the guest's ID token is not of a guest of this session")
    return guest.uid


def _is_linked(services: Services, uid: str, kept: Kept) -> bool:
    """Whether the guest is the caller's already. Raises Rejected `already_kept` when the guest is somebody else's, and
    when the caller has another player in this session, whose result would be the second one of one game."""
    link = documents.link_path(kept.session_id, kept.player_id)
    other = documents.kept_game_path(uid, kept.session_id)
    found = services.store.get_many([link, other])
    if link in found:
        if found[link].read_as(LinkDocument)["person"] != uid:
            raise Rejected("already_kept", "another account has kept this guest's game")
        return True
    if other in found or _plays(services, kept.session_id, uid):
        raise Rejected("already_kept", "this account has a score in this session already")
    return False


def _plays(services: Services, session_id: str, uid: str) -> bool:
    """A player has a nickname from the join on, and a document when the worker has counted the join."""
    if services.store.get(documents.player_path(session_id, uid)) is not None:
        return True
    own = [("player_id", "==", uid)]
    return bool(services.store.list(documents.nicknames_path(session_id), where=own, limit=1))


def _writes(person: PersonDocument, uid: str, kept: Kept, session: SessionDocument, now: int) -> list[Create | Update]:
    expires_at = session["expires_at"]
    return [
        Update(documents.person_path(uid), documents.still_there(person)),
        Create(
            documents.link_path(kept.session_id, kept.player_id),
            documents.link_fields(uid, kept.player_id, now, expires_at),
        ),
        Create(documents.kept_game_path(uid, kept.session_id), documents.kept_fields(kept.player_id, now, expires_at)),
    ]
