"""Coroutines in parallel with a browser: Playwright's event loop owns the thread that drives it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="aside")


def start_aside(work: Coroutine[Any, Any, T]) -> Future[T]:
    return _threads.submit(asyncio.run, work)


def run_aside(work: Coroutine[Any, Any, T]) -> T:
    """Raises what the coroutine raises."""
    return start_aside(work).result()
