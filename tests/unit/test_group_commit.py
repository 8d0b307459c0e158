"""Callers that arrive while a request is in flight share the next request and its outcome."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from quizcore.adapters import group_commit
from quizcore.adapters.group_commit import GroupCommit, TimeIsUp
from quizcore.deadline import must_end_within
from tests.support.eventually import eventually

TIMEOUT_S = 30.0


class Line:
    """Requests that go through only when the test lets them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[int]]] = []
        self.timeouts_s: list[float] = []
        self.fails: set[int] = set()
        self._gates: dict[str, threading.Semaphore] = {}

    def send(self, key: str, items: list[int], timeout_s: float) -> None:
        assert 0 <= timeout_s <= TIMEOUT_S
        self.timeouts_s.append(timeout_s)
        self.sent.append((key, items))
        assert self._gate(key).acquire(timeout=TIMEOUT_S)
        if self.fails & set(items):
            raise ConnectionError(str(items))

    def let_through(self, key: str = "k", requests: int = 1) -> None:
        self._gate(key).release(requests)

    def _gate(self, key: str) -> threading.Semaphore:
        return self._gates.setdefault(key, threading.Semaphore(0))


@pytest.fixture(name="line")
def _line() -> Line:
    return Line()


@pytest.fixture(name="threads")
def _threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def queued(commit: GroupCommit[int], key: str = "k") -> int:
    return len(commit._waiting.get(key, []))


def start(threads: ThreadPoolExecutor, commit: GroupCommit[int], first: int, others: int) -> list[Future[None]]:
    """One call in flight, and others waiting behind it."""
    calls = [threads.submit(commit.submit, "k", [first])]
    eventually(lambda: "k" in commit._waiting, "the first is under way")
    for number in range(others):
        calls.append(threads.submit(commit.submit, "k", [first + 1 + number]))
        eventually(lambda n=number: queued(commit) == n + 1, "it waits")  # type: ignore[misc]
    return calls


def test_a_lone_caller_does_not_wait(line: Line) -> None:
    line.let_through()
    GroupCommit(line.send, TIMEOUT_S).submit("k", [1, 2])

    assert line.sent == [("k", [1, 2])]


def test_callers_behind_a_request_share_the_next_and_other_keys_do_not_wait(
    line: Line, threads: ThreadPoolExecutor
) -> None:
    commit = GroupCommit(line.send, TIMEOUT_S)
    calls = start(threads, commit, 1, 4)
    line.let_through("other")
    commit.submit("other", [99])

    line.let_through(requests=2)
    for call in calls:
        call.result()
    assert line.sent == [("k", [1]), ("other", [99]), ("k", [2, 3, 4, 5])]
    assert commit._waiting == {}


def test_a_failed_request_fails_only_the_callers_that_shared_it(line: Line, threads: ThreadPoolExecutor) -> None:
    line.fails = {3}
    commit = GroupCommit(line.send, TIMEOUT_S)
    first, *shared = start(threads, commit, 1, 3)
    line.let_through(requests=2)

    first.result()
    for call in shared:
        with pytest.raises(ConnectionError, match="2, 3, 4"):
            call.result()
    line.let_through()
    commit.submit("k", [5])


def test_a_request_is_shared_by_a_bounded_number_of_callers(
    line: Line, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MOST_SHARED", 2)
    calls = start(threads, GroupCommit(line.send, TIMEOUT_S), 1, 5)
    line.let_through(requests=4)

    for call in calls:
        call.result()
    assert [items for _, items in line.sent] == [[1], [2, 3], [4, 5], [6]]


def test_a_caller_that_waited_too_long_leaves_and_is_not_sent_later(line: Line, threads: ThreadPoolExecutor) -> None:
    commit = GroupCommit(line.send, TIMEOUT_S)
    calls = start(threads, commit, 1, 0)
    commit._timeout_s = 0.05

    with pytest.raises(TimeIsUp):
        commit.submit("k", [2])
    line.let_through()
    calls[0].result()
    assert line.sent == [("k", [1])]
    assert commit._waiting == {}


def test_a_caller_in_flight_when_its_time_is_up_still_gets_the_outcome(line: Line, threads: ThreadPoolExecutor) -> None:
    commit = GroupCommit(line.send, TIMEOUT_S)
    first = start(threads, commit, 1, 1)
    commit._timeout_s = 1.5
    hurried = threads.submit(commit.submit, "k", [3])
    eventually(lambda: queued(commit) == 2, "it waits")
    line.let_through()
    eventually(lambda: line.sent == [("k", [1]), ("k", [2, 3])], "both are on their way")

    with pytest.raises(TimeoutError):
        hurried.result(timeout=2.0)
    line.let_through()
    for call in (*first, hurried):
        call.result()


def hurried(commit: GroupCommit[int], item: int, left_s: float) -> None:
    """Send with a deadline, in a thread of a pool that later callers reuse."""
    must_end_within(left_s)
    try:
        commit.submit("k", [item])
    finally:
        must_end_within(None)


def test_a_shared_request_takes_no_longer_than_any_of_its_callers_has_time(
    line: Line, threads: ThreadPoolExecutor
) -> None:
    commit = GroupCommit(line.send, TIMEOUT_S)
    calls = start(threads, commit, 1, 2)
    calls.append(threads.submit(hurried, commit, 4, 10.0))
    eventually(lambda: queued(commit) == 3, "it waits")
    line.let_through(requests=2)

    for call in calls:
        call.result()
    assert line.sent == [("k", [1]), ("k", [2, 3, 4])]
    assert line.timeouts_s[1] <= 10.0


def test_a_caller_with_hardly_any_time_left_is_not_sent_and_shortens_no_request(
    line: Line, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "LEAST_S", 2.0)
    commit = GroupCommit(line.send, TIMEOUT_S)
    calls = start(threads, commit, 1, 1)
    late = threads.submit(hurried, commit, 3, 1.9)
    eventually(lambda: queued(commit) == 2, "it waits")
    line.let_through(requests=2)

    with pytest.raises(TimeIsUp):
        late.result()
    for call in calls:
        call.result()
    assert line.sent == [("k", [1]), ("k", [2])]
    assert line.timeouts_s[1] > 2.0
    assert commit._waiting == {}
