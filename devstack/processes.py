"""Child processes, each in a process group and with a log file of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_S = 30.0


class StartFailed(Exception):
    """A part of the stack did not start; the message ends with the last lines of its log."""


class Child:
    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        if self.exit_code() is None:
            os.kill(self.pid, number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        """Raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout_s)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the signal, wait at most `STOP_S`, then kill the whole group, so that no grandchild is left."""
        self.send(number)
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self._end_group()
            self.wait()
        self._end_group()

    def fail(self, what: str) -> StartFailed:
        tail = self.log.read_text(errors="replace").strip().splitlines()[-12:]
        return StartFailed(f"{self.name} {what}. The end of {self.log}:\n  " + "\n  ".join(tail))

    def _end_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def wait_until(ready: Callable[[], bool], child: Child, timeout_s: float, every_s: float = 0.1) -> None:
    """Raises StartFailed when the child ends or the time is up first."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if child.exit_code() is not None:
            raise child.fail(f"ended with code {child.exit_code()}")
        if time.monotonic() > deadline:
            raise child.fail(f"was not ready after {timeout_s:.0f} s")
        time.sleep(every_s)
