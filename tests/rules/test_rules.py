"""Runs the table of `rules.test.mjs` on the emulator, with Firebase's own tool for it."""

import json
import os
import re
import subprocess

from devstack.emulators import ROOT
from devstack.stack import Stack

LEAST_CASES = 300
COUNTS = ROOT / ".local" / "rules-counts.json"


def test_every_path_operation_and_person_is_decided_as_the_table_says(stack: Stack) -> None:
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "tests/rules/rules.test.mjs"],  # noqa: S607 (found by PATH, as npm does)
        cwd=ROOT,
        env={**os.environ, **stack.env},
        capture_output=True,
        text=True,
        check=False,
    )
    counts = {name: int(found) for name, found in re.findall(r"^# (tests|pass|fail) (\d+)$", done.stdout, re.MULTILINE)}
    COUNTS.write_text(json.dumps(counts))

    failed = [line for line in done.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert done.returncode == 0, "\n".join([*failed[:20], done.stderr[-2_000:]])
    assert counts["pass"] == counts["tests"] >= LEAST_CASES
