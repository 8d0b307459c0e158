"""Requests that share a round trip: who comes while one is under way shares the next.

A lone caller waits for nobody. Under load the number of round trips falls with their duration instead of growing with
the callers (group commit: D. J. DeWitt et al., "Implementation techniques for main memory database systems", 1984).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
MOST_SHARED = 500


class TimeIsUp(Exception):
    """The request before did not end in time; nothing of this call was sent."""


@dataclass(slots=True, eq=False)
class _Ticket(Generic[T]):
    items: Sequence[T]
    deadline: float
    woken: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    error: BaseException | None = None


Send = Callable[[str, list[T], float], None]


class GroupCommit(Generic[T]):
    """`send(key, items, timeout_s)` is called with the items of one or more callers of the same key, by one of them."""

    def __init__(self, send: Send[T], timeout_s: float) -> None:
        self._send = send
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._waiting: dict[str, list[_Ticket[T]]] = {}

    def submit(self, key: str, items: Sequence[T]) -> None:
        """Return when the items were sent. Raises what `send` raised, or TimeIsUp."""
        ticket = _Ticket(items, time.monotonic() + self._timeout_s)
        with self._lock:
            queue = self._waiting.get(key)
            if queue is None:
                self._waiting[key] = []
            else:
                queue.append(ticket)
        batch = [ticket] if queue is None else self._turn(key, ticket)
        if batch:
            self._lead(key, batch)
        if ticket.error is not None:
            raise ticket.error

    def _turn(self, key: str, ticket: _Ticket[T]) -> list[_Ticket[T]]:
        """Wait to be sent by another, or to lead: then the callers to send for. Raises TimeIsUp."""
        if not ticket.woken.wait(ticket.deadline - time.monotonic()):
            with self._lock:
                queue = self._waiting.get(key, [])
                if ticket in queue and not ticket.woken.is_set():
                    queue.remove(ticket)
                    raise TimeIsUp
            ticket.woken.wait()  # it is on its way with others, who ran out of time no later
        with self._lock:
            if ticket.done:
                return []
            queue = self._waiting[key]
            batch, self._waiting[key] = queue[:MOST_SHARED], queue[MOST_SHARED:]
            return batch

    def _lead(self, key: str, batch: list[_Ticket[T]]) -> None:
        """Send for all of the batch, tell them, and wake the first of those who came meanwhile."""
        error: BaseException | None = None
        try:
            items = [item for ticket in batch for item in ticket.items]
            self._send(key, items, max(0.0, batch[0].deadline - time.monotonic()))
        except BaseException as failed:  # it belongs to every caller of the batch, whatever it is
            error = failed
        with self._lock:
            for ticket in batch:
                ticket.done, ticket.error = True, error
                ticket.woken.set()
            queue = self._waiting[key]
            if queue:
                queue[0].woken.set()
            else:
                del self._waiting[key]
