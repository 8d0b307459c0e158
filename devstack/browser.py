"""The browser for tests of the screens: an installed browser, else Debian's, else Playwright's own."""

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
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None and os.path.exists(MACOS):
        path = MACOS
    path = path or _playwrights_own()
    if path is None:
        raise BrowserMissing
    return path


def bring(say: Callable[[str], None]) -> str:
    """The path of a Chromium; installs a Chromium when there is none. Raises BrowserMissing."""
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
        last_line = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        say(f"`{' '.join(command)}` failed: {''.join(last_line)}")
    return done.returncode == 0


def _playwrights_own() -> str | None:
    """In a process of its own, because Playwright may already run in this one."""
    asked = subprocess.run([sys.executable, "-c", _OWN], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if os.path.exists(path) else None
