"""How a worker spends the time between SIGTERM and its end.

The platform sends SIGKILL ten seconds after SIGTERM. The work in between has one deadline, `WORDRUSH_DRAIN_S`: most of
it is for commits and acknowledgements, a quarter for the end of the streams and nacks of unread messages, and the rest
for threads that wait for a service.
"""

import asyncio
import os
import sys
import threading
import time

STOP_SHARE = 1 / 4
THREADS_SHARE = 1 / 16


class Ending:
    """Call `begin` at SIGTERM."""

    def __init__(self, total_s: float) -> None:
        self._total_s = total_s
        self._began_at: float | None = None

    def begin(self) -> None:
        self._began_at = asyncio.get_running_loop().time()

    @property
    def drain_s(self) -> float:
        """The time to commit and acknowledge (s)."""
        return self._total_s * (1 - STOP_SHARE - THREADS_SHARE)

    def left_to_stop_s(self) -> float | None:
        """The time that is left for the source to stop (s); None before SIGTERM."""
        if self._began_at is None:
            return None
        return self._began_at + self._total_s * (1 - THREADS_SHARE) - asyncio.get_running_loop().time()


def leave(code: int, total_s: float) -> int:
    """Return the exit code when no thread is left. Otherwise end the process here: the interpreter would wait for a
    thread that waits for the store, and the thread's work is not acknowledged anyway."""
    ends_at = time.monotonic() + total_s * THREADS_SHARE
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, ends_at - time.monotonic()))
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
    return code
