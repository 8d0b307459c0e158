"""The browser that the tests of the screens drive: one that is on the machine, never a download."""

import os
import shutil

VARIABLE = "WORDRUSH_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)


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
    if found is None:
        raise BrowserMissing
    return found
