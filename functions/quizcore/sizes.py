"""The size of a document as Firestore counts (firebase.google.com/docs/firestore/storage-size), and Firestore's
limits."""

from collections.abc import Mapping
from typing import Any

MOST_DOCUMENT_BYTES = 1024 * 1024
# A request has at most 10 MiB; 1 MiB is reserved for the transport.
MOST_COMMIT_BYTES = 9 * 1024 * 1024
OVERHEAD_BYTES = 32


def document_bytes(path: str, data: Mapping[str, Any]) -> int:
    return _bytes_of(path) + _bytes_of(data) + OVERHEAD_BYTES


def _bytes_of(value: Any) -> int:
    match value:
        case str():
            return len(value.encode(errors="surrogatepass")) + 1
        case bytes():
            return len(value)
        case bool() | None:
            return 1
        case Mapping():
            return sum(_bytes_of(name) + _bytes_of(field) for name, field in value.items())
        case list():
            return sum(map(_bytes_of, value))
        case _:
            return 8
