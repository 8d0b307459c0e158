"""Documents in Cloud Firestore or its emulator."""

from collections.abc import Callable, Sequence
from typing import Any

from google.api_core import exceptions, retry
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from quizcore.adapters.firestore_writes import commit_request
from quizcore.ports import Conflict, Delete, OutcomeUnknown, Snapshot, StoreError, Write
from quizcore.telemetry import Telemetry

DEFAULT_TIMEOUT_S = 10.0

# Replaying a commit is safe: one that was made the first time fails its own precondition, and the
# caller recognises it by the commit id on the board.
_COMMIT_RETRY_ON = (exceptions.ServiceUnavailable, exceptions.ResourceExhausted)
_PRECONDITION_FAILED = (
    exceptions.FailedPrecondition,
    exceptions.Aborted,
    exceptions.AlreadyExists,
    exceptions.NotFound,
)


class FirestoreStore:
    def __init__(self, client: firestore.Client, telemetry: Telemetry, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._client = client
        self._telemetry = telemetry
        self._timeout_s = timeout_s
        self._commit_retry = retry.Retry(
            predicate=retry.if_exception_type(*_COMMIT_RETRY_ON), initial=0.1, maximum=2.0, timeout=timeout_s
        )

    def get(self, path: str) -> Snapshot | None:
        return self.get_many([path]).get(path)

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        references = [self._client.document(path) for path in paths]
        with _Translated():
            found = list(self._client.get_all(references, timeout=self._timeout_s))
        self._telemetry.add("documents_read", len(found))
        return {s.reference.path: _snapshot(s) for s in found if s.exists}

    def list(
        self, collection: str, where: Sequence[tuple[str, str, Any]] = (), limit: int | None = None
    ) -> list[Snapshot]:
        query: Any = self._client.collection(collection)
        for name, operator, value in where:
            query = query.where(filter=FieldFilter(name, operator, value))
        if limit is not None:
            query = query.limit(limit)
        with _Translated():
            found = [_snapshot(s) for s in query.stream(timeout=self._timeout_s)]
        self._telemetry.add("documents_read", max(len(found), 1))
        return found

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        # The generated client below the library's own, with its credentials and channel.
        client = self._client
        request = commit_request(client._database_string, list(writes))
        with _Translated():
            response = client._firestore_api.commit(
                request=request, metadata=client._rpc_metadata, retry=self._commit_retry, timeout=self._timeout_s
            )
        deletes = sum(isinstance(write, Delete) for write in writes)
        self._telemetry.add("documents_deleted", deletes)
        self._telemetry.add("documents_written", len(writes) - deletes)
        results = type(response).pb(response).write_results
        return {write.path: result.update_time for write, result in zip(writes, results, strict=True)}

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        def on_snapshot(snapshots: list[firestore.DocumentSnapshot], *_: object) -> None:
            present = [s for s in snapshots if s.exists]
            heard(_snapshot(present[0]) if present else None)

        watch = self._client.document(path).on_snapshot(on_snapshot)
        stop: Callable[[], None] = watch.unsubscribe
        return stop


class _Translated:
    """Turn the client's errors into the port's. What is not listed keeps its own name as the cause."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, _PRECONDITION_FAILED):
            raise Conflict(str(error)) from error
        if isinstance(error, exceptions.InvalidArgument | exceptions.PermissionDenied):
            raise StoreError(str(error)) from error
        if isinstance(error, exceptions.GoogleAPICallError | exceptions.RetryError):
            raise OutcomeUnknown(str(error)) from error


def _snapshot(snapshot: firestore.DocumentSnapshot) -> Snapshot:
    return Snapshot(snapshot.reference.path, snapshot.to_dict() or {}, snapshot.update_time.timestamp_pb())
