"""A person's profile: made and changed by the person alone."""

from quizcore import documents, people
from quizcore.documents import PersonDocument, ProfileFields
from quizcore.domain.leaderboard.person import Display
from quizcore.ports import Caller, Conflict, Create, Snapshot, Update, Write
from quizcore.usecases import nicknames
from quizcore.usecases.contention import tries
from quizcore.usecases.members import check_usable
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


def check_account(caller: Caller) -> None:
    """Raises Rejected `account_needed` for a guest of a session, or `account_unusable`."""
    if caller.session_id is not None:
        raise Rejected("account_needed", "a guest's token belongs to one session; sign in with an account")
    check_usable(caller.uid)


def profile(services: Services, caller: Caller) -> PersonDocument:
    """Raises Rejected `account_needed`, `account_unusable` or `no_profile`; StoreError."""
    check_account(caller)
    return person_of(services, caller.uid).read_as(PersonDocument)


def person_of(services: Services, uid: str) -> Snapshot:
    """Raises Rejected `no_profile`; StoreError."""
    found = services.store.get(documents.person_path(uid))
    if found is None:
        raise no_profile()
    return found


def no_profile() -> Rejected:
    return Rejected("no_profile", "this account has no profile yet; make one with PUT /me")


def save_profile(services: Services, caller: Caller, wanted: ProfileFields) -> PersonDocument:
    """Make the caller's profile, or change it. What was erased stays erased: a request that has seen a profile makes no
    new one, and an account that was deleted gets none, although its token is still valid.

    Raises Rejected `unauthenticated`, `account_needed`, `account_unusable`, `nickname_refused`, `no_profile` or
    `try_again`; StoreError; AccountsUnavailable.
    """
    check_account(caller)
    cleaned: ProfileFields = {**wanted, "nickname": nicknames.cleaned(wanted["nickname"])}
    path, seen = documents.person_path(caller.uid), False
    for _ in tries(services.sleep):
        found = services.store.get(path)
        if found is None and seen:
            raise Rejected("no_profile", "the profile was erased meanwhile")
        if found is None and services.identity.account(caller.uid) is None:
            raise Rejected("unauthenticated", "this account was deleted; sign up again")
        seen = found is not None
        before = found.read_as(PersonDocument) if found else None
        after = _changed(before, cleaned, services.clock.now_ms())
        if after == before:
            return after
        own = _changing(services, found, after) if found else [Create(path, after)]
        try:
            services.store.commit([*own, *_in_classes(services, caller.uid, after)])
        except Conflict:
            continue
        return after
    raise AssertionError("unreachable: the last try raises")


def _changing(services: Services, found: Snapshot, after: PersonDocument) -> list[Write]:
    """The person's document, and the moves that tell the leaderboards how the person is shown now."""
    now = services.clock.now_ms()
    before = people.known(services.store, found, now, whole=True)
    display = Display(after["nickname"], after["avatar"], after["listed"])
    change = people.shown_as(before, display, after, now, services.rules)
    return people.writes_of([change], services.clock, services.ids)


def _in_classes(services: Services, uid: str, person: PersonDocument) -> list[Write]:
    """The person under the new name in each class. A membership that ends meanwhile makes the commit conflict."""
    memberships = services.store.list(documents.memberships_path(uid))
    shown = documents.shown_in_class(person)
    return [Update(documents.class_member_path(membership.name, uid), shown) for membership in memberships]


def _changed(before: PersonDocument | None, wanted: ProfileFields, now: int) -> PersonDocument:
    return documents.new_person(wanted, now) if before is None else documents.with_profile(before, wanted)
