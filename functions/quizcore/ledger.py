"""Usage metering by operation, in the units that Firestore and Pub/Sub bill.

The adapters count the units; their callers name the operation. `docs/cost.md` turns the sums into a bill.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Operation = Literal[
    "open",  # a session is opened
    "join",
    "answer",
    "command",
    "standings",
    "profile",  # of a person, and what the person keeps
    "class",  # a host's, and its members
    "read",  # the host's lists, the report, the keys after the end
    "deliver",  # messages that a worker receives
    "load",  # a shard's state from its documents
    "commit",  # a shard's commit
    "merge",  # the public board of many shards
    "reshard",
    "adopt",  # checks for overdue sessions
    "clock",  # events that the worker publishes without a host
    "hand_on",  # final sessions
    "count",  # the results of final sessions, for their people
    "fold",  # what moved, into leaderboards
    "other",
]
Unit = Literal["reads", "writes", "deletes", "written_bytes", "messages", "message_bytes", "sessions"]

_operation: ContextVar[Operation] = ContextVar("operation", default="other")


@contextmanager
def spent_on(operation: Operation) -> Iterator[None]:
    """Count all usage inside the block for `operation`, also in threads that asyncio starts there."""
    token = _operation.set(operation)
    try:
        yield
    finally:
        _operation.reset(token)


def now_on(operation: Operation) -> None:
    """Count all further usage of this thread for `operation`."""
    _operation.set(operation)


class Ledger:
    """Sums since the start of the process; safe from several threads."""

    def __init__(self) -> None:
        self._sums: Counter[tuple[Operation, Unit]] = Counter()
        self._lock = threading.Lock()

    def spend(self, unit: Unit, amount: int) -> None:
        if amount:
            with self._lock:
                self._sums[_operation.get(), unit] += amount

    def sums(self) -> dict[str, dict[str, int]]:
        """By operation, then by unit."""
        with self._lock:
            sums = dict(self._sums)
        by_operation: dict[str, dict[str, int]] = {}
        for (operation, unit), amount in sorted(sums.items()):
            by_operation.setdefault(operation, {})[unit] = amount
        return by_operation
