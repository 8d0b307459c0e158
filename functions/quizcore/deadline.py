"""Until when the work at hand must be done, across all the calls that it makes.

Each call of an adapter has a time-out of its own; in an outage they would add up. Who begins the work says how long the
whole may take, and the adapters ask how much of that is left.
"""

import time
from contextvars import ContextVar

LEAST_S = 0.001  # no time-out at all is what some libraries take 0 for

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


def must_end_within(seconds: float | None) -> None:
    """Whatever this thread does from here on, until it is told another deadline; None ends the deadline."""
    _ends_at.set(None if seconds is None else time.monotonic() + seconds)


def within(most_s: float) -> float:
    """How long a call may take (s): `most_s`, or what is left when that is less."""
    ends_at = _ends_at.get()
    return most_s if ends_at is None else max(LEAST_S, min(most_s, ends_at - time.monotonic()))
