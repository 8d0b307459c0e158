"""The documents, and a process's connection to them."""

import asyncio
import builtins
from collections.abc import Callable, Sequence
from typing import Any

from quizcore.adapters.memory import MemoryStore
from quizcore.ports import (
    CommitTooLarge,
    Conflict,
    Create,
    DocumentReader,
    OrderBy,
    OutcomeUnknown,
    Replace,
    Snapshot,
    T,
    Where,
    Write,
)
from tests.simulation.loop import Process
from tests.simulation.network import Network

Committed = Callable[[Process, Sequence[Write]], None]


class SharedStore(MemoryStore):
    """The documents as they are. A commit takes so many documents of players at most: as with a limit in bytes, what is
    beyond it must be made in parts."""

    def __init__(self, players_a_commit: int | None = None) -> None:
        super().__init__()
        self._players_a_commit = players_a_commit

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        players = sum("/players/" in write.path for write in writes)
        if self._players_a_commit is not None and players > self._players_a_commit:
            raise CommitTooLarge(f"{players} documents of players")
        return super().commit(writes)

    def look(self, path: str) -> dict[str, Any]:
        """An existing document itself and not a copy: callers must not change it."""
        return self._documents[path].data


class RemoteStore:
    """The shared documents as one process reaches them; `committed` hears of every commit that is made, and `heard` the
    store's time with each answer."""

    def __init__(
        self,
        shared: SharedStore,
        process: Process,
        network: Network,
        committed: Committed,
        now_ms: Callable[[], int],
        heard: Callable[[int, float], None],
    ) -> None:
        self._shared = shared
        self._process = process
        self._network = network
        self._committed = committed
        self._now_ms = now_ms
        self._heard = heard

    def get(self, path: str) -> Snapshot | None:
        return self._read(lambda: self._shared.get(path))

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        return self._read(lambda: self._shared.get_many(paths))

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        return self._read(lambda: self._shared.list(collection, where, limit, order_by, after))

    def find(self, name: str, where: Sequence[Where]) -> "builtins.list[Snapshot]":
        return self._read(lambda: self._shared.find(name, where))

    def count(self, collection: str, where: Sequence[Where]) -> int:
        return self._read(lambda: self._shared.count(collection, where))

    def at_one_moment(self, read: Callable[[DocumentReader], T]) -> T:
        return self._read(lambda: read(self._shared))

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        raise NotImplementedError("a worker does not listen")

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        faults, kept = self._network.faults, list(writes)

        def effect() -> dict[str, Any]:
            if faults.strikes("commit_lost"):
                raise OutcomeUnknown("lost on the way there")
            versions = self._shared.commit(kept)
            self._committed(self._process, kept)
            if faults.strikes("commit_reply_lost"):
                raise OutcomeUnknown("lost on the way back")
            if faults.strikes("commit_sent_twice") and any(isinstance(write, Create | Replace) for write in kept):
                raise Conflict("the repetition met what the first had written")
            return versions

        return self._answered(effect)

    def _read(self, effect: Callable[[], T]) -> T:
        if self._network.faults.strikes("read_failed"):
            lost: asyncio.Future[T] = self._network.loop.create_future()
            error = OutcomeUnknown("the read was not answered")
            self._network.loop.call_later(0.5, lost.set_exception, error)
            return self._network.loop.wait_in_thread(lost)
        return self._answered(effect)

    def _answered(self, effect: Callable[[], T]) -> T:
        """The result of the effect; the response has the store's time."""
        began = self._network.loop.time()
        result, at_ms = self._network.call_in_thread(self._process, lambda: (effect(), self._now_ms()))
        self._heard(at_ms, self._network.loop.time() - began)
        return result
