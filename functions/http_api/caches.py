"""The caches of an API instance: bounded caches of recent entries, and caches of documents that were just read."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

from quizcore import documents
from quizcore.deadline import within
from quizcore.documents import SessionDocument
from quizcore.ports import Clock, DocumentStore, OutcomeUnknown
from quizcore.usecases.services import Memory

CACHED_SESSIONS = 1_000
CACHED_QUIZZES = 100
REMEMBERED = 100_000
REMOVED_CACHE_MS = 5_000  # a player's removal is read again after this time, and not with each answer
MOST_REMOVED = 1_000
WAIT_MOST_S = 30.0  # the longest wait for another request's read, when the request has no deadline
K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(LRUCache[K, V]):
    """The most recently used entries, safe from several threads: cachetools leaves the lock to its callers."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._guard = threading.RLock()  # cachetools' methods call each other

    def __getitem__(self, key: K) -> V:
        with self._guard:
            return super().__getitem__(key)

    def __setitem__(self, key: K, value: V) -> None:
        with self._guard:
            super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        with self._guard:
            super().__delitem__(key)

    def get(self, key: K, default: Any = None) -> Any:
        with self._guard:
            return super().get(key, default)

    def setdefault(self, key: K, default: Any = None) -> Any:
        with self._guard:
            return super().setdefault(key, default)


class _Read(Generic[V]):
    """One read that all waiting requests share. `data` is valid when the read is done and `error` is None."""

    def __init__(self, began_at: int) -> None:
        self.began_at = began_at
        self.done = threading.Event()
        self.data: V
        self.error: Exception | None = None


class _Cached(Generic[V]):
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last: _Read[V] | None = None  # the latest successful read
        self.under_way: _Read[V] | None = None


class ReadCache(Generic[V]):
    """Documents of sessions, kept for a bounded time. At most one read of a session runs at a time; other requests wait
    for it. When the read fails, every waiting request gets the failure: if they retried one after another in an outage,
    each would wait for all requests before it.
    """

    def __init__(self, read: Callable[[str], V], clock: Clock, max_age_ms: int) -> None:
        self._read = read
        self._clock = clock
        self._max_age_ms = max_age_ms
        self._entries: BoundedCache[str, _Cached[V]] = BoundedCache(CACHED_SESSIONS)

    def get(self, session_id: str, max_age_ms: int | None = None) -> V:
        """Raises StoreError."""
        entry: _Cached[V] = self._entries.setdefault(session_id, _Cached())
        asked_at = self._clock.now_ms()
        oldest = asked_at - (self._max_age_ms if max_age_ms is None else min(max_age_ms, self._max_age_ms))
        while True:
            read, mine = self._read_to_use(entry, oldest)
            if mine:
                self._carry_out(read, entry, session_id)
            elif not read.done.wait(within(WAIT_MOST_S)):
                raise OutcomeUnknown("a read that others share has not ended in time")
            if read.error is not None:
                raise read.error
            if mine or read.began_at > oldest:
                return read.data

    def _read_to_use(self, entry: _Cached[V], oldest: int) -> tuple[_Read[V], bool]:
        """A read that is recent enough, or a running read to wait for, or a new read, which the caller carries out."""
        with entry.lock:
            if entry.last is not None and entry.last.began_at > oldest:
                return entry.last, False
            if entry.under_way is not None:
                return entry.under_way, False
            entry.under_way = _Read(self._clock.now_ms())
            return entry.under_way, True

    def _carry_out(self, read: _Read[V], entry: _Cached[V], session_id: str) -> None:
        try:
            read.data = self._read(session_id)
        except Exception as error:  # the error belongs to all waiting requests
            read.error = error
        finally:
            with entry.lock:
                entry.under_way = None
                if read.error is None:
                    entry.last = read
            read.done.set()


class SessionCache(ReadCache[SessionDocument | None]):
    """Session documents; None for a session whose document is missing or incomplete."""

    def __init__(self, store: DocumentStore, clock: Clock, max_age_ms: int) -> None:
        def read(session_id: str) -> SessionDocument | None:
            found = store.get(documents.session_path(session_id))
            return found.data if found and documents.is_whole_session(found.data) else None

        super().__init__(read, clock, max_age_ms)


class RemovedCache(ReadCache[frozenset[str]]):
    """The players that hosts have removed."""

    def __init__(self, store: DocumentStore, clock: Clock, max_age_ms: int = REMOVED_CACHE_MS) -> None:
        def read(session_id: str) -> frozenset[str]:
            found = store.list(documents.players_path(session_id), [("removed", "==", True)], MOST_REMOVED)
            return frozenset(player.name for player in found)

        super().__init__(read, clock, max_age_ms)


def bounded_memory(store: DocumentStore, clock: Clock, session_cache_ms: int) -> Memory:
    """The caches of one instance."""
    return Memory(
        sessions=SessionCache(store, clock, session_cache_ms),
        removed=RemovedCache(store, clock).get,
        receipts=BoundedCache(2 * REMEMBERED),
        joined=BoundedCache(REMEMBERED),
        admitted=BoundedCache(REMEMBERED),
        quizzes=BoundedCache(CACHED_QUIZZES),
    )
