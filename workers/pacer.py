"""Decides when a piece of work has its next turn: at most once per interval, at once when hurried, when its clock is
due, and never again when it was idle or is drained. Also makes the pause after a failed turn."""

import asyncio
from collections.abc import Callable

Seconds = float


class Pacer:
    """The first turn is due at once.

    `interval_s` is the shortest time between two turns of pending work. `clock_wait_s` returns the time until the clock
    is due, or None while only new work can cause a turn. Both are called before each wait.
    """

    def __init__(
        self,
        interval_s: Callable[[], Seconds],
        clock_wait_s: Callable[[], Seconds | None],
        idle_s: Seconds,
        pause_s: Seconds,
    ) -> None:
        self._interval_s = interval_s
        self._clock_wait_s = clock_wait_s
        self._idle_s = idle_s
        self._pause_s = pause_s
        self._wake = asyncio.Event()
        self._hurried = True
        self._began_at = float("-inf")
        self.pending = False
        self.draining = False

    def note(self, *, hurried: bool = False) -> None:
        """Note pending work, for the next interval or for now."""
        self.pending = True
        self._hurried |= hurried
        self._wake.set()

    def clear(self) -> None:
        """Note that no work is pending."""
        self.pending = False

    def hurry(self) -> None:
        """Take a turn at once, also without pending work."""
        self._hurried = True
        self._wake.set()

    def drain(self) -> None:
        """Give pending work its turn at once; after that there is no further turn."""
        self.draining = True
        self._wake.set()

    async def next_turn(self) -> bool:
        """Wait for the next turn and begin it; false when there will be none. Note again the work that is still pending
        after the turn."""
        while not self._drained and (wait_s := self._wait_s()) > 0:
            woken = await self._woken_within(wait_s)
            if not woken and self._idle:
                return False
        if self._drained:
            return False
        self.pending = self._hurried = False
        self._began_at = asyncio.get_running_loop().time()
        return True

    async def pause(self) -> None:
        """Wait after a failed turn. A draining pacer does not wait."""
        if not self.draining:
            await asyncio.sleep(self._pause_s)

    @property
    def _drained(self) -> bool:
        return self.draining and not self.pending

    @property
    def _idle(self) -> bool:
        return not self.pending and not self._hurried and self._clock_wait_s() is None

    def _wait_s(self) -> Seconds:
        if self._hurried or self.draining:
            return 0
        waits = [self._idle_s]
        if self.pending:
            waits.append(self._began_at + self._interval_s() - asyncio.get_running_loop().time())
        clock_wait_s = self._clock_wait_s()
        if clock_wait_s is not None:
            waits.append(clock_wait_s)
        return min(waits)

    async def _woken_within(self, wait_s: Seconds) -> bool:
        self._wake.clear()
        try:
            # Not wait_for: until Python 3.12 it can swallow a cancellation that meets a wake-up.
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True
