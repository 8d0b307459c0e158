"""`make test` needs only what the README names: it installs a missing browser, or says what to do."""

import os
import sys
from pathlib import Path

import pytest

from devstack import browser, lanes, suite
from devstack.browser import BrowserMissing

APT = """#!/bin/sh
echo "apt-get $*" >> {log}
[ "$1" = install ] && {install}
exit {code}
"""
# Stands in for Python: installs Playwright's browser when it may, and tells where that would be.
PYTHON = """#!/bin/sh
[ "$1" = -c ] && echo {own} && exit 0
echo "$*" >> {log}
[ {code} = 0 ] && : > {own}
exit {code}
"""


class Machine:
    """One whose PATH is a folder, with nothing in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin, self.own, self._log = folder / "bin", folder / "chrome", folder / "log"
        self.bin.mkdir()
        self._log.touch()
        self.said: list[str] = []
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.delenv(browser.VARIABLE, raising=False)
        monkeypatch.setattr(browser, "MACOS", str(folder / "none"))
        monkeypatch.setattr(browser, "NAMES", ("a-chromium", "another-chrome"))
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(sys, "executable", str(folder / "python"))
        self.has_playwright(works=False)

    def has(self, name: str, script: str = "") -> Path:
        return _executable(self.bin / name, script)

    def has_apt(self, *, works: bool) -> None:
        path = self.bin / "a-chromium"
        install = f": > {path} && /bin/chmod +x {path}" if works else "echo 'E: Unable to locate package' >&2"
        self.has("apt-get", APT.format(log=self._log, install=install, code=0 if works else 100))

    def has_playwright(self, *, works: bool) -> None:
        script = PYTHON.format(log=self._log, own=self.own, code=0 if works else 1)
        _executable(Path(sys.executable), script)

    @property
    def installs(self) -> list[str]:
        return self._log.read_text().splitlines()

    def bring(self) -> str:
        return browser.bring(self.said.append)


def _executable(path: Path, script: str) -> Path:
    path.write_text(script)
    path.chmod(0o755)
    return path


@pytest.fixture(name="machine")
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_an_existing_browser_is_used_and_nothing_is_installed(machine: Machine) -> None:
    machine.has_apt(works=True)
    there = machine.has("another-chrome")

    assert machine.bring() == str(there)
    assert (machine.installs, machine.said) == ([], [])


def test_the_browser_in_the_environment_comes_first(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has("another-chrome")
    monkeypatch.setenv("WORDRUSH_BROWSER", "/opt/my-browser")

    assert machine.bring() == "/opt/my-browser"


def test_root_without_a_browser_gets_debian_s(machine: Machine) -> None:
    machine.has_apt(works=True)

    assert machine.bring() == str(machine.bin / "a-chromium")
    assert machine.installs == ["apt-get update -qq", "apt-get install -y -qq chromium"]
    assert machine.said == ["no browser found; installing Debian's ..."]


@pytest.mark.parametrize("apt", ["there is none", "it fails", "one must be root"])
def test_without_debian_s_playwright_s_browser_is_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, apt: str
) -> None:
    if apt != "there is none":
        machine.has_apt(works=apt != "it fails")
    if apt == "one must be root":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.has_playwright(works=True)

    assert machine.bring() == str(machine.own)
    assert machine.installs[-1] == "-m playwright install chromium"
    assert machine.bring() == str(machine.own), "the next time it is there"
    assert machine.installs.count("-m playwright install chromium") == 1


def test_when_no_browser_can_be_installed_one_sentence_says_what_to_do(machine: Machine) -> None:
    machine.has_apt(works=False)

    with pytest.raises(BrowserMissing, match="Install Debian's `chromium` or Google Chrome, or set WORDRUSH_BROWSER"):
        machine.bring()

    assert len(machine.installs) == 2, "both ways were tried"
    assert machine.said[1].startswith("`apt-get update -qq` failed")


def test_without_a_browser_no_test_starts(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[object] = []
    monkeypatch.setattr(lanes, "running", lambda *given: started.append(given))

    assert suite.run(lint_only=False, pytest_arguments=[]) == 1

    assert started == []
    assert capsys.readouterr().out.splitlines()[-1] == f"wordrush: {BrowserMissing()}"
