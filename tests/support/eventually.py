"""Waiting for what must become true, without sleeping longer than needed."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(found: Callable[[], T | None], what: str, timeout_s: float = 120.0, every_s: float = 0.05) -> T:
    """The first truthy value of `found`; raises AssertionError naming `what` never came."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}; last seen: {value!r}")
        time.sleep(every_s)


async def eventually_async(true: Callable[[], object], what: str, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        await asyncio.sleep(0.005)
