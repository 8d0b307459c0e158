"""The table of decisions on the emulator, with Firebase's own tool for rules, and tests that the table detects
mutants."""

import json
import os
import re
import subprocess
import urllib.request
from collections import defaultdict
from typing import Any

from devstack.emulators import ROOT
from devstack.stack import Stack
from tests.rules.mutants import mutants
from tests.support.collections import collections_of, product_collections

LEAST_CASES = 1_500
PROJECT = "demo-rules"  # as in rules.test.mjs
RULES = ROOT / "firestore.rules"
Place = tuple[int, int]  # where an expression begins and ends
PRINT_PATHS = "import('./tests/rules/table.mjs').then(({ TABLE }) => TABLE.map(({ path }) => console.log(path)))"
COUNTS = ROOT / ".local" / "rules-counts.json"


def test_the_rules_decide_every_path_operation_and_person_as_the_table(stack: Stack) -> None:
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


def test_the_table_has_a_row_for_every_collection_of_the_product() -> None:
    told = subprocess.run(
        ["node", "-e", PRINT_PATHS],  # noqa: S607 (found by PATH, as npm does)
        cwd=ROOT,
        env={**os.environ, "FIRESTORE_EMULATOR_HOST": "none:1"},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = {collections_of(path) for path in told.stdout.splitlines()}

    assert len(product_collections()) > 25
    assert product_collections() - rows == set()


def test_every_expression_of_the_rules_is_evaluated_to_true_and_to_false(stack: Stack) -> None:
    """By the emulator's own report of the decisions above."""
    url = f"http://{stack.emulators.host('firestore')}/emulator/v1/projects/{PROJECT}:ruleCoverage"
    with urllib.request.urlopen(url) as page:
        told = json.load(page)
    seen: defaultdict[Place, set[bool]] = defaultdict(set)
    for report in told["report"]:
        collect(report, seen)
    text = RULES.read_text()

    half = {text[begin:end]: values for (begin, end), values in seen.items() if values != {True, False}}
    assert len(seen) >= text.count("allow ")
    assert half == {}


def collect(report: dict[str, Any], seen: defaultdict[Place, set[bool]]) -> None:
    """Expressions that gave a boolean; the others (paths, names) are parts of them."""
    place = (report["sourcePosition"]["currentOffset"], report["sourcePosition"]["endOffset"])
    for value in report.get("values", []):
        if "boolValue" in value["value"]:
            seen[place].add(value["value"]["boolValue"])
    for child in report.get("children", []):
        collect(child, seen)


def test_the_table_detects_every_mutant_of_the_rules(stack: Stack) -> None:
    made = [{"what": what, "rules": rules} for what, rules in mutants(RULES.read_text())]
    done = subprocess.run(
        ["node", "tests/rules/kill.mjs"],  # noqa: S607 (found by PATH, as npm does)
        cwd=ROOT,
        env={**os.environ, **stack.env},
        input=json.dumps(made),
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(found) == len(made) > 30, done.stderr[-2_000:]
    assert [each["what"] for each in found if each["killer"] is None] == []
