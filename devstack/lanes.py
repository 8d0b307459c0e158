"""Runs tiers of tests in parallel: each lane is a pytest process that starts its own services on its own ports."""

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
ENDS_WITHIN_S = 60.0  # the time of pytest after SIGINT, to stop the stack that it has started


@dataclass(frozen=True, slots=True)
class Lane:
    """`yields`: the lane's tests only compute, so they give way to the lanes that wait for services."""

    name: str
    tests: tuple[str, ...]
    yields: bool = False

    @property
    def command(self) -> list[str]:
        pytest = [sys.executable, "-m", "pytest", "--durations=10", "--color=no", "-p", "no:cacheprovider", *self.tests]
        return ["nice", "-n", str(NICENESS), *pytest] if self.yields else pytest


@dataclass(slots=True)
class LaneResult:
    """`code` is pytest's exit code, `cpu_s` the time of all its processes (s, user and system)."""

    name: str
    code: int
    took_s: float
    cpu_s: float
    output: str = ""

    @property
    def last(self) -> str:
        """Pytest's line of counts. Programs that a test has started may print after it. When there is none, the last
        line."""
        lines = self.output.rstrip().splitlines() or [""]
        return next((line for line in reversed(lines) if re.search(r"\d+ \w+.* in [\d.]+s", line)), lines[-1])

    @property
    def passed(self) -> int:
        return self._count("passed")

    @property
    def broken(self) -> int:
        """Failures and errors; one when pytest itself could not run."""
        counted = self._count("failed") + self._count("errors?")
        return counted or int(self.code != 0)

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
        """The lane's name and the last percentage that pytest printed."""
        percents = re.findall(r"\[ *(\d+)%\]$", self.child.log.read_text(errors="replace"), re.MULTILINE)
        return f"{self.lane.name} {percents[-1] if percents else 0} %"


class Lanes:
    """Starts all lanes at once; the output of each goes to a file in `folder`."""

    def __init__(self, lanes: Sequence[Lane], folder: Path, env: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._began = time.monotonic()
        self._running = [self._start(lane, folder / f"{lane.name}.log", env) for lane in lanes]

    def ended(self) -> Iterator[LaneResult]:
        """Each lane as it ends. Meanwhile prints the progress of the others every `TELL_EVERY_S`."""
        printed_at = time.monotonic()
        while self._running:
            for running in list(self._running):
                before = _cpu_s()
                code = running.child.exit_code()
                if code is not None:
                    self._running.remove(running)
                    output = running.child.log.read_text(errors="replace")
                    yield LaneResult(
                        running.lane.name, code, time.monotonic() - running.began, _cpu_s() - before, output
                    )
            if time.monotonic() > printed_at + TELL_EVERY_S:
                printed_at = time.monotonic()
                so_far = ", ".join(running.progress for running in self._running)
                print(f"wordrush: after {printed_at - self._began:.0f} s: {so_far}", flush=True)
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
    """Run the lanes in parallel with the block, and stop them after it. A signal to end raises KeyboardInterrupt in the
    block."""
    # A shell starts a background job with SIGINT ignored, and children inherit that. A handler here undoes it.
    with stack.interrupted_by(*stack.ENDINGS):
        started = Lanes(lanes, folder, env)
        try:
            yield started
        finally:
            started.stop()


def _cpu_s() -> float:
    """CPU time of all children that have ended, and of their children (s)."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
