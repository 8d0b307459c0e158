"""A release keeps the files of the release before it: a page that is open during a deploy still loads its parts.

Hosting serves one release as a whole, so an older file exists only when the new release also contains it.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from devstack.hosting import ASSETS

LIST = "release.json"
_NAME = re.compile(r"[\w-][\w.-]*")

Fetch = Callable[[str], bytes | None]


def take_along(site: Path, fetch: Fetch) -> list[str]:
    """Add the built files of the live release to the new release in `site`, and list the new release's own files for
    the next deploy.

    `fetch` gives the content at a path of the live site, None when there is none. Gives the names of the added files.
    The live release lists its own files only, so files of releases before it are not added again.
    """
    assets = site / ASSETS
    own = sorted(file.name for file in assets.iterdir())
    added = []
    for name in _listed(fetch(f"/{LIST}")):
        content = None if name in own else fetch(f"/{ASSETS}/{name}")
        if content is not None:
            (assets / name).write_bytes(content)
            added.append(name)
    (site / LIST).write_text(json.dumps(own))
    return added


def _listed(content: bytes | None) -> list[str]:
    """The names in the list; empty when there is no valid list: before the first deploy, or when the live site answers
    every path with its page."""
    try:
        names = json.loads(content or b"[]")
    except ValueError:
        return []
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str) and _NAME.fullmatch(name)]
