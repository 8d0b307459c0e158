"""Documents in a dictionary."""

import builtins
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from operator import eq, ge, gt, le, lt
from typing import Any

from quizcore.ports import (
    CommitTooLarge,
    Conflict,
    Create,
    Delete,
    DocumentReader,
    OrderBy,
    Replace,
    Snapshot,
    T,
    Update,
    Version,
    Where,
    Write,
)
from quizcore.sizes import MOST_COMMIT_BYTES, document_bytes

ANYWHERE = "*"  # replaces the path before a collection's name in a query over all collections of that name
MayQuery = Callable[[str, Sequence[Where], OrderBy | None], None]


class MemoryStore:
    """One lock makes commits atomic for all threads.

    `may_query` is called before each query, and raises when the real store has no index for the query."""

    def __init__(self, may_query: MayQuery = lambda *_: None, most_bytes: int = MOST_COMMIT_BYTES) -> None:
        self._may_query = may_query
        self._most_bytes = most_bytes
        self._lock = threading.RLock()
        self._documents: dict[str, Snapshot] = {}
        self._versions = count(1)
        self._listeners: dict[str, list[Callable[[Snapshot | None], None]]] = {}

    def get(self, path: str) -> Snapshot | None:
        with self._lock:
            found = self._documents.get(path)
            return None if found is None else _copy_of(found)

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        with self._lock:
            return {path: _copy_of(self._documents[path]) for path in paths if path in self._documents}

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        self._may_query(collection, where, order_by)
        with self._lock:
            found = self._matching(collection, where)
        if order_by is not None:
            found = _in_order(found, order_by, after)
        elif after is not None:
            found = [snapshot for snapshot in found if snapshot.name > after[1]]
        return [_copy_of(snapshot) for snapshot in found[:limit]]

    def find(self, name: str, where: Sequence[Where]) -> "builtins.list[Snapshot]":
        self._may_query(f"{ANYWHERE}/{name}", where, None)
        with self._lock:
            found = [self._documents[path] for path in sorted(self._documents) if path.split("/")[-2] == name]
            return [_copy_of(s) for s in found if all(_matches(s.data, *condition) for condition in where)]

    def count(self, collection: str, where: Sequence[Where]) -> int:
        self._may_query(collection, where, None)
        with self._lock:
            return len(self._matching(collection, where))

    def at_one_moment(self, read: Callable[[DocumentReader], T]) -> T:
        with self._lock:
            return read(self)

    def _matching(self, collection: str, where: Sequence[Where]) -> "builtins.list[Snapshot]":
        inside = sorted(path for path in self._documents if path.rpartition("/")[0] == collection)
        found = [self._documents[path] for path in inside]
        return [s for s in found if all(_matches(s.data, *condition) for condition in where)]

    def commit(self, writes: Sequence[Write]) -> dict[str, Version]:
        size = sum(document_bytes(write.path, {} if isinstance(write, Delete) else write.data) for write in writes)
        if size > self._most_bytes:
            raise CommitTooLarge(f"{len(writes)} writes have {size} bytes; a commit takes {self._most_bytes}")
        with self._lock:
            for write in writes:
                self._check(write)
            for write in writes:
                self._apply(write)
            versions = {w.path: self._documents[w.path].version for w in writes if w.path in self._documents}
            for write in writes:
                for heard in list(self._listeners.get(write.path, ())):
                    heard(self.get(write.path))
        return versions

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        self._listeners.setdefault(path, []).append(heard)
        heard(self.get(path))
        return lambda: self._listeners[path].remove(heard)

    def _check(self, write: Write) -> None:
        known = self._documents.get(write.path)
        if isinstance(write, Create) and known is not None:
            raise Conflict(f"{write.path} exists")
        if isinstance(write, Update) and known is None:
            raise Conflict(f"{write.path} is gone")
        if isinstance(write, Replace) and (known is None or known.version != write.version):
            raise Conflict(f"{write.path} is not at version {write.version}")
        if (
            isinstance(write, Delete)
            and write.version is not None
            and (known is None or known.version != write.version)
        ):
            raise Conflict(f"{write.path} is not at version {write.version}")

    def _apply(self, write: Write) -> None:
        known = self._documents.get(write.path)
        if isinstance(write, Delete):
            self._documents.pop(write.path, None)
            return
        data = _copied(dict(write.data))
        if known is not None and isinstance(write, Update):
            data = _merged(known.data, data)
        elif known is not None and isinstance(write, Replace):
            data = known.data | data
        self._documents[write.path] = Snapshot(write.path, data, next(self._versions))


def _copy_of(found: Snapshot) -> Snapshot:
    return Snapshot(found.path, _copied(found.data), found.version)


def _copied(value: Any) -> Any:
    """A deep copy of a document's value. `copy.deepcopy` supports more types, and took most of the simulator's time."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(inner) for inner in value]
    return value


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for name, value in new.items():
        nested = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], value) if nested else value
    return merged


def _in_order(found: Sequence[Snapshot], order: OrderBy, after: tuple[Any, str] | None) -> list[Snapshot]:
    def sort_key(value: Any, name: str) -> tuple[tuple[bool, Any], str]:
        return _null_first(value), name

    sort_keys = {s.path: sort_key(s.data[order.field], s.name) for s in found if order.field in s.data}
    with_field = [s for s in found if s.path in sort_keys]
    with_field.sort(key=lambda s: sort_keys[s.path], reverse=order.descending)
    if after is None:
        return with_field
    behind = lt if order.descending else gt
    return [s for s in with_field if behind(sort_keys[s.path], sort_key(*after))]


def _null_first(value: Any) -> tuple[bool, Any]:
    """A key that sorts null before all other values."""
    return (value is not None, value)


def _matches(data: Mapping[str, Any], name: str, operator: str, value: Any) -> bool:
    if data.get(name) is None:
        return False
    return bool(_COMPARE[operator](data[name], value))


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"==": eq, "<=": le, ">=": ge, "<": lt, ">": gt}
