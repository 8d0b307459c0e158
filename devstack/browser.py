"""The browser that the tests of the screens drive: one that is on the machine, else Debian's, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

VARIABLE = "WORDRUSH_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
_OWN = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"


class BrowserMissing(Exception):
    """No browser was found. Install Debian's `chromium` or Google Chrome, or set WORDRUSH_BROWSER to its path."""

    def __str__(self) -> str:
        return str(self.__doc__)


def find() -> str:
    """The path of a Chromium. Raises BrowserMissing."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.path.exists(MACOS):
        found = MACOS
    found = found or _playwrights_own()
    if found is None:
        raise BrowserMissing
    return found


def bring(say: Callable[[str], None]) -> str:
    """The path of a Chromium, which is installed when there is none. Raises BrowserMissing."""
    with suppress(BrowserMissing):
        return find()
    for name, commands in _ways():
        say(f"no browser found; installing {name} ...")
        if all(_succeeds(command, say) for command in commands):
            with suppress(BrowserMissing):
                return find()
    raise BrowserMissing


def _ways() -> Iterator[tuple[str, list[list[str]]]]:
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield "Debian's", [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    yield "Playwright's", [[sys.executable, "-m", "playwright", "install", "chromium"]]


def _succeeds(command: list[str], say: Callable[[str], None]) -> bool:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, errors="replace"
    )
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        say(f"`{' '.join(command)}` failed: {''.join(told)}")
    return done.returncode == 0


def _playwrights_own() -> str | None:
    """Asked in a process of its own: the caller may have Playwright at work already."""
    asked = subprocess.run([sys.executable, "-c", _OWN], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if os.path.exists(path) else None
