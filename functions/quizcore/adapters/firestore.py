"""Documents in Cloud Firestore or its emulator.

The library's own retries go on for five minutes, and each attempt has a time-out of its own. So the adapter makes each
of the library's calls once, and retries here, within one deadline for all attempts.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from google.api_core import exceptions, retry
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from quizcore.adapters.firestore_writes import commit_request
from quizcore.deadline import LEAST_S, within
from quizcore.ports import (
    CommitTooLarge,
    Conflict,
    Delete,
    DocumentReader,
    OrderBy,
    OutcomeUnknown,
    Snapshot,
    StoreError,
    T,
    Version,
    Where,
    Write,
)
from quizcore.sizes import MOST_COMMIT_BYTES
from quizcore.telemetry import Telemetry

DEFAULT_TIMEOUT_S = 10.0
Heard = Callable[[int, float], None]  # the store's time (ms since the epoch), and the duration of the round trip (s)
MOST_EMULATOR_BYTES = 4 * 1024 * 1024 - 1024  # the emulator's server accepts no larger message
COUNTED_A_READ = 1_000  # index entries that an aggregation counts for the price of one read

_ONCE = retry.Retry(predicate=lambda _: False)
_TRANSIENT = (
    exceptions.ServiceUnavailable,
    exceptions.InternalServerError,
    exceptions.Unknown,
    exceptions.ResourceExhausted,
    exceptions.Aborted,
    exceptions.DeadlineExceeded,
)
# Replaying a commit is safe: when the first attempt was committed, the replay fails its own precondition, and the
# caller recognises the first commit by the commit id on the board. ABORTED means a concurrent write, and says nothing
# about the preconditions: the next attempt checks them.
_COMMIT_RETRY_ON = (exceptions.ServiceUnavailable, exceptions.ResourceExhausted, exceptions.Aborted)
_PRECONDITION_FAILED = (exceptions.FailedPrecondition, exceptions.AlreadyExists, exceptions.NotFound)
_REJECTED = (
    exceptions.InvalidArgument,
    exceptions.PermissionDenied,
    exceptions.FailedPrecondition,
    exceptions.NotFound,
)


class FirestoreReader:
    """With a read-only `transaction` all reads are as of one moment; with None each read has its own moment. `heard` is
    called with the store's time after each answer."""

    def __init__(
        self,
        client: firestore.Client,
        telemetry: Telemetry,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        transaction: firestore.Transaction | None = None,
        heard: Heard = lambda *_: None,
    ) -> None:
        self._client = client
        self._telemetry = telemetry
        self._timeout_s = timeout_s
        self._transaction = transaction
        self._heard = heard

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        references = [self._client.document(path) for path in paths]
        found = self._snapshots(
            lambda left_s: self._client.get_all(references, transaction=self._transaction, retry=_ONCE, timeout=left_s)
        )
        self._telemetry.spend("reads", len(found))
        return {s.reference.path: _snapshot(s) for s in found if s.exists}

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        query = self._query(collection, where)
        if order_by is not None:
            direction = "DESCENDING" if order_by.descending else "ASCENDING"
            query = query.order_by(order_by.field, direction=direction).order_by("__name__", direction=direction)
            if after is not None:
                value, name = after
                behind = {order_by.field: value, "__name__": self._client.document(f"{collection}/{name}")}
                query = query.start_after(behind)
        elif after is not None:
            query = query.order_by("__name__").start_after(
                {"__name__": self._client.document(f"{collection}/{after[1]}")}
            )
        if limit is not None:
            query = query.limit(limit)
        found = self._snapshots(lambda left_s: query.stream(transaction=self._transaction, retry=_ONCE, timeout=left_s))
        self._telemetry.spend("reads", max(len(found), 1))
        return [_snapshot(s) for s in found]

    def count(self, collection: str, where: Sequence[Where]) -> int:
        query = self._query(collection, where).count()
        found = self._patiently(
            lambda left_s: int(query.get(transaction=self._transaction, retry=_ONCE, timeout=left_s)[0][0].value)
        )
        self._telemetry.spend("reads", max(1, -(-found // COUNTED_A_READ)))
        return found

    def _snapshots(self, ask: Callable[[float], Iterable[firestore.DocumentSnapshot]]) -> Any:
        """The snapshots that `ask` returns. Passes the store's time to `heard`."""

        def timed(left_s: float) -> tuple[Any, float]:
            began = time.monotonic()
            return list(ask(left_s)), time.monotonic() - began

        found, took_s = self._patiently(timed)
        if found:  # the last snapshot has the latest read time of the answer
            self._heard(_ms(found[-1].read_time), took_s)
        return found

    def _patiently(self, read: Callable[[float], T]) -> T:
        """Return what `read(time limit in s)` returns; retry transient errors until the deadline."""
        timeout_s = within(self._timeout_s)
        ends_at = time.monotonic() + timeout_s
        again = retry.Retry(predicate=retry.if_exception_type(*_TRANSIENT), initial=0.1, maximum=0.5, timeout=timeout_s)
        with _Reading():
            found: T = again(lambda: read(max(LEAST_S, ends_at - time.monotonic())))()
        return found

    def _query(self, collection: str, where: Sequence[Where]) -> Any:
        return _filtered(self._client.collection(collection), where)


class FirestoreStore(FirestoreReader):
    def __init__(
        self,
        client: firestore.Client,
        telemetry: Telemetry,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        heard: Heard = lambda *_: None,
    ) -> None:
        super().__init__(client, telemetry, timeout_s, heard=heard)
        self._most_bytes = MOST_EMULATOR_BYTES if client._emulator_host else MOST_COMMIT_BYTES
        self._commit_retry = retry.Retry(
            predicate=retry.if_exception_type(*_COMMIT_RETRY_ON), initial=0.1, maximum=2.0, timeout=timeout_s
        )

    def get(self, path: str) -> Snapshot | None:
        return self.get_many([path]).get(path)

    def find(self, name: str, where: Sequence[Where]) -> list[Snapshot]:
        """The library leaves the times of these snapshots as they came, so that `update_time` is the version itself."""
        query = _filtered(self._client.collection_group(name), where)
        found = self._patiently(lambda left_s: list(query.stream(retry=_ONCE, timeout=left_s)))
        self._telemetry.spend("reads", max(len(found), 1))
        read = [Snapshot(s.reference.path, s.to_dict() or {}, s.update_time) for s in found]
        return sorted(read, key=lambda snapshot: snapshot.path)

    def at_one_moment(self, read: Callable[[DocumentReader], T]) -> T:
        transaction = _Moment(self._client, self._patiently)
        transaction.begin()
        found = read(FirestoreReader(self._client, self._telemetry, self._timeout_s, transaction, self._heard))
        transaction.end()
        return found

    def commit(self, writes: Sequence[Write]) -> dict[str, Version]:
        # The generated client below the library's own, with its credentials and channel.
        client = self._client
        request = commit_request(client._database_string, list(writes))
        size = type(request).pb(request).ByteSize()
        if size > self._most_bytes:
            raise CommitTooLarge(f"{len(writes)} writes have {size} bytes; a commit takes {self._most_bytes}")
        timeout_s, began = within(self._timeout_s), time.monotonic()
        with _Committing():
            response = client._firestore_api.commit(
                request=request,
                metadata=client._rpc_metadata,
                retry=self._commit_retry.with_timeout(timeout_s),
                timeout=timeout_s,
            )
        self._heard(_ms(response.commit_time), time.monotonic() - began)
        self._telemetry.spend("written_bytes", size)
        deletes = sum(isinstance(write, Delete) for write in writes)
        self._telemetry.spend("deletes", deletes)
        self._telemetry.spend("writes", len(writes) - deletes)
        results = type(response).pb(response).write_results
        return {write.path: result.update_time for write, result in zip(writes, results, strict=True)}

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        def on_snapshot(snapshots: list[firestore.DocumentSnapshot], *_: object) -> None:
            present = [s for s in snapshots if s.exists]
            heard(_snapshot(present[0]) if present else None)

        watch = self._client.document(path).on_snapshot(on_snapshot)
        stop: Callable[[], None] = watch.unsubscribe
        return stop


class _Moment(firestore.Transaction):  # type: ignore[misc] # the library has no types
    """A read-only transaction. The library's own begins and ends without a time-out. A
    transaction that is not ended holds no locks, and Firestore expires it."""

    def __init__(self, client: firestore.Client, patiently: Callable[[Callable[[float], Any]], Any]) -> None:
        super().__init__(client, read_only=True)
        self._patiently = patiently

    def begin(self) -> None:
        request = {"database": self._client._database_string, "options": self._options_protobuf(None)}
        began = self._patiently(
            lambda left_s: self._client._firestore_api.begin_transaction(request, **self._how(left_s))
        )
        self._id = began.transaction

    def end(self) -> None:
        request = {"database": self._client._database_string, "transaction": self._id}
        self._patiently(lambda left_s: self._client._firestore_api.commit(request, **self._how(left_s)))

    def _how(self, left_s: float) -> dict[str, Any]:
        return {"metadata": self._client._rpc_metadata, "retry": _ONCE, "timeout": left_s}


class _Translated:
    """Turn the client's errors into the port's errors. The client's error stays as the cause."""

    conflicts: tuple[type[Exception], ...] = ()

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, self.conflicts):
            raise Conflict(str(error)) from error
        if isinstance(error, _REJECTED):
            raise StoreError(str(error)) from error
        if isinstance(error, exceptions.GoogleAPICallError | exceptions.RetryError):
            raise OutcomeUnknown(str(error)) from error


class _Reading(_Translated):
    """A read has no precondition: FAILED_PRECONDITION means that an index is missing."""


class _Committing(_Translated):
    conflicts = _PRECONDITION_FAILED


def _filtered(query: Any, where: Sequence[Where]) -> Any:
    for name, operator, value in where:
        query = query.where(filter=FieldFilter(name, operator, value))
    return query


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def _snapshot(snapshot: firestore.DocumentSnapshot) -> Snapshot:
    return Snapshot(snapshot.reference.path, snapshot.to_dict() or {}, snapshot.update_time.timestamp_pb())
