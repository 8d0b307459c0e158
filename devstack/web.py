"""Builds the screens into a folder, and writes the configuration of their site there."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devstack.emulators import ROOT
from devstack.processes import StartFailed


def build(site: Path) -> None:
    """Build the screens into `site`. Each run has a folder of its own, so that two runs of a checkout can build at
    once.

    Raises StartFailed.
    """
    command = ["npm", "run", "build", "--silent", "-w", "web", "--", "--outDir", str(site), "--emptyOutDir"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StartFailed("the screens could not be built:\n" + (done.stdout + done.stderr)[-2_000:])


def configure(site: Path, **config: Mapping[str, Any] | str) -> None:
    """Write `config.json`, which the page reads at its start; `web/src/lib/config.ts` has the names and shapes."""
    (site / "config.json").write_text(json.dumps(config))
