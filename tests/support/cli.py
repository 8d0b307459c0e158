"""The command line in this process, on the in-memory twins."""

import json
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

import admin_cli.app  # every command's module is there to be patched
from admin_cli import __main__ as entry
from admin_cli import wiring
from admin_cli.commands import session
from admin_cli.output import out
from quizcore.settings import CliSettings
from tests.support.world import EMULATORS, World

HOST_UID = "host-1"


@dataclass(slots=True)
class Cli:
    """Runs a command as `main` does; gives its exit code. What was printed is in `out` and `err`."""

    world: World
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    settings: dict[str, Any] = field(default_factory=dict)
    out: str = ""
    err: str = ""

    def __post_init__(self) -> None:
        self.replace("services", self.services)

    def services(self) -> wiring.Services:
        settings = CliSettings(**{**EMULATORS, "host_uid": HOST_UID, **self.settings})
        return wiring.Services(settings, self.world.store, self.world.clock, self.world.ids)

    def replace(self, name: str, value: object) -> None:
        """In every module of commands that has it from the composition root."""
        for module_name, module in list(sys.modules.items()):
            if module_name.startswith("admin_cli.") and hasattr(module, name):
                self.monkeypatch.setattr(module, name, value)

    def impatient(self) -> None:
        """The world's bus is there too, no account is, `watch` ends at once, and nothing waits long."""
        self.replace("publisher", lambda: self.world.bus)
        self.replace("delete_account", lambda uid: False)
        self.replace("watch_board", partial(session.watch_board, unless=lambda: True))
        self.replace("LOOK_EVERY_S", 0.01)
        self.replace("PAUSE_S", 0.0)

    def run(self, *arguments: str) -> int:
        self.monkeypatch.setattr(sys, "argv", ["wordrush", *arguments])
        self.monkeypatch.setattr(out, "as_json", False)
        with pytest.raises(SystemExit) as ended:  # Typer ends every command so
            entry.main()
        self.out, self.err = self.capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else 0

    def json(self, *arguments: str) -> Any:
        """Raises AssertionError unless the command succeeds."""
        code = self.run("--json", *arguments)
        assert code == 0, self.err
        return json.loads(self.out)

    def refused(self, *arguments: str) -> tuple[int, str]:
        """The exit code and the error's code."""
        code = self.run("--json", *arguments)
        return code, json.loads(self.err)["error"]["code"]


__all__ = ["Cli", "admin_cli"]
