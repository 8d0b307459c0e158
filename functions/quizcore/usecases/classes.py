"""A host's classes: made, listed, given a new code, deleted."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from quizcore import documents
from quizcore.deadline import within
from quizcore.documents import ClassCodeDocument, ClassDocument
from quizcore.domain.roles import Task
from quizcore.domain.zones import is_zone
from quizcore.ports import Caller, Conflict, Create, Delete, Replace, Snapshot, Where, Write
from quizcore.settings import ApiSettings
from quizcore.usecases.class_leaving import leave
from quizcore.usecases.contention import tries
from quizcore.usecases.members import check_may
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked, Request
from quizcore.usecases.services import Services

LEAVING_AT_ONCE = 25
ENOUGH_TIME_S = 2.0  # for so many of them to leave


@dataclass(frozen=True, slots=True)
class Wanted:
    title: str
    zone: str


@dataclass(frozen=True, slots=True)
class Class:
    class_id: str
    title: str
    zone: str
    code: str
    created_at: int


def create_class(services: Services, settings: ApiSettings, caller: Caller, wanted: Wanted, request: Request) -> Class:
    """Raises Rejected `forbidden`, `invalid`, `too_many_classes`, `key_reused` or `try_again`; StoreError."""
    check_may(caller, Task.KEEP_CLASSES)
    title, zone = _title(wanted.title), _zone(wanted.zone)
    class_id = services.derived_id(f"class/{caller.uid}", request.key)
    asked = Asked.of_account(services, f"make a class/{caller.uid}", request)
    known = _made_before(services, class_id, asked)
    if known is not None:
        return known
    _check_quota(services, caller.uid, settings.classes_per_host)
    now = services.clock.now_ms()
    for _ in tries(services.sleep):
        made = Class(class_id, title, zone, services.ids.code(), now)
        try:
            services.store.commit([*_writes(made, caller.uid), *recorded(asked, now, settings)])
        except Conflict:
            known = _made_before(services, class_id, asked)
            if known is not None:
                return known
        else:
            return made
    raise AssertionError("unreachable: the last try raises")


def own_classes(services: Services, caller: Caller, most: int) -> list[Class]:
    """The newest first. Raises Rejected `forbidden`; StoreError."""
    check_may(caller, Task.KEEP_CLASSES)
    found = services.store.list(documents.CLASSES, _of_owner(caller.uid), most)
    return sorted((_read(each) for each in found), key=lambda one: one.created_at, reverse=True)


def new_code(services: Services, settings: ApiSettings, caller: Caller, class_id: str, request: Request) -> str:
    """Give the class another code; the code before leads nowhere from now on. A repeated request gets the code that the
    class has now. Raises Rejected `unknown_class`, `key_reused` or `try_again`; StoreError."""
    asked = Asked.of_account(services, f"code of a class/{caller.uid}/{class_id}", request)
    for _ in tries(services.sleep):
        found = owned_class(services, class_id, caller)
        before = found.read_as(ClassDocument)
        if asked is not None:
            remembered = services.store.get(asked.path)
            asked.check(remembered)
            if remembered is not None:
                return before["code"]
        code = services.ids.code()
        after: ClassDocument = {**before, "code": code}
        writes: list[Write] = [_leading_to(class_id, code), Replace(found.path, after, found.version)]
        writes += [_without(before["code"]), *recorded(asked, services.clock.now_ms(), settings)]
        try:
            services.store.commit(writes)
        except Conflict:
            continue
        return code
    raise AssertionError("unreachable: the last try raises")


def delete_class(services: Services, caller: Caller, class_id: str) -> None:
    """Delete the class with its memberships. The class's own document goes last: after a failure in between, and when
    the members were too many for one request, the request is repeated.

    Raises Rejected `unknown_class` or `try_again`; StoreError.
    """
    found = owned_class(services, class_id, caller)
    services.store.commit([_without(found.read_as(ClassDocument)["code"])])  # nobody comes in any more
    while members := services.store.list(documents.class_members_path(class_id), limit=LEAVING_AT_ONCE):
        leave(services, class_id, [member.name for member in members])
        if len(members) == LEAVING_AT_ONCE and within(ENOUGH_TIME_S) < ENOUGH_TIME_S:
            raise Rejected("try_again", "the class has more members; repeat the request", retry_after_s=1)
    services.store.commit([Delete(found.path)])


def owned_class(services: Services, class_id: str, caller: Caller) -> Snapshot:
    """Raises Rejected `unknown_class`, with the same text for a missing class and for another host's class."""
    found = services.store.get(documents.class_path(class_id))
    if found is None or found.read_as(ClassDocument)["owner_id"] != caller.uid:
        raise unknown_class()
    return found


def unknown_class() -> Rejected:
    return Rejected("unknown_class", "there is no such class, or it is not yours")


def _title(raw: str) -> str:
    """Raises Rejected `invalid`."""
    title = " ".join(raw.split())
    if not 1 <= len(title) <= documents.MOST_TITLE_CHARS:
        raise Rejected("invalid", f"a title has 1 to {documents.MOST_TITLE_CHARS} characters")
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in title):
        raise Rejected("invalid", "a title holds characters that people see, no control characters")
    return title


def _zone(name: str) -> str:
    """Raises Rejected `invalid`."""
    if not is_zone(name):
        raise Rejected("invalid", "zone is the name of an IANA time zone, such as Europe/Berlin or UTC")
    return name


def _made_before(services: Services, class_id: str, asked: Asked | None) -> Class | None:
    """The class that an earlier try of this request has made. Raises Rejected `key_reused`."""
    if asked is None:
        return None
    path = documents.class_path(class_id)
    stored = services.store.get_many([path, asked.path])
    asked.check(stored.get(asked.path))
    return _read(stored[path]) if path in stored else None


def _check_quota(services: Services, owner_id: str, most: int) -> None:
    """Raises Rejected `too_many_classes`. The count precedes the commit, so concurrent requests may exceed the quota by
    a few classes."""
    if services.store.count(documents.CLASSES, _of_owner(owner_id)) >= most:
        raise Rejected("too_many_classes", f"you have {most} classes; delete one first")


def _of_owner(owner_id: str) -> Sequence[Where]:
    return [("owner_id", "==", owner_id)]


def _writes(made: Class, owner_id: str) -> list[Write]:
    document: ClassDocument = {
        "owner_id": owner_id,
        "title": made.title,
        "zone": made.zone,
        "code": made.code,
        "created_at": made.created_at,
    }
    return [Create(documents.class_path(made.class_id), document), _leading_to(made.class_id, made.code)]


def _leading_to(class_id: str, code: str) -> Create:
    """A Create, so that a code in use conflicts and another is drawn."""
    document: ClassCodeDocument = {"class_id": class_id}
    return Create(documents.class_code_path(code), document)


def _without(code: str) -> Delete:
    return Delete(documents.class_code_path(code))


def recorded(asked: Asked | None, now: int, settings: ApiSettings) -> list[Write]:
    """Remembers the request, if it has a key."""
    return [] if asked is None else [asked.record(documents.expiry(now) + timedelta(days=settings.session_days))]


def _read(found: Snapshot) -> Class:
    one = found.read_as(ClassDocument)
    return Class(found.name, one["title"], one["zone"], one["code"], one["created_at"])
