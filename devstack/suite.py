"""`make test`: lint, types, import direction, every test, and one line of counts at the end."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from devstack.emulators import ROOT

BIN = Path(sys.executable).parent
COUNTS = ROOT / ".local" / "rules-counts.json"
WEB_COUNTS = ROOT / ".local" / "web-counts.json"
TESTS = (  # the cheap ones first
    *("tests/unit", "tests/hostile", "tests/stateful", "tests/simulation"),
    *("tests/rules", "tests/contract", "tests/integration", "tests/chaos", "tests/e2e"),
)
LINT = (
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
    ("import direction", [str(BIN / "lint-imports"), "--no-logo"]),
    ("screens: format, lint, import direction", ["npm", "run", "lint", "--silent", "-w", "web"]),
    ("screens: types", ["npm", "run", "types", "--silent", "-w", "web"]),
    ("quizzes", [str(BIN / "wordrush"), "quiz", "check", *map(str, sorted((ROOT / "quizzes").glob("*.yaml")))]),
)


def run(*, lint_only: bool, pytest_arguments: list[str]) -> int:
    """Gives the exit code: 0 only when everything passed."""
    failed = [name for name, command in LINT if not _step(name, command)]
    if lint_only:
        return 1 if failed else 0
    COUNTS.unlink(missing_ok=True)
    web = _vitest()
    passed, broken, code = _pytest(pytest_arguments)
    rules = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    # The rules' table counts with its cases instead of the one test that runs it.
    passed += len(LINT) - len(failed) + max(rules.get("pass", 0) - 1, 0) + web["numPassedTests"]
    broken += len(failed) + rules.get("fail", 0) + web["numFailedTests"]
    if failed:
        print(f"wordrush: not clean: {', '.join(failed)}")
    print(f"{passed} passed, {broken} failed")
    return code or (1 if failed or not web["success"] else 0)


def _step(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(
        f"wordrush: {name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def _vitest() -> dict[str, Any]:
    """The tests of the screens' store and shapes; gives vitest's own counts."""
    WEB_COUNTS.unlink(missing_ok=True)
    reporters = ["--reporter=dot", "--reporter=json", f"--outputFile.json={WEB_COUNTS}"]
    _step("screens: vitest", ["npm", "run", "test", "--silent", "-w", "web", "--", *reporters])
    if not WEB_COUNTS.exists():  # it did not even start
        return {"success": False, "numPassedTests": 0, "numFailedTests": 1}
    found: dict[str, Any] = json.loads(WEB_COUNTS.read_text())
    return found


def _pytest(arguments: list[str]) -> tuple[int, int, int]:
    """Passed, failed (errors among them), and pytest's exit code. Its output goes through."""
    command = [sys.executable, "-m", "pytest", "--durations=10", "--color=no", *(arguments or TESTS)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = ""
    assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
    counts = {name: int(number) for number, name in re.findall(r"(\d+) (passed|failed|errors?)", last)}
    broken = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    return counts.get("passed", 0), broken, process.wait()
