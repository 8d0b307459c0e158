"""The bounded cache: it drops the least recently used entries, and is safe from several threads."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from http_api.caches import BoundedCache
from http_api.limits import RateLimits
from quizcore.adapters.memory import ManualClock
from quizcore.usecases.rejected import Rejected


def test_the_most_recently_used_entries_stay() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache["a"], cache["b"] = 1, 2
    assert cache.get("a") == 1

    cache["c"] = 3

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert len(cache) == 2


class Slow:
    """A key whose look-up lets other threads run."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        time.sleep(0)
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slow) and other.number == self.number


def test_threads_can_use_the_cache_at_the_same_time() -> None:
    """cachetools alone raises KeyError here."""
    cache: BoundedCache[Slow, int] = BoundedCache(3)

    def use(first: int) -> None:
        for number in range(first, first + 300):
            cache[Slow(number % 6)] = number
            cache.get(Slow((number + 1) % 6))

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(use, first) for first in range(8)]:
            done.result(60)

    assert len(cache) == cache.currsize == 3


def test_simultaneous_first_callers_get_the_same_entry() -> None:
    cache: BoundedCache[str, object] = BoundedCache(10)

    with ThreadPoolExecutor(8) as threads:
        entries = [each.result(60) for each in [threads.submit(cache.setdefault, "s", object()) for _ in range(200)]]

    assert len(set(map(id, entries))) == 1


def test_each_caller_has_a_rate_that_a_pause_restores() -> None:
    clock = ManualClock()
    limits = RateLimits(clock)
    for _ in range(2):
        limits.check("answers", "ann", 2)

    with pytest.raises(Rejected) as told:
        limits.check("answers", "ann", 2)
    assert (told.value.code, told.value.retry_after_s) == ("slow_down", 30)
    limits.check("answers", "ben", 2)
    clock.advance(30_000)
    limits.check("answers", "ann", 2)
