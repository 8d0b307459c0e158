"""Tiers of tests side by side: each lane is a pytest of its own, which starts what it needs on ports of its own."""

import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from devstack import stack
from devstack.emulators import ROOT
from devstack.processes import Child

LOOK_EVERY_S = 0.5
TELL_EVERY_S = 30.0
NICENESS = 5  # a third of the time that another process gets; tests that start servers must not starve
ENDS_WITHIN_S = 60.0  # pytest after SIGINT: it stops the stack that it has started


@dataclass(frozen=True, slots=True)
class Lane:
    """`yields`: its tests only compute; they get the processors when the lanes that wait for services do not."""

    name: str
    tests: tuple[str, ...]
    yields: bool = False

    @property
    def command(self) -> list[str]:
        pytest = [sys.executable, "-m", "pytest", "--durations=10", "--color=no", "-p", "no:cacheprovider", *self.tests]
        return ["nice", "-n", str(NICENESS), *pytest] if self.yields else pytest


@dataclass(slots=True)
class Ran:
    """What became of a lane. `cpu_s`: of all its processes (s, user and system)."""

    name: str
    code: int
    took_s: float
    cpu_s: float
    output: str = ""

    @property
    def last(self) -> str:
        return self.output.rstrip().rpartition("\n")[2]

    @property
    def passed(self) -> int:
        return self._count("passed")

    @property
    def broken(self) -> int:
        """Failures and errors; one when pytest itself could not run."""
        told = self._count("failed") + self._count("errors?")
        return told or int(self.code != 0)

    @property
    def failures(self) -> list[str]:
        return [line for line in self.output.splitlines() if re.match(r"(FAILED|ERROR) ", line)]

    def _count(self, what: str) -> int:
        return sum(int(number) for number in re.findall(rf"(\d+) {what}\b", self.last))


@dataclass(slots=True)
class _Running:
    lane: Lane
    child: Child
    began: float = field(default_factory=time.monotonic)

    @property
    def progress(self) -> str:
        """As pytest says it at the end of a line."""
        told = re.findall(r"\[ *(\d+)%\]$", self.child.log.read_text(errors="replace"), re.MULTILINE)
        return f"{self.lane.name} {told[-1] if told else 0} %"


class Lanes:
    """All lanes that run; their outputs go to `folder` until they have ended."""

    def __init__(self, lanes: Sequence[Lane], folder: Path, env: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._began = time.monotonic()
        self._running = [self._start(lane, folder / f"{lane.name}.log", env) for lane in lanes]

    def ended(self) -> Iterator[Ran]:
        """Each lane as it ends; says in between how far the others are."""
        told_at = time.monotonic()
        while self._running:
            for running in list(self._running):
                before = _cpu_s()
                code = running.child.exit_code()
                if code is not None:
                    self._running.remove(running)
                    output = running.child.log.read_text(errors="replace")
                    yield Ran(running.lane.name, code, time.monotonic() - running.began, _cpu_s() - before, output)
            if time.monotonic() > told_at + TELL_EVERY_S:
                told_at = time.monotonic()
                so_far = ", ".join(running.progress for running in self._running)
                print(f"wordrush: after {told_at - self._began:.0f} s: {so_far}", flush=True)
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        for running in self._running:
            running.child.send(signal.SIGINT)
        for running in self._running:
            try:
                running.child.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                running.child.stop()

    @staticmethod
    def _start(lane: Lane, log: Path, env: Mapping[str, str]) -> _Running:
        log.unlink(missing_ok=True)
        return _Running(lane, Child(lane.name, lane.command, env, ROOT, log))


@contextmanager
def running(lanes: Sequence[Lane], folder: Path, env: Mapping[str, str]) -> Iterator[Lanes]:
    """The lanes run beside the block; none is left behind it. Who is asked to end raises KeyboardInterrupt."""
    # With a handler here the lanes hear SIGINT, also where a shell has started all this in the background.
    with stack.interrupted_by(*stack.ENDINGS):
        started = Lanes(lanes, folder, env)
        try:
            yield started
        finally:
            started.stop()


def _cpu_s() -> float:
    """Of all children that have ended so far, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
