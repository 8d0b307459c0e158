"""docs/privacy.yaml lists every field that the product stores about people: whole games write no other field."""

import ast
import asyncio
import contextlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from devstack.privacy import PAGE, load, page
from quizcore import documents, messages
from quizcore.ports import AccountFacts, FinalSession
from quizcore.telemetry import METRICS, configure_logging
from tests.support.everything import NAMES, TYPED, Everything
from tests.support.people import BEN_UID

ROOT = Path(__file__).parents[2]
LISTED = load()
DOCUMENTS: Mapping[str, Mapping[str, Any]] = LISTED["documents"]
OF_EVERY_LINE = {"message", "severity", "time", "exception", "exc_info"}
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "bind"}
OF_COMMANDS = {"audit/*"}  # written by an operator's command, in no game; test_cli_roles.py has its fields
Name = tuple[str, ...]


def pattern_of(path: str) -> str:
    return "/".join("*" if number % 2 else part for number, part in enumerate(path.split("/")))


def leaves(value: Any, name: Name = ()) -> Iterator[tuple[Name, Any]]:
    """Every field with its value; the items of a list of maps have the name `*`."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*name, key))
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for item in value:
            yield from leaves(item, (*name, "*"))
    else:
        yield name, value


def is_listed(name: Name, value: Any, patterns: Any) -> bool:
    """An empty list or map has the name of the fields that are in it else."""
    below = [pattern for pattern in patterns if among(name, [".".join(pattern.split(".")[: len(name)])])]
    return bool(among(name, patterns) or (value in ([], {}) and below))


def among(name: Name, patterns: Any) -> list[str]:
    """The patterns that the name fits; `*` stands for one part."""
    split = [(pattern, pattern.split(".")) for pattern in patterns]
    return [
        pattern
        for pattern, parts in split
        if len(parts) == len(name) and all(part in ("*", given) for part, given in zip(parts, name, strict=True))
    ]


@pytest.fixture(name="lines", scope="module")
def _lines(played: tuple[Everything, str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in played[1].splitlines()]


@pytest.fixture(name="game", scope="module")
def _game(played: tuple[Everything, str]) -> Everything:
    return played[0]


@pytest.fixture(name="played", scope="module")
def _played() -> tuple[Everything, str]:
    """Games are played once for all tests here: the documents, the messages and the log lines."""
    game, written = Everything.new(), io.StringIO()
    with contextlib.redirect_stderr(written):
        configure_logging("DEBUG")
        asyncio.run(game.play())
    configure_logging()
    return game, written.getvalue()


def about_a_person(value: Any, game: Everything) -> bool:
    """Whether the value names a person, or contains a text that a person has typed."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return any(each in text for each in (*NAMES, TYPED, *game.people))


def test_games_write_no_document_and_no_field_that_is_not_listed(game: Everything) -> None:
    unlisted = set()
    for written in game.store.written:
        pattern = pattern_of(written.path)
        entry = DOCUMENTS.get(pattern, {"personal": {}, "other": []})
        for name, value in leaves(written.data):
            if not is_listed(name, value, [*entry["personal"], *entry["other"]]):
                unlisted.add(f"{pattern}: {'.'.join(name)}")

    assert sorted(unlisted) == []


def test_a_field_more_is_not_listed(game: Everything) -> None:
    entry = DOCUMENTS["people/*"]
    patterns = [*entry["personal"], *entry["other"]]

    assert is_listed(("nickname",), "Ann", patterns)
    assert is_listed(("counted",), {}, patterns)
    assert not is_listed(("email",), "ann@school.example", patterns)
    assert not is_listed(("counted",), "Ann", ["counted.*"])
    assert not is_listed(("nickname", "first"), "Ann", patterns)
    assert about_a_person(b'[["ann-uid",2]]', game)


def test_a_field_that_names_a_person_is_listed_as_one(game: Everything) -> None:
    wrong = set()
    for written in game.store.written:
        entry = DOCUMENTS[pattern_of(written.path)]
        for name, value in leaves(written.data):
            if about_a_person((name, value), game) and not among(name, entry["personal"]):
                wrong.add(f"{pattern_of(written.path)}: {'.'.join(name)}")
        if about_a_person(written.path, game) and "path" not in entry:
            wrong.add(f"{pattern_of(written.path)}: its path")

    assert sorted(wrong) == []


