"""The tables of docs/architecture.md agree with the code."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
Row = tuple[str, ...]


def table(header: str) -> list[Row]:
    """The cells of each row below the header row that begins with `header`."""
    (_, _, after) = PAGE.partition(f"\n{header}")
    lines = after.partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def quoted(cell: str) -> str:
    return cell.strip("`")


def test_the_layer_table_is_the_import_contract() -> None:
    (layers,) = [each["layers"] for each in _contracts() if "quizcore.domain" in each.get("layers", ())]
    contract = [set(layer.split(" | ")) for layer in layers]

    assert [set(re.findall(r"`([\w.]+)`", modules)) for _, modules, _ in _layers()] == contract


def test_the_contracts_name_every_module_of_the_core() -> None:
    core = ROOT / "functions" / "quizcore"
    there = {f"quizcore.{path.stem}" for path in core.iterdir() if path.stem.isidentifier() and path.stem[0] != "_"}

    named = {module for _, modules, _ in _layers() for module in re.findall(r"`([\w.]+)`", modules)}

    assert {module for module in named if module.startswith("quizcore")} == there


@pytest.mark.parametrize(("what", "file", "name"), table("| X |"), ids=lambda cell: cell if cell[0] != "`" else "")
def test_each_file_defines_the_name_in_its_row(what: str, file: str, name: str) -> None:
    text = (ROOT / quoted(file)).read_text(encoding="utf-8")

    defined = rf"(?:\b(?:def|class|const|function)\s+{quoted(name)}\b|^{quoted(name)}\s*=)"

    assert re.search(defined, text, re.MULTILINE), f"{what}: {file} does not define {name}"


def test_the_table_of_calls_names_every_call_and_the_file_that_serves_it() -> None:
    openapi = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    calls = {f"{method.upper()} {path}" for path, methods in openapi["paths"].items() for method in methods}
    rows = {quoted(call): quoted(file) for call, file in table("| call |")}

    assert rows.keys() == calls
    for call, file in rows.items():
        method, _, path = call.partition(" ")
        route = re.sub(r"\{(\w+)\}", r"<\1>", path.removeprefix("/api/v1"))
        served = rf"@api\.{method.lower()}\(\s*\"{re.escape(route)}\""
        assert re.search(served, (ROOT / file).read_text(encoding="utf-8")), f"{call} is not in {file}"


def test_the_diagram_names_existing_files() -> None:
    diagram = PAGE.partition("```mermaid")[2].partition("```")[0]
    files = re.findall(r"[\w/-]+\.(?:py|ts)\b", diagram)

    assert len(files) > 10
    assert [file for file in files if not _found(file)] == []


def _found(file: str) -> bool:
    return any(path.as_posix().endswith(f"/{file}") for path in _sources())


def _sources() -> list[Path]:
    folders = ("functions", "workers", "web/src")
    return [path for folder in folders for kind in ("py", "ts") for path in (ROOT / folder).rglob(f"*.{kind}")]


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return contracts


def _layers() -> list[Row]:
    return table("| layer |")
