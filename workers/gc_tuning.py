"""Python's cyclic garbage collector, for a process that holds hundreds of thousands of small objects.

A session's state has no cycles: reference counts free it. With the default thresholds the collector scans the whole
state repeatedly, which takes a third of the scorer's time at 5,000 players (`make bench`).
"""

import gc

YOUNG, MIDDLE, OLD = 20_000, 50, 1_000


def collect_seldom() -> None:
    """Call once, when everything is imported."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
