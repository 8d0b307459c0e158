"""`make test`: lint, types, import direction, every test, and one line of counts at the end."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from devstack import browser, lanes
from devstack.emulators import ROOT
from devstack.lanes import Lane, LaneResult

BIN = Path(sys.executable).parent
LOCAL = ROOT / ".local"
COUNTS = LOCAL / "rules-counts.json"
WEB_COUNTS = LOCAL / "web-counts.json"
# The lanes run side by side; a lane that needs a stack starts its own.
LANES = (
    Lane("unit", ("tests/unit", "tests/hostile"), yields=True),
    Lane("simulation", ("tests/stateful", "tests/simulation"), yields=True),
    Lane("services", ("tests/rules", "tests/contract", "tests/integration")),
    Lane("chaos", ("tests/chaos", "tests/recount")),
    Lane("screens", ("tests/e2e",)),
)
LINT = (
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
    ("import direction", [str(BIN / "lint-imports"), "--no-logo"]),
    ("screens: format, lint, import direction", ["npm", "run", "lint", "--silent", "-w", "web"]),
    ("screens: types of the API", ["npm", "run", "api-types", "--silent", "--", "--check"]),
    ("screens: types", ["npm", "run", "types", "--silent", "-w", "web"]),
    ("quizzes", [str(BIN / "wordrush"), "quiz", "check", *map(str, sorted((ROOT / "quizzes").glob("*.yaml")))]),
)


def run(*, lint_only: bool, pytest_arguments: list[str]) -> int:
    """Gives the exit code: 0 only when everything passed. Raises KeyboardInterrupt on a signal to end."""
    if lint_only:
        return 1 if _lint() else 0
    chosen = (Lane("tests", tuple(pytest_arguments)),) if pytest_arguments else LANES
    if not pytest_arguments and not _has_browser():
        return 1
    COUNTS.unlink(missing_ok=True)
    with lanes.running(chosen, LOCAL / "lanes", {"PYTHONUNBUFFERED": "1"}) as all_:
        failed = _lint()
        web = _vitest()
        results = [_report(result) for result in all_.ended()]
    rules = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    # The rules' table counts with its cases instead of the one test that runs it.
    passed = sum(result.passed for result in results) + max(rules.get("pass", 0) - 1, 0)
    passed += len(LINT) - len(failed) + web["numPassedTests"]
    broken = sum(result.broken for result in results) + rules.get("fail", 0) + len(failed) + web["numFailedTests"]
    sum_up(failed, results)
    print(f"{passed} passed, {broken} failed")
    return 1 if failed or not web["success"] or any(result.code for result in results) else 0


def _has_browser() -> bool:
    """Checked before the run starts, because without a browser the run would fail only at its end."""
    try:
        browser.bring(_say)
    except browser.BrowserMissing as error:
        _say(str(error))
        return False
    return True


def _lint() -> list[str]:
    """The names of the checks that failed."""
    return [name for name, command in LINT if not _step(name, command)]


def _report(result: LaneResult) -> LaneResult:
    """Print the lane's whole output at once, so that lines of other lanes do not come in between."""
    print(result.output, flush=True)
    ok = "ok" if result.code == 0 else "FAILED"
    _say(f"lane {result.name}: {ok} ({result.took_s:.0f} s, CPU {result.cpu_s:.0f} s): {result.last.strip('= ')}")
    return result


def sum_up(failed: list[str], results: list[LaneResult]) -> None:
    for result in results:
        for line in result.failures:
            _say(f"lane {result.name}: {line}")
        if result.code and not result.failures:
            _say(f"lane {result.name} ended with code {result.code}: {result.last}")
    if failed:
        _say(f"not clean: {', '.join(failed)}")


def _step(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    _say(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def _vitest() -> dict[str, Any]:
    """The tests of the screens' store and shapes; gives vitest's own counts."""
    WEB_COUNTS.unlink(missing_ok=True)
    reporters = ["--reporter=dot", "--reporter=json", f"--outputFile.json={WEB_COUNTS}"]
    _step("screens: vitest", ["npm", "run", "test", "--silent", "-w", "web", "--", *reporters])
    if not WEB_COUNTS.exists():  # vitest did not start
        return {"success": False, "numPassedTests": 0, "numFailedTests": 1}
    counts: dict[str, Any] = json.loads(WEB_COUNTS.read_text())
    return counts


def _say(text: str) -> None:
    print(f"wordrush: {text}", flush=True)
