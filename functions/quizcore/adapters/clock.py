"""The clocks, and the machine's randomness."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import uuid_utils

from quizcore.domain.codes import CODE_CHARS, CODE_LETTERS

NS_PER_MS = 1_000_000
HEARD_FOR_NS = 30_000 * NS_PER_MS  # older bounds are forgotten: no two clocks run at exactly the same speed


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // NS_PER_MS

    def behind_most_ms(self) -> int | None:
        return None


def steady_ns() -> int:
    """A monotonic clock (ns): setting the time does not change it. On a system with CLOCK_BOOTTIME it also counts while
    the machine is suspended."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class StoreClock:
    """An estimate of the store's clock that is never ahead of it, and behind it by at most the shortest round trip of
    the store's recent answers. Setting the machine's clock does not move this clock.

    Each answer of the store carries the store's time. When the answer arrives, the store's clock shows that time or a
    later one. From then on, the process's monotonic clock adds the elapsed time. Before the first answer, `now_ms` is
    the machine's clock. (F. Cristian, "Probabilistic clock synchronization", 1989; only its safe bound is used.)
    """

    def __init__(self, machine_ms: Callable[[], int], steady_ns: Callable[[], int] = steady_ns) -> None:
        self._machine_ms = machine_ms
        self._steady_ns = steady_ns
        self._lock = threading.Lock()
        self._since_ns = 0
        self._recent: _Bounds | None = None
        self._before: _Bounds | None = None  # of the period before

    def heard(self, store_ms: int, took_s: float = 0.0) -> None:
        """Note an answer of the store: it carried the time `store_ms` (ms since the epoch), and the round trip took
        `took_s`."""
        now_ns, store_ns = self._steady_ns(), store_ms * NS_PER_MS
        # The store's time is rounded down to a millisecond, so it may have been almost one millisecond later.
        bounds = _Bounds(store_ns - now_ns, store_ns + NS_PER_MS - (now_ns - int(took_s * 1e9)))
        with self._lock:
            if self._recent is None or now_ns - self._since_ns > HEARD_FOR_NS:
                self._before, self._recent, self._since_ns = self._recent, bounds, now_ns
            else:
                self._recent = self._recent.narrowed(bounds)

    def now_ms(self) -> int:
        bounds = self._bounds()
        return self._machine_ms() if bounds is None else (self._steady_ns() + bounds.least) // NS_PER_MS

    def behind_most_ms(self) -> int | None:
        bounds = self._bounds()
        return None if bounds is None else max(0, -((bounds.least - bounds.most) // NS_PER_MS))

    def machine_ahead_ms(self) -> int:
        """How far the machine's clock is ahead of this clock (ms); negative when it is behind."""
        return self._machine_ms() - self.now_ms()

    def _bounds(self) -> "_Bounds | None":
        with self._lock:
            recent, before = self._recent, self._before
        return recent if recent is None or before is None else recent.narrowed(before)


class _Bounds(NamedTuple):
    """Bounds of the difference: the store's time minus the steady clock (ns)."""

    least: int
    most: int

    def narrowed(self, other: "_Bounds") -> "_Bounds":
        return _Bounds(max(self.least, other.least), min(self.most, other.most))


class RandomIds:
    def event_id(self) -> str:
        return str(uuid_utils.uuid7())

    def secret_id(self) -> str:
        return secrets.token_hex(16)

    def pin(self) -> str:
        return f"{secrets.randbelow(1_000_000):06}"

    def code(self) -> str:
        return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_CHARS))
