"""`python -m tests.mutation [--only PART …]`: changes the product in one place at a time, and checks that a test fails.

mutmut needs the packages side by side, so it works on a copy, one for each part, below `.local/mutation`. A surviving
mutant must be in `survivors.json` with the reason; otherwise the exit code is 1.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.parts import PARTS, Part

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".local" / "mutation"
SURVIVORS = Path(__file__).with_name("survivors.json")
COPIED = ("workers", "admin_cli", "devstack", "bench", "tests", "docs", "firestore.indexes.json")
WANTED = 0.9
EXAMPLES = 10  # of each property: a run of all mutants is a run of all examples many times over
CAUGHT = ("killed", "timeout", "caught by type check")

SETTINGS = """
[tool.pytest.ini_options]
addopts = "-p no:cacheprovider"
timeout = 120

[tool.mutmut]
source_paths = ["quizcore", "workers"]
only_mutate = {modules}
also_copy = {beside}
pytest_add_cli_args_test_selection = {tests}
"""


@dataclass(frozen=True, slots=True)
class Survivor:
    """The change as a piece of code; a number of mutmut's would change with every edit."""

    place: str
    was: str
    became: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants tested at once")
    args, known, fine = parser.parse_args(), _known(), True
    for name in args.only:
        statuses = _run(name, PARTS[name], args.jobs)
        caught = sum(status in CAUGHT for status in statuses.values())
        escaped = [_survivor(name, mutant) for mutant, status in statuses.items() if status not in CAUGHT]
        new = [survivor for survivor in escaped if survivor not in known]
        _say(f"{name}: {caught} of {len(statuses)} mutants caught ({caught / len(statuses):.0%})")
        for survivor in new:
            _say(f"  {survivor.place}\n    - {survivor.was}\n    + {survivor.became}")
        fine &= not new and caught >= WANTED * len(statuses)
    return 0 if fine else 1


def _known() -> dict[Survivor, str]:
    """The survivors that are there for a reason, with the reason."""
    rows = json.loads(SURVIVORS.read_text(encoding="utf-8"))
    return {Survivor(row["place"], row["was"], row["became"]): row["why"] for row in rows}


def _run(name: str, part: Part, jobs: int) -> dict[str, str]:
    """Each mutant with what became of it."""
    place = WORK / name
    _copy(place, part)
    with (place / "run.log").open("wb") as log:
        # Its exit code tells of survivors too; a run that broke off has no results, and `_statuses` tells.
        subprocess.run([*_mutmut(), "run", "--max-children", str(jobs)], cwd=place, stdout=log, stderr=log, check=False)
    return _statuses(place)


def _statuses(place: Path) -> dict[str, str]:
    lines = _told(place, "results", "--all", "true")
    statuses = dict(re.findall(r"^\s+(\S+): (.+)$", lines, re.MULTILINE))
    if not statuses:
        raise SystemExit(f"mutmut gave no results; {place / 'run.log'} says why")
    return statuses


def _survivor(name: str, mutant: str) -> Survivor:
    diff = _told(WORK / name, "show", mutant).splitlines()
    return Survivor(re.sub(r"__mutmut_\d+$", "", mutant), _side(diff, "-"), _side(diff, "+"))


def _side(diff: list[str], sign: str) -> str:
    return " ".join(line[1:].strip() for line in diff if line[0:1] == sign and line[0:3] != 3 * sign)


def _told(place: Path, *command: str) -> str:
    return subprocess.run([*_mutmut(), *command], cwd=place, capture_output=True, text=True, check=True).stdout


def _mutmut() -> Iterator[str]:
    yield from (sys.executable, "-m", "mutmut")


def _copy(place: Path, part: Part) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    beside = [path.name for path in (ROOT / "functions").iterdir() if path.name in {"http_api", "main.py"}]
    for source in (*(ROOT / "functions" / name for name in ("quizcore", *beside)), *(ROOT / name for name in COPIED)):
        if source.is_dir():
            shutil.copytree(source, place / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / source.name)
    tests = [f"tests/unit/test_{name}.py" for name in part.tests]
    for test in tests:
        text = (place / test).read_text(encoding="utf-8")
        (place / test).write_text(re.sub(r"max_examples=\d+", f"max_examples={EXAMPLES}", text), encoding="utf-8")
    also = [*beside, *(name for name in COPIED if name not in {"workers", "tests"})]
    settings = SETTINGS.format(modules=json.dumps(part.modules), beside=json.dumps(also), tests=json.dumps(tests))
    (place / "pyproject.toml").write_text(settings, encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
