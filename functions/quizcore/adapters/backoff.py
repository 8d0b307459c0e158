"""Pauses after failures in a row: exponential, with full jitter."""

import random

EXPONENT_MOST = 16  # the cap bounds the pause anyway, and a larger exponent could overflow a float


class Backoff:
    """The back-off of one reader. Pauses grow with the failures since the last success, up to `most_s` (s)."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1

    def succeeded(self) -> None:
        self.failures = 0

    def pause_s(self) -> float:
        """The wait before the next attempt (s); after a success at most `first_s`."""
        bound = min(self._most_s, self._first_s * 2 ** min(self.failures, EXPONENT_MOST))
        return random.uniform(0, bound)  # noqa: S311 (no secret)
