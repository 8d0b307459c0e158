"""CPU time and memory of each part of the stack, between two moments."""

import threading
import time
from dataclasses import dataclass, field

import psutil

from devstack.stack import Stack

EVERY_S = 0.5
MIB = 2**20


@dataclass(slots=True)
class Part:
    """CPU time in seconds, the largest resident set in MiB."""

    cpu_s: float = 0.0
    rss_mib: float = 0.0


@dataclass(slots=True)
class Watch:
    """Samples in a thread; `end` gives the parts."""

    named: dict[str, list[psutil.Process]]
    before: dict[int, float] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _began: float = field(default_factory=time.monotonic)

    def start(self) -> "Watch":
        self.before = {process.pid: _cpu_s(process) for group in self.named.values() for process in group}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def end(self) -> dict[str, dict[str, float]]:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        took = time.monotonic() - self._began
        return {
            name: {"cpu_s": round(part.cpu_s, 2), "cores": round(part.cpu_s / took, 2), "rss_mib": round(part.rss_mib)}
            for name, part in self.parts.items()
        }

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            self._sample()
        self._sample()

    def _sample(self) -> None:
        for name, group in self.named.items():
            part = self.parts.setdefault(name, Part())
            living = [process for process in group if process.is_running()]
            part.cpu_s = sum(_cpu_s(process) - self.before.get(process.pid, 0.0) for process in living)
            part.rss_mib = max(part.rss_mib, sum(_rss(process) for process in living) / MIB)


def processes_of(stack: Stack, **more: int) -> dict[str, list[psutil.Process]]:
    """Name → processes of the stack; `more` adds others, by name and pid."""
    named: dict[str, list[psutil.Process]] = {}
    workers = 0
    for child in stack.children:
        if child.exit_code() is not None:
            continue
        name = child.name
        if name == "worker":
            workers += 1
            name = f"worker {workers}"
        named[name] = _family(child.pid)
    for process in _family(stack.emulators.child.pid):
        named.setdefault(_emulator(process), []).append(process)
    return named | {name: _family(pid) for name, pid in more.items()}


def _emulator(process: psutil.Process) -> str:
    command = " ".join(process.cmdline()).lower()
    names = {"firestore": "Firestore emulator", "pubsub": "Pub/Sub emulator"}
    if "java" not in command.split(" ", 1)[0]:
        return "firebase-tools (Auth)"
    return next((title for name, title in names.items() if name in command), "Pub/Sub emulator")


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
