"""The command line in this process, on the in-memory twins."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from admin_cli import __main__ as entry
from admin_cli import live_board
from admin_cli.api import Api
from admin_cli.commands import session
from admin_cli.services import Services
from quizcore.adapters.memory import ManualClock, MemoryBus, MemoryStore, SequentialIds
from quizcore.settings import CliSettings
from tests.support.accounts import MemoryAccounts
from tests.support.world import EMULATORS, HOST, World

HOST_UID = "host-1"
LONGEST_PAUSE_S = 0.05


@dataclass(slots=True)
class MemoryServices:
    """The services of commands, all in memory; the API is the world's, called as its host."""

    world: World
    told: dict[str, Any] = field(default_factory=dict)  # of the settings
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    faults: list[str] = field(default_factory=list)  # of the bus
    pauses: list[float] = field(default_factory=list)
    transport: httpx.BaseTransport | None = None

    @property
    def settings(self) -> CliSettings:
        return CliSettings(**{**EMULATORS, "host_uid": HOST_UID, **self.told})

    @property
    def store(self) -> MemoryStore:
        return self.world.store

    @property
    def publisher(self) -> MemoryBus:
        return self.world.bus

    @property
    def clock(self) -> ManualClock:
        return self.world.clock

    @property
    def ids(self) -> SequentialIds:
        return self.world.ids

    @property
    def api(self) -> Api:
        if self.transport is None:
            self.transport = httpx.WSGITransport(app=self.world.client(session_cache_ms=0).application)
        return Api("http://api", HOST, self.world.ids, self.transport, self.sleep)

    @property
    def sleep(self) -> Callable[[float], None]:
        """Shorter than asked for."""
        return self._pause

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        time.sleep(min(seconds, LONGEST_PAUSE_S))

    def operator(self) -> str:
        return "ops@school.example"

    def whose_credentials(self) -> str:
        return "none needed"

    def bus_faults(self) -> list[str]:
        return self.faults


@dataclass(slots=True)
class Cli:
    """Runs a command as `main` does; gives its exit code. What was printed is in `out` and `err`."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    services: MemoryServices = field(init=False)
    out: str = ""
    err: str = ""

    def __post_init__(self) -> None:
        self.services = MemoryServices(self.world)

    def impatient(self) -> None:
        """`watch` ends at once."""
        self.monkeypatch.setattr(session, "watch_board", partial(live_board.watch_board, unless=lambda: True))

    def run(self, *arguments: str, services: Services | None = None) -> int:
        with pytest.raises(SystemExit) as ended:  # Typer ends every command so
            entry.run(arguments, services or self.services)
        self.out, self.err = self.capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0

    def json(self, *arguments: str) -> Any:
        """Raises AssertionError unless the command succeeds."""
        code = self.run("--json", *arguments)
        assert code == 0, self.err
        return json.loads(self.out)

    def parsed(self) -> Any:
        """The printed JSON of a command with `--json`."""
        return json.loads(self.out)

    def refused(self, *arguments: str) -> tuple[int, str]:
        """The exit code and the error's code."""
        code = self.run("--json", *arguments)
        line = self.err.splitlines()[-1]  # after what a worker of the test has logged
        return code, json.loads(line)["error"]["code"]
