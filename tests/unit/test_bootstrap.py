"""The messages for a newcomer when a tool is missing: one sentence with a remedy."""

import ast
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from devstack import bootstrap

Version = namedtuple("Version", "major minor micro")


def test_an_old_python_gets_a_message_with_the_needed_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 9, 1))

    with pytest.raises(SystemExit, match=r"Python 3\.11 or later is needed, this is 3\.9"):
        bootstrap.check_python()


def test_the_set_up_script_can_be_read_by_an_old_python() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 7))


def test_a_missing_node_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(SystemExit, match=r"Node\.js 20 or later with npm is needed"):
        bootstrap.check_node()


def test_an_old_node_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "node")
    monkeypatch.setattr(subprocess, "check_output", lambda _: b"v18.19.0\n")

    with pytest.raises(SystemExit, match=r"this is 18\.19\.0"):
        bootstrap.check_node()


def test_a_failing_step_names_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "LOCAL", str(tmp_path))
    failing = [sys.executable, "-c", "import sys; print('no route to host'); sys.exit(1)"]

    with pytest.raises(SystemExit) as caught:
        bootstrap.run(failing, "Is the network there?")

    assert "Is the network there?" in str(caught.value)
    assert "no route to host" in str(caught.value)
    assert "no route to host" in (tmp_path / "setup.log").read_text()
