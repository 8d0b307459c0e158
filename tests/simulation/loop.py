"""An event loop whose time is simulated: nothing waits, and a seed runs the same way every time.

Work given to threads (`asyncio.to_thread`) runs in a greenlet, so that it can stand still in the middle of a call, as
a thread does that waits for the network, while others go on.
"""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

T = TypeVar("T")
CLOSING_S = 10.0
STEPS_MOST = 300_000  # a run has some ten thousand; more is going round in circles
Entry = tuple[float, int, asyncio.TimerHandle, "Process | None"]


@dataclass(slots=True, eq=False)
class Process:
    """A part of the world that can stand still or be gone. All tasks made within its context belong to it."""

    name: str
    alive: bool = True
    paused: bool = False
    backlog: list[asyncio.TimerHandle] = field(default_factory=list)
    context: Context = field(default_factory=copy_context)

    def __post_init__(self) -> None:
        self.context.run(PROCESS.set, self)


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)
NOBODY = copy_context()


class SimulatedLoop(asyncio.AbstractEventLoop):
    """As much of an event loop as the worker uses. What is due at one moment runs in the order of asking."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        self._now = 0.0
        self._queue: list[Entry] = []
        self._order = count()
        self._hub = getcurrent()
        self._threads: list[greenlet] = []
        self._tasks: list[asyncio.Task[Any]] = []  # also those of processes that are gone, until `close`
        self._standing: set[Process] = set()
        self._closing = False

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_at(self._now, callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context  # an empty one is false
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._queue, (max(when, self._now), next(self._order), handle, context.get(PROCESS)))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Asked for by asyncio; a cancelled handle is passed over when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Any:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.append(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.faults.append(context.get("exception") or RuntimeError(context.get("message", "")))

    def run_in_executor(  # type: ignore[override] # a Future is awaitable, which is what is promised
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        done: asyncio.Future[T] = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not done.cancelled():
                    done.set_exception(error)
            else:
                if not done.cancelled():
                    done.set_result(result)

        thread = greenlet(work)
        self._threads.append(thread)
        self.call_soon(thread.switch)
        return done

    def wait_in_thread(self, awaited: "asyncio.Future[T]") -> T:
        """Suspends a simulated thread instead of blocking. Raises the error of the future."""
        me = getcurrent()
        awaited.add_done_callback(lambda _: me.switch())
        self._hub.switch()
        return awaited.result()

    def run(self, done: Callable[[], bool], latest: float) -> bool:
        """Let time pass until `done`, or not beyond `latest` (s) or all bounds; gives whether it is done."""
        asyncio._set_running_loop(self)
        try:
            for _ in range(STEPS_MOST):
                if done():
                    return True
                if not self._queue or self._queue[0][0] > latest:
                    return False
                self._step(*heapq.heappop(self._queue))
        finally:
            asyncio._set_running_loop(None)
        return False

    def _step(self, when: float, _order: int, handle: asyncio.TimerHandle, process: Process | None) -> None:
        if handle.cancelled():
            return
        if process is not None and not self._closing and (process.paused or not process.alive):
            process.backlog.append(handle)
            self._standing.add(process)
            return
        self._now = max(self._now, when)
        handle._run()

    def pause(self, process: Process, seconds: float) -> None:
        """As SIGSTOP does; what was due in between happens at once afterwards."""
        process.paused = True
        self.call_later(seconds, self._resume, process, context=NOBODY)

    def _resume(self, process: Process) -> None:
        process.paused = False
        if process.alive:
            self._catch_up(process)

    def _catch_up(self, process: Process) -> None:
        late, process.backlog = process.backlog, []
        for handle in late:
            heapq.heappush(self._queue, (self._now, next(self._order), handle, process))

    def close(self) -> None:
        """End all simulated threads that are in the middle of a call, of any process."""
        self._closing = True
        for process in self._standing:
            self._catch_up(process)
        for thread in self._threads:
            if thread:
                thread.throw(GreenletExit)
        pending = [task for task in self._tasks if not task.done()]
        for task in pending:
            task.cancel()
        self.run(lambda: all(task.done() for task in pending), self._now + CLOSING_S)
