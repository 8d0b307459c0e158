"""Read, plan, commit, and the retries when another writer was first or the store does not respond."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from quizcore.adapters.memory import MemoryStore
from quizcore.ports import Conflict, Delete, OutcomeUnknown, Put, Replace, Snapshot
from workers.fenced_job import FencedJob, GaveUp, Pauses, backoff

TALLY = "tallies/week"
TRIES = 3


class Count(FencedJob[int, int]):
    """Adds to a tally, as a leaderboard of many sessions would."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__("the week's tally", store, TRIES)
        self.known: Snapshot | None = None
        self.losses: list[Exception] = []
        self.commits = 0

    async def attempt(self, given: int) -> int:
        if self.known is None:
            self.known = self.store.get(TALLY)
        assert self.known is not None, "known"
        self.commits += 1
        fields = {"sum": self.known.data["sum"] + given, "commit_id": f"{id(self)}-{self.commits}"}
        version = await self.commit([Replace(TALLY, fields, self.known.version)], TALLY, fields["commit_id"])
        self.known = Snapshot(TALLY, fields, version)
        return int(fields["sum"])

    def forget(self) -> None:
        self.known = None

    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        assert attempt == len(self.losses)
        self.losses.append(error)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
        yield


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.commit([Put(TALLY, {"sum": 0, "commit_id": "first"})])
    return store


def stored(store: MemoryStore) -> int:
    found = store.get(TALLY)
    assert found is not None
    return int(found.data["sum"])


def silent(*, made: bool) -> Any:
    """A store that does not answer, whether the commit is made or not."""
    commit = MemoryStore.commit

    def without_answer(store: MemoryStore, writes: Any) -> Any:
        if made:
            commit(store, writes)
        raise OutcomeUnknown("no answer")

    return patch.object(MemoryStore, "commit", without_answer)


def test_a_job_that_lost_its_fence_reads_again_and_loses_nothing(store: MemoryStore) -> None:
    first, second = Count(store), Count(store)
    asyncio.run(first.run(1))
    asyncio.run(second.run(10))

    assert asyncio.run(first.run(100)) == 111
    assert [type(error) for error in first.losses] == [Conflict]
    assert stored(store) == 111


def test_a_commit_whose_reply_was_lost_is_recognised_and_not_repeated(store: MemoryStore) -> None:
    job = Count(store)
    with silent(made=True):
        assert asyncio.run(job.run(1)) == 1
    assert (stored(store), job.losses) == (1, [])
    assert asyncio.run(job.run(1)) == 2, "the fence is known"
    assert not job.losses


def test_a_job_without_a_response_of_the_store_is_given_up_after_bounded_tries(store: MemoryStore) -> None:
    job = Count(store)
    with silent(made=False), pytest.raises(GaveUp, match="the week's tally: 3 tries failed"):
        asyncio.run(job.run(1))
    assert (len(job.losses), job.commits, job.known, stored(store)) == (TRIES, TRIES, None, 0)
    assert asyncio.run(job.run(1)) == 1


def test_pauses_grow_to_a_bound_and_a_success_resets_them() -> None:
    pauses = Pauses(500, 1_500)
    moments = []
    for now in (0, 1_000, 2_000):
        pauses.began(now)
        moments.append(pauses.next_at - now)
    assert moments == [500, 1_000, 1_500]
    pauses.done()
    pauses.began(9_000)
    assert pauses.next_at == 9_500


def test_new_work_is_due_at_once() -> None:
    assert Pauses(500, 1_500).next_at == 0


def test_the_pause_before_a_try_is_random_below_a_bound_that_doubles_to_a_second() -> None:
    with patch("workers.fenced_job.BACKOFF_FIRST_S", 0.02), patch("random.uniform", lambda *bounds: bounds):
        bounds: list[Any] = [backoff(attempt) for attempt in range(8)]
    assert bounds == [(0, most) for most in (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0)]


def test_the_first_try_has_no_pause_and_later_pauses_grow(store: MemoryStore) -> None:
    asked: list[int] = []

    def noted(attempt: int) -> float:
        asked.append(attempt)
        return 0.0

    with silent(made=False), patch("workers.fenced_job.backoff", noted), pytest.raises(GaveUp):
        asyncio.run(Count(store).run(1))
    assert asked == [0, 1]


def test_a_repeated_commit_that_conflicts_with_itself_is_recognised_as_made(store: MemoryStore) -> None:
    """The store's client repeats in silence; the second copy fails on the fence that the first one has moved."""
    commit, job = MemoryStore.commit, Count(store)

    def twice(store: MemoryStore, writes: Any) -> Any:
        commit(store, writes)
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", twice):
        assert asyncio.run(job.run(1)) == 1
    assert (stored(store), job.losses) == (1, [])


def test_a_commit_whose_fence_was_deleted_is_not_taken_for_made(store: MemoryStore) -> None:
    job = Count(store)
    asyncio.run(job.run(1))
    store.commit([Delete(TALLY)])

    with pytest.raises(AssertionError, match="known"):
        asyncio.run(job.run(1))
    assert [type(error) for error in job.losses] == [Conflict], "it reads again, and finds nothing"
