"""A release takes the files of the one before it along: a page that is open during a deploy still finds its parts.

Hosting serves one release as a whole, so a file of an older one is there only when the new one brings it again.
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
    """Add the built files of the live release to the new one in `site`, and list the new one's own for the next deploy.

    `fetch` gives what the live site has at a path, None when there is nothing. Gives the names of the added files.
    Files that the live release had only taken along are not listed there, so they go.
    """
    assets = site / ASSETS
    own = sorted(file.name for file in assets.iterdir())
    added = []
    for name in _listed(fetch(f"/{LIST}")):
        found = None if name in own else fetch(f"/{ASSETS}/{name}")
        if found is not None:
            (assets / name).write_bytes(found)
            added.append(name)
    (site / LIST).write_text(json.dumps(own))
    return added


def _listed(found: bytes | None) -> list[str]:
    """Nothing when the live site has no list: a first deploy, or one that answers every path with its page."""
    try:
        names = json.loads(found or b"[]")
    except ValueError:
        return []
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str) and _NAME.fullmatch(name)]
