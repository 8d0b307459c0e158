"""The translation of Firestore's errors, and the time limits of its calls."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import grpc
import pytest

from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.firestore import FirestoreStore
from quizcore.deadline import must_end_within
from quizcore.ports import Conflict, Create, DocumentStore, OutcomeUnknown, StoreError
from quizcore.telemetry import Telemetry
from tests.support.store_twin import StoreTwin

Code = grpc.StatusCode
TIMEOUT_S = 3.0
ROUNDING_S = 0.1  # of a deadline on the wire
READS: dict[str, Callable[[DocumentStore], Any]] = {
    "get": lambda store: store.get("c/d"),
    "list": lambda store: store.list("c"),
    "count": lambda store: store.count("c", []),
    "at one moment": lambda store: store.at_one_moment(lambda reader: reader.list("c")),
}
EMPTY: dict[str, Any] = {"get": None, "list": [], "count": 0, "at one moment": []}
MAY_PASS = [
    Code.UNAVAILABLE,
    Code.INTERNAL,
    Code.UNKNOWN,
    Code.RESOURCE_EXHAUSTED,
    Code.ABORTED,
    Code.DEADLINE_EXCEEDED,
]


@pytest.fixture(name="twin")
def _twin() -> Iterator[StoreTwin]:
    with StoreTwin() as twin:
        yield twin


@pytest.fixture(name="store")
def _store(twin: StoreTwin, monkeypatch: pytest.MonkeyPatch) -> Iterator[FirestoreStore]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", twin.address)
    yield FirestoreStore(FirestoreClient(project="demo-x"), Telemetry(), TIMEOUT_S)
    must_end_within(None)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("code", MAY_PASS)
def test_a_read_is_retried_after_a_transient_error(
    twin: StoreTwin, store: FirestoreStore, read: str, code: grpc.StatusCode
) -> None:
    twin.errors.extend([code, code])

    assert READS[read](store) == EMPTY[read]


@pytest.mark.parametrize("read", READS)
def test_a_missing_index_is_not_a_conflict(twin: StoreTwin, store: FirestoreStore, read: str) -> None:
    twin.errors.append(Code.FAILED_PRECONDITION)

    with pytest.raises(StoreError, match="as the test wants it") as raised:
        READS[read](store)

    assert not isinstance(raised.value, Conflict)
    assert len(twin.calls) == 1, "nor is it tried again"


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED])
def test_all_attempts_of_a_read_share_one_deadline(
    twin: StoreTwin, store: FirestoreStore, read: str, code: grpc.StatusCode
) -> None:
    must_end_within(0.5)
    twin.errors.extend([code] * 1_000)

    with pytest.raises(OutcomeUnknown):
        READS[read](store)

    assert max(twin.times_left) <= 0.5 + ROUNDING_S
    assert all(later <= earlier + ROUNDING_S for earlier, later in pairwise(twin.times_left)), "none begins anew"


@pytest.mark.parametrize("read", READS)
def test_a_read_without_a_response_is_given_up(twin: StoreTwin, store: FirestoreStore, read: str) -> None:
    must_end_within(0.3)
    twin.silent = True

    with pytest.raises(OutcomeUnknown):
        READS[read](store)

    assert len(twin.calls) == 1


def test_without_a_request_deadline_a_call_has_the_store_s_deadline(twin: StoreTwin, store: FirestoreStore) -> None:
    store.get("c/d")
    store.commit([Create("c/d", {})])

    assert 1 < max(twin.times_left) <= TIMEOUT_S + ROUNDING_S


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.ABORTED])
def test_a_commit_is_retried_within_one_deadline(twin: StoreTwin, store: FirestoreStore, code: grpc.StatusCode) -> None:
    twin.errors.append(code)
    store.commit([Create("c/d", {})])
    assert twin.calls == ["Commit"] * 2

    must_end_within(0.4)
    twin.errors.extend([code] * 1_000)
    with pytest.raises(OutcomeUnknown):
        store.commit([Create("c/d", {})])


@pytest.mark.parametrize("code", [Code.FAILED_PRECONDITION, Code.ALREADY_EXISTS, Code.NOT_FOUND])
def test_a_commit_with_a_failed_precondition_is_a_conflict(
    twin: StoreTwin, store: FirestoreStore, code: grpc.StatusCode
) -> None:
    twin.errors.append(code)

    with pytest.raises(Conflict):
        store.commit([Create("c/d", {})])
