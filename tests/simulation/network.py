"""The network between a process and the services: it has delays and faults. A process affects its services only by
calls, so death before a call is sent, while it is in flight, or when its response arrives is death at any of the
process's awaits."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from quizcore.domain.session import PUBLISH_BOUND_MS
from tests.simulation.faults import Faults
from tests.simulation.loop import NOBODY, Process, SimulatedLoop

T = TypeVar("T")
LATE_S = (11.0, 25.0)  # longer than a lease
PAUSE_S = (1.0, 40.0)
BOUND_S = PUBLISH_BOUND_MS / 1000


@dataclass(slots=True)
class Network:
    loop: SimulatedLoop
    rng: random.Random
    faults: Faults
    kill: Callable[[Process], None]
    stop: Callable[[Process], None]

    def call(self, process: Process, effect: Callable[[], T]) -> "asyncio.Future[T]":
        """Let the effect happen at the service; the future has its result or its error."""
        done: asyncio.Future[T] = self.loop.create_future()
        self._trouble(process)
        if process.alive:
            self.loop.call_later(self._time("request_late"), self._arrive, process, effect, done, context=NOBODY)
        return done

    def call_in_thread(self, process: Process, effect: Callable[[], T]) -> T:
        return self.loop.wait_in_thread(self.call(process, effect))

    def _arrive(self, process: Process, effect: Callable[[], T], done: "asyncio.Future[T]") -> None:
        def answer(tell: Callable[[Any], None], what: Any) -> None:
            self._trouble(process)
            if process.alive and not done.done():
                # A process that stands still hears of it when it goes on.
                self.loop.call_soon(lambda: None if done.done() else tell(what), context=process.context)

        back_s = self._time("reply_late")
        try:
            result = effect()
        except Exception as error:
            self.loop.call_later(back_s, answer, done.set_exception, error, context=NOBODY)
        else:
            self.loop.call_later(back_s, answer, done.set_result, result, context=NOBODY)

    def _time(self, late: Any) -> float:
        usual_s, late_s = self.rng.expovariate(1 / 0.005), self.rng.uniform(*LATE_S)
        return late_s if self.faults.strikes(late) else usual_s

    def _trouble(self, process: Process) -> None:
        if not process.alive:
            return
        pause_s = self.rng.uniform(*PAUSE_S)
        if self.faults.strikes("process_killed"):
            self.kill(process)
        elif self.faults.strikes("process_paused"):
            if not process.paused:
                self.loop.pause(process, pause_s)
        elif self.faults.strikes("process_stopped"):
            self.stop(process)