def test_every_entry_of_the_list_is_written_in_some_game(game: Everything) -> None:
    seen: dict[str, set[str]] = {}
    for written in game.store.written:
        pattern = pattern_of(written.path)
        entry = DOCUMENTS[pattern]
        for name, _ in leaves(written.data):
            seen.setdefault(pattern, set()).update(among(name, [*entry["personal"], *entry["other"]]))
    listed = {pattern: set(entry["personal"]) | set(entry["other"]) for pattern, entry in DOCUMENTS.items()}

    assert set(listed) - set(seen) == OF_COMMANDS
    missing = {pattern: sorted(listed[pattern] - names) for pattern, names in seen.items()}
    assert {pattern: names for pattern, names in missing.items() if names} == {}


def test_every_document_expires_when_the_list_says_so(game: Everything) -> None:
    overrides = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))["fieldOverrides"]
    deleted_by_age = {each["collectionGroup"] for each in overrides if each.get("ttl")}
    wrong = set()
    for written in game.store.written:
        pattern = pattern_of(written.path)
        days, expires_at = DOCUMENTS[pattern].get("days"), written.data.get("expires_at")
        collection = written.path.split("/")[-2]
        if days is None:
            fits = expires_at is None and "until" in DOCUMENTS[pattern]
        else:
            latest = documents.expiry(written.at) + timedelta(days=days)
            fits = expires_at is not None and expires_at <= latest and collection in deleted_by_age
        wrong |= set() if fits else {pattern}

    assert sorted(wrong) == []


def test_nothing_that_is_stored_without_an_end_names_a_person_who_has_left(game: Everything) -> None:
    ben = [path for path, found in game.store._documents.items() if BEN_UID in path or BEN_UID in str(found.data)]

    assert ben == []


def test_every_field_of_every_message_is_listed(game: Everything) -> None:
    listed = {*LISTED["messages"]["personal"], *LISTED["messages"]["other"]}
    kinds = get_args(messages.Message)
    declared = {name for kind in kinds for name in kind.model_fields}
    personal = {
        name
        for message in game.world.bus.published
        for name, value in message.model_dump().items()
        if about_a_person(value, game)
    }

    assert len(kinds) > 9
    assert declared == listed
    assert personal <= set(LISTED["messages"]["personal"])


def test_no_log_line_has_a_field_that_is_not_listed_or_names_a_player(
    game: Everything, lines: list[dict[str, Any]]
) -> None:
    listed = {*LISTED["log"]["personal"], *LISTED["log"]["other"], *OF_EVERY_LINE}

    assert len(lines) > 3
    assert {name for line in lines for name in line} <= listed
    assert not [line for line in lines if about_a_person(line, game)]


def logged(source: str) -> Iterator[str]:
    """The names of the fields that calls of a logger pass."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            on = ast.unparse(node.func.value)
            if re.search(r"(?:^|\.|_)log(?:ger)?$|get_logger\(", on):
                yield from (word.arg for word in node.keywords if word.arg is not None)


def test_every_field_that_the_code_logs_is_listed_and_no_other() -> None:
    sources = [path for folder in ("functions", "workers") for path in (ROOT / folder).rglob("*.py")]
    called = {name for path in sources for name in logged(path.read_text(encoding="utf-8"))}
    of_sessions = {each.name for each in fields(FinalSession)}
    others = {"logger", "call", "session_id", "kind", "reason"}  # of Python's logging, and of the API's `_call`
    listed = {*LISTED["log"]["personal"], *LISTED["log"]["other"]}

    assert len(called) > 10
    assert (called | of_sessions | others) - OF_EVERY_LINE == listed
    assert not listed & set(METRICS)


def test_the_account_is_listed() -> None:
    assert {each.name for each in fields(AccountFacts)} | {"password"} == set(LISTED["account"]["personal"])


def test_the_page_for_schools_is_made_from_the_list() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(LISTED), "run: python -m devstack.privacy"
