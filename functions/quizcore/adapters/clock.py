"""The clocks, and the machine's randomness."""

import secrets
import threading
import time
from collections.abc import Callable

import uuid_utils

from quizcore.ports import Clock

NS_PER_MS = 1_000_000
HEARD_FOR_NS = 30_000 * NS_PER_MS  # then what was heard makes room: no two clocks run at quite the same speed


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // NS_PER_MS


class StoreClock:
    """The store's clock, as far as a process can know it: never ahead, and behind by at most as long as the quickest
    of the store's recent answers took. Setting the machine's clock does not move it.

    Each answer of the store bears the store's time. By the time the process hears it, the store's clock shows that
    or more; how much later it is after that, the process's monotonic clock tells. Before the first answer there is only
    the machine's clock. (F. Cristian, "Probabilistic clock synchronization", 1989: only the safe bound of it is used.)
    """

    def __init__(self, machine: Clock, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._machine = machine
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()
        self._since_ns = 0
        self._best: int | None = None  # the store's time less the monotonic clock's
        self._before: int | None = None  # the best of the period before

    def heard(self, store_ms: int) -> None:
        """The store has just answered, and said that it was `store_ms` (since the epoch)."""
        now_ns = self._monotonic_ns()
        offset = store_ms * NS_PER_MS - now_ns
        with self._lock:
            if self._best is None or now_ns - self._since_ns > HEARD_FOR_NS:
                self._before, self._best, self._since_ns = self._best, offset, now_ns
            else:
                self._best = max(self._best, offset)

    def now_ms(self) -> int:
        with self._lock:
            known = [offset for offset in (self._best, self._before) if offset is not None]
        return (self._monotonic_ns() + max(known)) // NS_PER_MS if known else self._machine.now_ms()

    def machine_ahead_ms(self) -> int:
        """How far the machine's clock is ahead of this one; behind: negative."""
        return self._machine.now_ms() - self.now_ms()


class RandomIds:
    def event_id(self) -> str:
        return str(uuid_utils.uuid7())

    def secret_id(self) -> str:
        return secrets.token_hex(16)

    def pin(self) -> str:
        return f"{secrets.randbelow(1_000_000):06}"
