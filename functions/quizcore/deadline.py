"""One deadline for all calls that a piece of work makes.

Each call of an adapter has a time-out of its own; in an outage the time-outs would add up. The code that begins the
work sets the deadline, and the adapters ask for the time left.
"""

import time
from contextvars import ContextVar

LEAST_S = 0.001  # some libraries take 0 as: no time-out

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


def must_end_within(seconds: float | None) -> None:
    """Set the deadline of this thread, until the next call; None removes the deadline."""
    _ends_at.set(None if seconds is None else time.monotonic() + seconds)


def within(most_s: float) -> float:
    """The time limit of a call (s): `most_s`, or the time left when that is less."""
    ends_at = _ends_at.get()
    return most_s if ends_at is None else max(LEAST_S, min(most_s, ends_at - time.monotonic()))
