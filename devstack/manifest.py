"""Write functions/functions.yaml from main.py: `python -m devstack.manifest`.

`firebase deploy` and the Functions emulator read that file when it exists. Without the file the CLI would start exactly
the Python that firebase.json names (`python3.11`) in functions/venv, and fail when the environment has a later one.
"""

import os
import subprocess
import sys

from devstack.emulators import ROOT

SOURCE = ROOT / "functions"
MANIFEST = SOURCE / "functions.yaml"
HEAD = "# Written by `make manifest` from main.py, for firebase deploy. A test compares.\n"
_PROGRAM = "from firebase_functions.private import serving; print(serving.functions_as_yaml(serving.get_functions()))"


def discovered() -> str:
    """The manifest that the CLI would get from main.py, computed in a separate process without our settings."""
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, check=True, text=True, cwd=SOURCE, env=env
    )
    return HEAD + done.stdout.strip() + "\n"


def main() -> None:
    MANIFEST.write_text(discovered())
    print(f"wrote {MANIFEST.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
