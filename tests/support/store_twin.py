"""As much of Firestore's server as errors need, over real gRPC: it holds no document, and fails as the test wants."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import grpc
from google.cloud.firestore_v1 import types

from devstack import ports


class StoreTwin:
    """Use it as a context manager. Each call takes the next of `errors`, if there is one; with `silent` none ends."""

    def __init__(self, port: int = 0) -> None:
        self.errors: deque[grpc.StatusCode] = deque()
        self.silent = False
        self.calls: list[str] = []
        self.times_left: list[float] = []  # what each call was given (s)
        self._ended = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(64), handlers=[self._handler()])
        self.port = self._server.add_insecure_port(f"{ports.HOST}:{port}")

    @property
    def address(self) -> str:
        return f"{ports.HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.stop(grace=0).wait()

    def _asked(self, call: str, context: grpc.ServicerContext) -> None:
        self.calls.append(call)
        self.times_left.append(context.time_remaining())
        while self.silent and context.is_active() and not self._ended.wait(0.02):
            pass
        if self.errors:
            context.abort(self.errors.popleft(), "as the test wants it")

    def _get(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        self._asked("BatchGetDocuments", context)
        for name in request.documents:
            response = types.BatchGetDocumentsResponse.pb()(missing=name)
            response.read_time.GetCurrentTime()
            yield response

    def _query(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        self._asked("RunQuery", context)
        response = types.RunQueryResponse.pb()()
        response.read_time.GetCurrentTime()
        yield response

    def _begin(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._asked("BeginTransaction", context)
        return types.BeginTransactionResponse.pb()(transaction=b"t")

    def _count(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        self._asked("RunAggregationQuery", context)
        response = types.RunAggregationQueryResponse.pb()()
        alias = request.structured_aggregation_query.aggregations[0].alias
        response.result.aggregate_fields[alias].integer_value = 0
        yield response

    def _commit(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._asked("Commit", context)
        response = types.CommitResponse.pb()(write_results=[types.WriteResult.pb()() for _ in request.writes])
        response.commit_time.GetCurrentTime()
        return response

    def _handler(self) -> grpc.GenericRpcHandler:
        def unary(call: Any, request: Any) -> grpc.RpcMethodHandler:
            return grpc.unary_unary_rpc_method_handler(call, request.pb().FromString, _serialized)

        def stream(call: Any, request: Any) -> grpc.RpcMethodHandler:
            return grpc.unary_stream_rpc_method_handler(call, request.pb().FromString, _serialized)

        return grpc.method_handlers_generic_handler(
            "google.firestore.v1.Firestore",
            {
                "BatchGetDocuments": stream(self._get, types.BatchGetDocumentsRequest),
                "RunQuery": stream(self._query, types.RunQueryRequest),
                "RunAggregationQuery": stream(self._count, types.RunAggregationQueryRequest),
                "BeginTransaction": unary(self._begin, types.BeginTransactionRequest),
                "Commit": unary(self._commit, types.CommitRequest),
            },
        )


def _serialized(message: Any) -> bytes:
    found: bytes = message.SerializeToString()
    return found
