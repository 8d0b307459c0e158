"""The product's processes, each with its own connections, restarted whenever a process ends."""

import asyncio
import random
import signal
from contextlib import suppress
from dataclasses import dataclass, field

from devstack import ports
from devstack.processes import Child, StartFailed
from devstack.stack import Stack
from tests.chaos.line import Line
from tests.conftest import HIGH_RATES

LOOK_EVERY_S = 0.1
RESTART_S = (0.1, 1.0)


@dataclass(slots=True)
class Slot:
    """A place where a process runs, and its lines."""

    name: str
    store: Line
    bus: Line
    child: Child | None = None
    starts: int = 0

    @property
    def env(self) -> dict[str, str]:
        return {"FIRESTORE_EMULATOR_HOST": self.store.address, "PUBSUB_EMULATOR_HOST": self.bus.address}

    @property
    def up(self) -> bool:
        return self.child is not None and self.child.exit_code() is None

    def send(self, number: signal.Signals) -> None:
        if self.child is not None:
            self.child.send(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)


@dataclass(slots=True)
class Cluster:
    stack: Stack
    rng: random.Random
    workers: list[Slot] = field(default_factory=list)
    api: Slot | None = None
    _other_port: int = 0  # the stack's own, which other tests use
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, workers: int) -> None:
        self._other_port = self.stack.api_port
        self.workers = [await self._slot(f"worker {number}") for number in range(workers)]
        self.api = await self._slot("api")
        self.stack.api_port = ports.choose(self.stack.api_port + 1, self.stack.taken)
        for slot in (*self.workers, self.api):
            await asyncio.to_thread(self._start, slot)
        self._keepers = [asyncio.create_task(self._keep_up(slot)) for slot in (*self.workers, self.api)]

    async def stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for slot in (*self.workers, *([self.api] if self.api else [])):
            if slot.child is not None:
                slot.send(signal.SIGCONT)
                await asyncio.to_thread(slot.child.stop)
            await slot.store.close()
            await slot.bus.close()
        self.stack.api_port = self._other_port

    async def _slot(self, name: str) -> Slot:
        slot = Slot(name, Line(self.stack.emulators.host("firestore")), Line(self.stack.emulators.host("pubsub")))
        await slot.store.open()
        await slot.bus.open()
        return slot

    def _start(self, slot: Slot) -> None:
        slot.starts += 1
        if slot is not self.api:
            # The emulator's streams never release the keys of a killed worker.
            slot.child = self.stack.start_worker(("-m", "workers"), WORDRUSH_SOURCE="unary", **slot.env)
            return
        command = [
            *self.stack.framework_command("api", "functions/main.py"),
            *("--host", ports.HOST, "--port", str(self.stack.api_port)),
        ]
        slot.child = self.stack.start("api", command, {**HIGH_RATES, **slot.env})

    async def _keep_up(self, slot: Slot) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not slot.up:
                await asyncio.sleep(self.rng.uniform(*RESTART_S))
                with suppress(StartFailed):  # a fault struck it as it started: once more
                    await asyncio.to_thread(self._start, slot)
