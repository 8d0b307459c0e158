"""Requests that share a round trip: callers that arrive while a request is in flight share the next request.

A lone caller sends at once. Under load the number of round trips falls with their duration instead of growing with the
callers (group commit: D. J. DeWitt et al., "Implementation techniques for main memory database systems", 1984).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from quizcore.deadline import within

T = TypeVar("T")
MOST_SHARED = 500
LEAST_S = 0.05  # a caller with less time left would shorten the request that others share


class TimeIsUp(Exception):
    """The caller's time ran out before the request was sent; none of its items was sent."""


@dataclass(slots=True, eq=False)
class _Ticket(Generic[T]):
    items: Sequence[T]
    deadline: float
    woken: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    error: BaseException | None = None


Send = Callable[[str, list[T], float], None]


class GroupCommit(Generic[T]):
    """One of the waiting callers of a key calls `send(key, items, timeout_s)` with the items of all of them."""

    def __init__(self, send: Send[T], timeout_s: float) -> None:
        self._send = send
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._waiting: dict[str, list[_Ticket[T]]] = {}

    def submit(self, key: str, items: Sequence[T]) -> None:
        """Return after the items were sent. Raises what `send` raised, or TimeIsUp."""
        ticket = _Ticket(items, time.monotonic() + within(self._timeout_s))
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
        """Wait until another caller has sent this ticket (returns an empty list), or until this caller leads (returns
        the tickets to send). Raises TimeIsUp."""
        if not ticket.woken.wait(ticket.deadline - time.monotonic()):
            with self._lock:
                queue = self._waiting.get(key, [])
                if ticket in queue and not ticket.woken.is_set():
                    queue.remove(ticket)
                    raise TimeIsUp
            ticket.woken.wait()  # a leader is sending it, and stops no later than this ticket's deadline
        with self._lock:
            if ticket.done:
                return []
            queue = self._waiting[key]
            batch, self._waiting[key] = queue[:MOST_SHARED], queue[MOST_SHARED:]
            return batch

    def _lead(self, key: str, batch: list[_Ticket[T]]) -> None:
        """Send the tickets of the batch that have time left, set their outcome, and wake the first ticket that arrived
        meanwhile."""
        now = time.monotonic()
        late = [ticket for ticket in batch if ticket.deadline - now < LEAST_S]
        for ticket in late:
            ticket.error = TimeIsUp()
        served = [ticket for ticket in batch if ticket.error is None]
        if served:
            error = self._outcome(key, served, min(ticket.deadline for ticket in served) - now)
            for ticket in served:
                ticket.error = error
        with self._lock:
            for ticket in batch:
                ticket.done = True
                ticket.woken.set()
            queue = self._waiting[key]
            if queue:
                queue[0].woken.set()
            else:
                del self._waiting[key]

    def _outcome(self, key: str, batch: list[_Ticket[T]], timeout_s: float) -> BaseException | None:
        """Send, and return the error or None: every caller of the batch gets this outcome."""
        try:
            self._send(key, [item for ticket in batch for item in ticket.items], timeout_s)
        except BaseException as failed:
            return failed
        return None
