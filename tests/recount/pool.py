"""Two worker processes that receive deliveries at least once, and are started again when they are killed."""

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from devstack.emulators import ROOT
from devstack.stack import Stack
from quizcore.ports import FinalSession
from tests.recount.points import Point

WORKERS = 2
AT_ONCE = 4  # sessions in flight in a worker
REFUSED_PAUSE_S = 0.5
Received = Callable[[FinalSession], None]


@dataclass
class Pool:
    """`points` are where the next workers are killed, each after at most `most` visits of the point. `received` is
    called with each session that a worker has acknowledged."""

    stack: Stack
    rng: random.Random
    points: list[Point]
    most: int
    received: Received
    killed: list[Point] = field(default_factory=list)
    refused: int = 0
    waiting: asyncio.Queue[FinalSession] = field(default_factory=asyncio.Queue)
    open: int = 0
    _ending: bool = False
    _slots: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        self._slots = [asyncio.create_task(self._keep_up(number)) for number in range(WORKERS)]

    def deliver(self, final: FinalSession) -> None:
        self.open += 1
        self.waiting.put_nowait(final)

    def check(self) -> None:
        """Raise the error of a worker's task, if there is one."""
        for slot in self._slots:
            if slot.done():
                slot.result()

    async def stop(self) -> None:
        self._ending = True
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)

    async def _keep_up(self, number: int) -> None:
        while not self._ending:
            point = self.points.pop(0) if self.points else None
            process = await self._start(number, point)
            try:
                await self._use(process)
            finally:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)  # the library's own would take the exit code away
                code = await process.wait()
            assert code == -signal.SIGKILL, f"worker {number} ended with {code}; see {self._log(number)}"
            assert point, f"worker {number} was killed without a reason"
            self.killed.append(point)

    async def _start(self, number: int, point: Point | None) -> Process:
        told = [point or "never", str(self.rng.randint(1, self.most))]
        with open(self._log(number), "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.recount.worker", *told),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **self.stack.env},
                start_new_session=True,
            )
        assert process.stdout is not None
        await process.stdout.readline()  # ready
        return process

    def _log(self, number: int) -> str:
        return str(self.stack.run_dir / f"recount-{number}.log")

    async def _use(self, process: Process) -> None:
        """Until the process ends. Sessions that it has not acknowledged are delivered again."""
        held: dict[str, FinalSession] = {}
        room = asyncio.Semaphore(AT_ONCE)
        feeding = asyncio.create_task(self._feed(process, held, room))
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                name, how = line.decode().split()
                final = held.pop(name)
                room.release()
                if how == "received":
                    self.open -= 1
                    self.received(final)
                else:
                    self.refused += 1
                    asyncio.get_running_loop().call_later(REFUSED_PAUSE_S, self.waiting.put_nowait, final)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            for final in held.values():
                self.waiting.put_nowait(final)

    async def _feed(self, process: Process, held: dict[str, FinalSession], room: asyncio.Semaphore) -> None:
        assert process.stdin is not None
        number = 0
        while True:
            await room.acquire()
            final = await self.waiting.get()
            number += 1
            held[str(number)] = final
            process.stdin.write(f"{number} {json.dumps(asdict(final))}\n".encode())


def shuffled(points: Sequence[Point], rng: random.Random) -> list[Point]:
    return rng.sample(points, len(points))
