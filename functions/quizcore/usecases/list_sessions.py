"""The sessions of a host, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.ports import DocumentStore, OrderBy, Snapshot, Where

PAGE_SESSIONS = 100
NEWEST_FIRST = OrderBy("created_at", descending=True)
Keyset = tuple[int, str]  # the creation time of a session (ms since the epoch), and its id


@dataclass(frozen=True, slots=True)
class Page:
    """The next page begins after the session `next`; None on the last page."""

    sessions: list[Snapshot]
    next: Keyset | None


def page_of_sessions(store: DocumentStore, host_id: str, limit: int, after: Keyset | None) -> Page:
    of_host: list[Where] = [("host_id", "==", host_id)]
    listed = store.list(documents.SESSIONS, of_host, limit + 1, NEWEST_FIRST, after)
    page, more = listed[:limit], len(listed) > limit
    whole = [session for session in page if documents.is_whole_session(session.data)]
    return Page(whole, (page[-1].read_as(SessionDocument)["created_at"], page[-1].name) if more else None)


def all_sessions(store: DocumentStore, host_id: str) -> Iterator[Snapshot]:
    page = page_of_sessions(store, host_id, PAGE_SESSIONS, None)
    yield from page.sessions
    while page.next is not None:
        page = page_of_sessions(store, host_id, PAGE_SESSIONS, page.next)
        yield from page.sessions
