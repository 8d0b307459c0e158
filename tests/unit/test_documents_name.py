"""The files, links, make targets, commands, settings, metrics and codes that the documents name exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import AliasChoices

from admin_cli.app import app
from bench.__main__ import PARTS
from http_api.problems import STATUS
from quizcore.settings import ApiSettings, CliSettings, WorkerSettings
from quizcore.telemetry import METRICS
from tests.mutation.parts import PARTS as MUTATED
from tests.rules.mutants import mutants
from tests.simulation.faults import Fault
from tests.simulation.test_simulation import SABOTAGE, SEEDS

ROOT = Path(__file__).parents[2]
# The changelog describes the past, so it may name removed things.
PAGES = [page for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")) if page.name != "CHANGELOG.md"]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs" / "client-protocol.md").read_text(encoding="utf-8")
SETTINGS = (ApiSettings, WorkerSettings, CliSettings)
# Read by the tests' own machinery, not by the product.
OTHER_VARIABLES = {"WORDRUSH_BROWSER"}
each_page = pytest.mark.parametrize("page", sorted(PAGES), ids=lambda page: page.name)


def code(page: Path) -> Iterator[str]:
    """The lines of the page's code blocks, and its inline code."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def variables() -> dict[str, Any]:
    """Each variable that a setting is read from, with the setting's default."""
    found = {}
    for kind in SETTINGS:
        for name, field in kind.model_fields.items():
            alias = field.validation_alias
            if isinstance(alias, AliasChoices):
                found.update({str(choice): field.default for choice in alias.choices})
            else:
                found[str(alias or f"WORDRUSH_{name.upper()}")] = field.default
    return found


def rows_of_settings() -> dict[str, str]:
    """Each variable of the tables in operations.md, with its default in the table."""
    section = OPERATIONS.partition("\n## Settings\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([A-Z0-9_]+)`[^|]*\| ([^|]*) \|", section, re.MULTILINE))


@each_page
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"(?:\]\(|src=\")([^)#\":]+)[)#\"]", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@each_page
def test_every_repository_file_that_a_page_names_exists(page: Path) -> None:
    folders = r"(?:functions|workers|admin_cli|devstack|bench|tests|docs|quizzes|web/src|web/tests)"
    named = [path for text in code(page) for path in re.findall(rf"(?<![\w/.]){folders}/[\w/.-]*\w", text)]
    written = {"bench/results", "functions/.env", "functions/.env.PROJECT"}  # by people and by runs

    assert [path for path in named if path not in written and not (ROOT / path).exists()] == []


@each_page
def test_every_python_file_that_a_page_names_exists(page: Path) -> None:
    folders = ("functions", "workers", "admin_cli", "devstack", "bench", "tests")
    there = [path.as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {name for text in code(page) for name in re.findall(r"(?<![\w/.])[\w/]+\.py\b", text)}

    assert [name for name in named if not any(path.endswith(f"/{name}") for path in there)] == []


@each_page
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for text in code(page) for target in re.findall(r"^make ([a-z]+)", text)}

    assert named <= targets


@each_page
def test_every_part_of_the_bench_or_of_the_mutants_exists(page: Path) -> None:
    named = {part for text in code(page) for part in re.findall(r"\bONLY=([\w-]+)", text)}

    assert named <= PARTS.keys() | MUTATED.keys()


@each_page
def test_every_command_and_option_of_wordrush_exists(page: Path) -> None:
    for text in code(page):
        for words in re.findall(r"^wordrush ([a-z][^#|]*)", text):
            _check_command(words.split())


def _check_command(words: list[str]) -> None:
    found: Any = typer.main.get_command(app)
    while words and hasattr(found, "commands"):
        assert words[0] in found.commands, f"wordrush has no command {words[0]}"
        found = found.commands[words.pop(0)]
    options = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}

    assert {word for word in words if word.startswith("--")} <= options | {"--json", "--help"}


@each_page
def test_the_product_reads_every_variable_that_a_page_names(page: Path) -> None:
    named = {name for text in code(page) for name in re.findall(r"\bWORDRUSH_[A-Z0-9_]*[A-Z0-9]\b", text)}

    assert named <= variables().keys() | OTHER_VARIABLES


def test_the_tables_of_settings_name_every_variable_with_its_default() -> None:
    emulators = {name for name in variables() if name.endswith("_EMULATOR_HOST")}
    rows = rows_of_settings()

    assert rows.keys() | {"GCLOUD_PROJECT"} == variables().keys() - emulators
    for name, default in variables().items():
        if isinstance(default, bool):
            assert rows[name] == f"`{str(default).lower()}`", name
        elif isinstance(default, int | float | str):
            assert rows[name] == f"`{default}`", name


def test_every_metric_has_a_row_and_every_row_a_metric() -> None:
    section = OPERATIONS.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)

    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == set(METRICS)


def test_every_code_of_a_refusal_is_in_the_protocol_with_its_status() -> None:
    table = PROTOCOL.partition("\n## Refusals\n")[2]
    told: dict[str, str] = {}
    for cell in re.findall(r"^\| (\d{3} [^|]+) \|", table, re.MULTILINE):
        status = ""
        for part in cell.split(" · "):
            status = next(iter(re.findall(r"^\d{3}", part)), status)
            told |= dict.fromkeys(re.findall(r"`(\w+)`", part), status)

    assert told == {code: str(status) for code, status in STATUS.items()}


def test_the_glossary_names_what_is_defined_in_the_code() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    files = [path for folder in ("functions", "workers") for path in (ROOT / folder).rglob("*.py")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = re.findall(r"`(\w+)` in the code", glossary)

    assert named
    assert [name for name in named if not re.search(rf"\b(class|def) {name}\b", source)] == []


def test_the_pages_give_the_number_of_each_kind_of_test() -> None:
    readme, laws = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/laws.md"))
    kinds, mutant_rules = len(get_args(Fault)), len(mutants((ROOT / "firestore.rules").read_text(encoding="utf-8")))

    assert f"{kinds} kinds of faults" in readme
    assert f"{kinds} kinds of faults" in laws
    assert f"{mutant_rules} of {mutant_rules} mutants" in laws
    assert f"{len(SABOTAGE)} deliberate breakages" in readme
    assert f"breaks the product in {len(SABOTAGE)} ways" in laws
    assert f"({SEEDS:,} in `make test`)" in laws


@each_page
def test_the_pages_call_the_api_by_its_name(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert re.findall(r"\b[Dd]oors?\b", text) == []


def test_each_fault_in_the_laws_page_has_its_test() -> None:
    laws = (ROOT / "docs" / "laws.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+ \| \[\w+\]\(\.\./(tests/unit/\w+\.py)\) `(\w+)` \|$", laws, re.MULTILINE)

    assert len(rows) == laws.count("](../tests/unit/")
    assert len(rows) > 30
    assert [test for file, test in rows if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")] == []
