"""The in-memory store with its reads counted, as Firestore bills them."""

import builtins
from collections.abc import Sequence
from typing import Any

from quizcore.adapters.memory import MemoryStore
from quizcore.ports import OrderBy, Snapshot, Where

ENTRIES_A_READ = 1_000  # of an index, when documents are counted


class CountingStore(MemoryStore):
    """`reads` is how many documents were read; a query without a result is one, a count one for a thousand entries.
    `paths` are those that were asked for by name."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.reads = 0
        self.paths: list[str] = []

    def forget(self) -> None:
        self.reads, self.paths = 0, []

    def get(self, path: str) -> Snapshot | None:
        self._count([path])
        return super().get(path)

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self._count(paths)
        return super().get_many(paths)

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        found = super().list(collection, where, limit, order_by, after)
        self.reads += max(1, len(found))
        return found

    def find(self, name: str, where: Sequence[Where]) -> builtins.list[Snapshot]:
        found = super().find(name, where)
        self.reads += max(1, len(found))
        return found

    def count(self, collection: str, where: Sequence[Where]) -> int:
        found = super().count(collection, where)
        self.reads += max(1, -(-found // ENTRIES_A_READ))
        return found

    def _count(self, paths: Sequence[str]) -> None:
        self.reads += len(paths)
        self.paths += paths
