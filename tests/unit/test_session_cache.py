"""Requests for a session during a read share the read and its failure."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from http_api.caches import SessionCache
from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryStore
from quizcore.deadline import must_end_within
from quizcore.ports import OutcomeUnknown, Put, Snapshot
from tests.support.eventually import eventually

ASKING = 12
LOBBY = {"state": "lobby", "shards": 1, "host_id": "host-1", "expires_at": documents.expiry(1)}
QUESTION = LOBBY | {"state": "question"}


class GatedStore(MemoryStore):
    """Each read waits until the test lets it through, or lets it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.fails = False
        self.gate = threading.Semaphore(0)

    def get(self, path: str) -> Snapshot | None:
        self.reads += 1
        assert self.gate.acquire(timeout=30)
        if self.fails:
            raise OutcomeUnknown("away")
        return super().get(path)


@pytest.fixture(name="store")
def _store() -> GatedStore:
    store = GatedStore()
    store.commit([Put(documents.session_path("s"), LOBBY)])
    return store


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(name="cache")
def _cache(store: GatedStore, clock: ManualClock) -> SessionCache:
    return SessionCache(store, clock, 1_000)


Ask = Callable[..., list[Future[Any]]]


@pytest.fixture(name="ask")
def _ask(cache: SessionCache, store: GatedStore) -> Any:
    """So many threads ask; all of them wait when it returns."""
    with ThreadPoolExecutor(2 * ASKING) as threads:

        def waiting() -> int:
            """The reader, and the callers that wait for the read."""
            entry = cache._entries.get("s")
            read = entry.under_way if entry is not None else None
            return 0 if read is None else 1 + len(read.done._cond._waiters)

        def ask(number: int = ASKING, max_age_ms: int | None = None) -> list[Future[Any]]:
            wanted = waiting() + number
            asked = [threads.submit(cache.get, "s", max_age_ms) for _ in range(number)]
            eventually(lambda: waiting() == wanted, "all wait")
            return asked

        yield ask
        store.gate.release(1_000)


def test_one_read_serves_all_callers(ask: Ask, store: GatedStore) -> None:
    asked = ask()
    store.gate.release()

    assert [call.result(30) for call in asked] == [LOBBY] * ASKING
    assert store.reads == 1


def test_a_failed_read_fails_all_waiting_callers_without_a_retry(ask: Ask, store: GatedStore) -> None:
    store.fails = True
    asked = ask(max_age_ms=0)
    store.gate.release()

    for call in asked:
        with pytest.raises(OutcomeUnknown, match="away"):
            call.result(30)
    assert store.reads == 1


def test_the_next_caller_after_a_failure_reads_again(ask: Ask, store: GatedStore) -> None:
    store.fails = True
    first = ask(1)
    store.gate.release()
    with pytest.raises(OutcomeUnknown):
        first[0].result(30)

    store.fails = False
    again = ask(1)
    store.gate.release()
    assert again[0].result(30) == LOBBY


def test_callers_that_need_a_newer_read_share_the_next_one(ask: Ask, store: GatedStore, clock: ManualClock) -> None:
    first = ask(1)
    clock.advance(10)
    later = ask(ASKING, max_age_ms=0)
    clock.advance(10)
    store.commit([Put(documents.session_path("s"), QUESTION)])
    store.gate.release()
    first[0].result(30)
    store.gate.release()

    assert [call.result(30) for call in later] == [QUESTION] * ASKING
    assert store.reads == 2


def test_a_caller_without_time_left_does_not_wait_for_another_s_read(
    ask: Ask, store: GatedStore, cache: SessionCache
) -> None:
    first = ask(1)
    must_end_within(0.05)
    try:
        with pytest.raises(OutcomeUnknown, match="has not ended in time"):
            cache.get("s")
    finally:
        must_end_within(None)

    store.gate.release()
    assert first[0].result(30) == LOBBY
