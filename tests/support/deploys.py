"""Another release of the screens, on the Hosting emulator that serves the first release."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.hosting import ASSETS

TEXT = {".js", ".css", ".html"}


@contextmanager
def put_back_after(site: Path) -> Iterator[None]:
    """Restore `site` after the block."""
    before = site.with_name(f"{site.name}-before")
    shutil.copytree(site, before)
    try:
        yield
    finally:
        # The folder itself stays, because Hosting has it open.
        for each in site.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(before, site, dirs_exist_ok=True)
        shutil.rmtree(before)


def deploy_another(site: Path) -> None:
    """The same screens under other names, as any change gives them: no file of the release before is left.

    No page may be loading: Hosting's emulator ends when a file goes between its look and its read.
    """
    assets = site / ASSETS
    names = {file.name: f"{file.stem}2{file.suffix}" for file in assets.iterdir()}
    old = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
    for file in [*assets.iterdir(), site / "index.html"]:
        if file.suffix in TEXT:
            file.write_text(old.sub(lambda found: names[found[0]], file.read_text()))
    for name, new in names.items():
        (assets / name).rename(assets / new)


def lose(site: Path, part: str) -> None:
    """A broken release: a part of the page (`play`, `firebase` …) is missing."""
    (found,) = (site / ASSETS).glob(f"{part}-*.js")
    found.unlink()
