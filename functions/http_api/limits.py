"""How many requests per minute a caller may send."""

import math
import threading

from cachetools import LRUCache

from quizcore.ports import Clock
from quizcore.usecases.rejected import Rejected

REMEMBERED_CALLERS = 100_000
MINUTE_MS = 60_000


class RateLimits:
    """Up to n requests per minute, at once or spread out; after n at once, one more per n-th of a minute. This is the
    generic cell rate algorithm (ATM Forum, Traffic Management 4.0), which stores one number for each caller. Limits
    count per instance: callers spread over several instances may send a little more, never less."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: LRUCache[tuple[str, str], float] = LRUCache(REMEMBERED_CALLERS)

    def check(self, what: str, who: str, per_minute: int, *, spend: bool = True) -> None:
        """Raises Rejected `slow_down` with the seconds to wait. Without `spend` it only checks whether a request is
        left."""
        now, share = self._clock.now_ms(), MINUTE_MS / per_minute
        with self._lock:
            free_at = max(self._free_at.get((what, who)) or 0.0, now) + share
            wait_ms = free_at - now - MINUTE_MS
            if wait_ms <= 0:
                if spend:
                    self._free_at[what, who] = free_at
                return
        raise Rejected("slow_down", "too many requests; wait a little", max(1, math.ceil(wait_ms / 1_000)))
