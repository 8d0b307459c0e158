"""The sessions of a host, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.ports import DocumentStore, OrderBy, Snapshot, Where

PAGE_SESSIONS = 100
NEWEST_FIRST = OrderBy("created_at", descending=True)
Place = tuple[int, str]  # a session's creation (ms) and its id


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the place behind which the following page begins; None on the last."""

    sessions: list[Snapshot]
    next: Place | None


def page_of_sessions(store: DocumentStore, host_id: str, limit: int, after: Place | None) -> Page:
    mine: list[Where] = [("host_id", "==", host_id)]
    found = store.list(documents.SESSIONS, mine, limit + 1, NEWEST_FIRST, after)
    page, more = found[:limit], len(found) > limit
    whole = [each for each in page if documents.is_whole_session(each.data)]
    return Page(whole, (page[-1].read_as(SessionDocument)["created_at"], page[-1].name) if more else None)


def all_sessions(store: DocumentStore, host_id: str) -> Iterator[Snapshot]:
    page = page_of_sessions(store, host_id, PAGE_SESSIONS, None)
    yield from page.sessions
    while page.next is not None:
        page = page_of_sessions(store, host_id, PAGE_SESSIONS, page.next)
        yield from page.sessions
