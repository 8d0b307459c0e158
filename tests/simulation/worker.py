"""The product's worker as a process that is killed, stopped, started again, and whose clock is wrong."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quizcore.adapters.clock import StoreClock
from quizcore.domain.codes import CODE_CHARS, CODE_LETTERS
from quizcore.ports import Delivery, FinalSession, Write
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from tests.simulation.bus import SimulatedBus
from tests.simulation.loop import NOBODY, Process, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.receiver import RemoteReceiver
from tests.simulation.source import RemotePublisher, RemoteSource
from tests.simulation.store import RemoteStore, SharedStore
from tests.support.games import START
from tests.support.world import worker_settings
from workers.wiring import Outside, build_engine

SETTINGS = worker_settings(
    top_k=4,
    flush_at=5,
    commit_attempts=3,
    give_up_pause_s=1,
    idle_s=15,
    interval_50_ms=100,
    shard_players_most=1_000,
)
CLOCKS_OFF_MS = 300
JUMP_MS = 5_000
RESTART_S = (0.2, 8.0)
GONE_S = (0.0, 12.0)  # until the bus notices that a killed process is gone


@dataclass(slots=True)
class Clock:
    """True time, and how far a process's own is off it (ms)."""

    loop: SimulatedLoop
    off_ms: int = 0

    def now_ms(self) -> int:
        return START + int(self.loop.time() * 1000) + self.off_ms

    def behind_most_ms(self) -> int:
        return max(0, -self.off_ms)


class SeededIds:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def event_id(self) -> str:
        return f"{self._rng.getrandbits(96):024x}"

    def secret_id(self) -> str:
        return f"{self._rng.getrandbits(64):016x}"

    def pin(self) -> str:
        return f"{self._rng.randrange(1_000_000):06}"

    def code(self) -> str:
        return "".join(self._rng.choice(CODE_LETTERS) for _ in range(CODE_CHARS))


class Watch(Protocol):
    """The checker of the laws."""

    def committed(self, process: Process, writes: Sequence[Write]) -> None: ...

    def acknowledged(self, deliveries: Sequence[Delivery]) -> None: ...

    def handed_on(self, process: Process, final: FinalSession) -> None: ...


@dataclass(slots=True)
class Cluster:
    """So many workers; one that has gone comes back as a new process."""

    loop: SimulatedLoop
    rng: random.Random
    network: Network
    bus: SimulatedBus
    shared: SharedStore
    ids: SeededIds
    watch: Watch
    tell: Callable[[str], None]
    settings: WorkerSettings = SETTINGS
    faults: list[BaseException] = field(default_factory=list)
    closed: bool = False
    clocks: dict[str, Clock] = field(default_factory=dict)
    _sources: dict[str, RemoteSource] = field(default_factory=dict)
    _stops: dict[str, asyncio.Event] = field(default_factory=dict)
    _started: int = 0

    def start(self) -> None:
        self._started += 1
        process = Process(f"worker {self._started}")
        self.tell(f"{process.name} starts")
        machine = Clock(self.loop, self.rng.randrange(-CLOCKS_OFF_MS, CLOCKS_OFF_MS))
        clock = StoreClock(machine.now_ms, lambda: int(self.loop.time() * 1e9))
        source = RemoteSource(self.bus, process, self.network, self.watch.acknowledged)
        outside = Outside(
            source,
            RemoteStore(self.shared, process, self.network, self.watch.committed, Clock(self.loop).now_ms, clock.heard),
            RemotePublisher(self.bus, process, self.network),
            clock,
            self.ids,
            [RemoteReceiver(process, self.network, self.watch.handed_on)],
        )
        stop = asyncio.Event()
        self.clocks[process.name], self._sources[process.name], self._stops[process.name] = machine, source, stop
        work = build_engine(outside, self.settings, Telemetry()).run(stop)
        task = self.loop.create_task(work, name=process.name, context=process.context)
        task.add_done_callback(lambda ended: self._ended(process, ended), context=NOBODY)
        self.loop.call_later(1.0, self._jump, process, context=process.context)

    def kill(self, process: Process) -> None:
        """As SIGKILL does: nothing of it runs on, and the bus notices after a while."""
        process.alive = False
        self.tell(f"{process.name} is killed")
        self.loop.call_later(self.rng.uniform(*GONE_S), self.bus.detach, self._sources[process.name], context=NOBODY)
        self._start_later()

    def stop(self, process: Process) -> None:
        """As SIGTERM does: it drains, then ends."""
        self.tell(f"{process.name} is told to stop")
        self._stops[process.name].set()

    def _start_later(self) -> None:
        if not self.closed:
            self.loop.call_later(self.rng.uniform(*RESTART_S), self.start, context=NOBODY)

    def _ended(self, process: Process, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.faults.append(error)
        self.tell(f"{process.name} has ended")
        process.alive = False
        self._start_later()

    def _jump(self, process: Process) -> None:
        """Somebody sets the machine's clock."""
        clock, off_ms = self.clocks[process.name], self.rng.randrange(-JUMP_MS, JUMP_MS)
        if self.network.faults.strikes("clock_jumped"):
            clock.off_ms = off_ms
            self.tell(f"{process.name}'s clock is {off_ms} ms off")
        self.loop.call_later(1.0, self._jump, process)
