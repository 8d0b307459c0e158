"""The screens: built for one run, and told where that run's emulators are."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from devstack.emulators import ROOT
from devstack.processes import StartFailed


def build(site: Path, emulators: Mapping[str, str]) -> None:
    """Build into `site`, a folder of this run, so that two runs of one checkout cannot disturb each other.

    `emulators` holds `host:port` of auth and firestore. Raises StartFailed.
    """
    command = ["npm", "run", "build", "--silent", "-w", "web", "--", "--outDir", str(site), "--emptyOutDir"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StartFailed("the screens could not be built:\n" + (done.stdout + done.stderr)[-2_000:])
    (site / "config.json").write_text(json.dumps({"emulators": dict(emulators)}))
