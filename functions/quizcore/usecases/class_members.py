"""A person joins a class by its code, and leaves it or is removed."""

from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import ClassCodeDocument, ClassDocument, ClassMemberDocument, MembershipDocument, PersonDocument
from quizcore.domain.codes import code_as_typed, is_code
from quizcore.ports import Caller, Conflict, Create, Replace, Snapshot, Write
from quizcore.settings import ApiSettings
from quizcore.usecases.class_leaving import leave
from quizcore.usecases.classes import owned_class, recorded
from quizcore.usecases.contention import tries
from quizcore.usecases.join import Guesses
from quizcore.usecases.people import check_account, person_of
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked, Request
from quizcore.usecases.services import Services

MOST_MEMBERS = 2_000  # a class's board is written as one table
MOST_MEMBERSHIPS = 100  # of a person
NONE = "none"  # looked up for a text that no code can be, and for a code that leads to no class


@dataclass(frozen=True, slots=True)
class Joined:
    class_id: str
    title: str


def join_class(  # noqa: PLR0913 (who asks, by what, with which budget)
    services: Services, settings: ApiSettings, guesses: Guesses, caller: Caller, typed: str, request: Request
) -> Joined:
    """Make the caller a member of the class that the code leads to; a member stays one. A wrong code spends the budget
    of wrong PINs, and the budget is checked before a code is looked up.

    Raises Rejected `account_needed`, `account_unusable`, `no_profile`, `slow_down`, `unknown_code`, `class_full`,
    `key_reused` or `try_again`; StoreError.
    """
    check_account(caller)
    asked = Asked.of_account(services, f"join a class/{caller.uid}", request)
    guesses.check_guesses()
    joined = _class_of(services, typed, guesses)
    for _ in tries(services.sleep):
        person = person_of(services, caller.uid)
        if asked is not None:
            asked.check(services.store.get(asked.path))
        if services.store.get(documents.class_member_path(joined.class_id, caller.uid)) is not None:
            return joined
        _check_room(services, joined.class_id, caller.uid)
        now = services.clock.now_ms()
        try:
            services.store.commit([*_membership(joined, person, now), *recorded(asked, now, settings)])
        except Conflict:
            continue
        return joined
    raise AssertionError("unreachable: the last try raises")


def remove_member(services: Services, caller: Caller, class_id: str, uid: str) -> None:
    """The member leaves, or the owner of the class removes the member. For a person who is not a member nothing
    changes. A member may also leave a deleted class. Raises Rejected `unknown_class` or `try_again`; StoreError."""
    if uid != caller.uid:
        owned_class(services, class_id, caller)
    leave(services, class_id, [uid])


def _class_of(services: Services, typed: str, guesses: Guesses) -> Joined:
    """The class that the code leads to; a wrong code gets its answer after the same reads as a right one. Raises
    Rejected `unknown_code` or `slow_down`."""
    holder = services.store.get(documents.class_code_path(_as_name(typed)))
    class_id = holder.read_as(ClassCodeDocument)["class_id"] if holder else NONE
    found = services.store.get(documents.class_path(class_id))
    if holder is None or found is None:
        guesses.guessed_wrong()
        raise Rejected("unknown_code", "no class has this code; check the letters, or ask for the code of today")
    guesses.check_guesses()  # again: concurrent guesses may have used up the budget since the first check
    return Joined(class_id, found.read_as(ClassDocument)["title"])


def _as_name(typed: str) -> str:
    """The code that was meant, as the name of a document; a name that no code has for any other text."""
    code = code_as_typed(typed)
    return code if is_code(code) else NONE


def _check_room(services: Services, class_id: str, uid: str) -> None:
    """Raises Rejected `class_full` or `too_many_classes`. The counts precede the commit, so people who join at the same
    moment may exceed the numbers by a few."""
    if services.store.count(documents.class_members_path(class_id), []) >= MOST_MEMBERS:
        raise Rejected("class_full", f"a class has at most {MOST_MEMBERS:,} members; its host can remove some")
    if services.store.count(documents.memberships_path(uid), []) >= MOST_MEMBERSHIPS:
        raise Rejected("too_many_classes", f"you are in {MOST_MEMBERSHIPS} classes; leave one first")


def _membership(joined: Joined, person: Snapshot, now: int) -> list[Write]:
    """Both documents, for one commit that conflicts when the person is changed or erased meanwhile: an erased person
    must not come back as a member."""
    profile = person.read_as(PersonDocument)
    member: ClassMemberDocument = {"nickname": profile["nickname"], "avatar": profile["avatar"], "joined_at": now}
    membership: MembershipDocument = {"title": joined.title, "joined_at": now}
    return [
        Replace(person.path, profile, person.version),
        Create(documents.class_member_path(joined.class_id, person.name), member),
        Create(documents.membership_path(person.name, joined.class_id), membership),
    ]
