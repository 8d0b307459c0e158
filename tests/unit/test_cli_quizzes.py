"""Quizzes on the command line: their owners, the replaced versions, and deletion."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from quizcore import documents
from quizcore.ports import Conflict, Write
from tests.support.accounts import ANN, MemoryAccounts
from tests.support.cli import HOST_UID, Cli
from tests.support.games import MULTIPLE, SINGLE, quiz
from tests.support.world import World

THREE = """\
id: animals
title: Animals
language: en
questions:
  - {prompt: "Which barks?", choices: [cat, dog], key: dog}
  - {prompt: "Which flies?", choices: [bat, cow], key: bat}
  - {prompt: "Which swims?", choices: [eel, hen], key: eel}
"""


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "animals.yaml"
    path.write_text(THREE)
    return path


@pytest.fixture(name="accounts")
def _accounts(cli: Cli) -> MemoryAccounts:
    return cli.services.accounts


def head(world: World, quiz_id: str = "animals") -> dict[str, Any]:
    found = world.store.get(documents.quiz_path(quiz_id))
    return found.data if found else {}


def faults(cli: Cli, *arguments: str) -> list[str]:
    assert cli.run("--json", *arguments) == 1
    import json

    return [fault["code"] for fault in json.loads(cli.out)["faults"]]


def test_only_the_owner_replaces_a_quiz(cli: Cli, world: World, file: Path) -> None:
    assert cli.json("quiz", "import", str(file))["imported"][0]["version"] == 1
    assert cli.json("quiz", "import", str(file))["imported"][0]["version"] == 2
    before = world.store.get(documents.quiz_path("animals"))

    cli.services.told["host_uid"] = "somebody-else"
    assert faults(cli, "quiz", "import", str(file)) == ["other_owner"]
    assert faults(cli, "quiz", "import", str(file), "--owner", "a-third") == ["other_owner"]

    assert world.store.get(documents.quiz_path("animals")) == before
    assert head(world)["owner_id"] == HOST_UID
    assert cli.json("quiz", "import", str(file), "--owner", HOST_UID)["imported"][0]["version"] == 3, "said on purpose"


def test_one_refused_file_does_not_stop_the_others(cli: Cli, world: World, file: Path, tmp_path: Path) -> None:
    world.add_quiz(quiz_id="animals", owner_id="somebody-else")
    other = tmp_path / "other.yaml"
    other.write_text(THREE.replace("id: animals", "id: other"))

    assert faults(cli, "quiz", "import", str(file), str(other)) == ["other_owner"]

    assert head(world, "other")["owner_id"] == HOST_UID


def test_the_owner_may_be_named_by_an_address_that_is_proven(
    cli: Cli, world: World, file: Path, accounts: MemoryAccounts
) -> None:
    accounts.add(ANN, email="ann@school.example", address_proven=True)
    accounts.add("squatter", email="bob@school.example", address_proven=False)

    cli.json("quiz", "import", str(file), "--owner", "ann@school.example")

    assert head(world)["owner_id"] == ANN
    assert cli.refused("quiz", "import", str(file), "--owner", "bob@school.example") == (3, "unproven_address")
    assert cli.refused("quiz", "import", str(file), "--owner", "eve@school.example") == (3, "unknown_account")
    assert head(world)["owner_id"] == ANN


def test_the_second_of_two_authors_of_the_same_version_is_refused(
    cli: Cli, world: World, file: Path, tmp_path: Path
) -> None:
    cli.json("quiz", "import", str(file))
    copies = [tmp_path / "first.yaml", tmp_path / "second.yaml"]
    for copy in copies:
        cli.json("quiz", "export", "animals", "--to", str(copy))
        copy.write_text(copy.read_text().replace("title: Animals", f"title: {copy.stem}"))

    assert cli.json("quiz", "import", str(copies[0]))["imported"][0]["version"] == 2
    assert faults(cli, "quiz", "import", str(copies[1])) == ["changed_meanwhile"]

    assert head(world)["title"] == "first"
    cli.json("quiz", "export", "animals", "--to", str(copies[1]))
    assert cli.json("quiz", "import", str(copies[1]))["imported"][0]["version"] == 3
    assert faults(cli, "quiz", "import", str(file)) == ["no_version"], "it would undo what others have written"
    assert cli.json("quiz", "import", str(file), "--replace")["imported"][0]["version"] == 4
    assert cli.json("quiz", "import", str(file))["imported"][0]["version"] == 5, "it says what is there already"


@pytest.mark.parametrize("there", [True, False])
def test_one_of_two_simultaneous_authors_is_refused(cli: Cli, world: World, file: Path, there: bool) -> None:
    """The other's commit falls between our reading and our writing."""
    if there:
        cli.json("quiz", "import", str(file))
    commit = world.store.commit

    def overtaken(writes: Sequence[Write]) -> dict[str, Any]:
        world.store.commit = commit  # type: ignore[method-assign]
        world.add_quiz(quiz(SINGLE, MULTIPLE), "animals", HOST_UID)
        return commit(writes)

    world.store.commit = overtaken  # type: ignore[method-assign]

    assert faults(cli, "quiz", "import", str(file)) == ["changed_meanwhile"]
    assert head(world)["title"] == "Words"
    assert len(world.store.list(documents.questions_path("animals"))) == (3 if there else 2)


def test_a_commit_whose_response_was_lost_is_not_a_conflict(cli: Cli, world: World, file: Path) -> None:
    """The library sends it again then, and its own first try has changed the version."""
    cli.json("quiz", "import", str(file))
    commit = world.store.commit

    def twice(writes: Sequence[Write]) -> dict[str, Any]:
        commit(writes)
        return commit(writes)

    world.store.commit = twice  # type: ignore[method-assign]

    assert cli.json("quiz", "import", str(file))["imported"][0]["version"] == 2
    with pytest.raises(Conflict):
        twice([*world_delete(world)])
    cli.json("quiz", "import", str(file))
    assert cli.json("quiz", "delete", "animals", "--yes")["deleted"] is True


def world_delete(world: World) -> list[Write]:
    from quizcore.ports import Delete

    found = world.store.get(documents.quiz_path("animals"))
    assert found is not None
    return [Delete(found.path, found.version)]


def test_a_quiz_is_deleted_with_its_questions_by_its_owner_who_says_yes(cli: Cli, world: World, file: Path) -> None:
    cli.json("quiz", "import", str(file))

    assert cli.json("quiz", "delete", "animals") == {"quiz": "animals", "questions": 3, "deleted": False}
    assert head(world)["title"] == "Animals"
    assert cli.refused("quiz", "delete", "animals", "--yes", "--owner", "somebody-else") == (3, "other_owner")
    assert cli.refused("quiz", "delete", "none", "--yes") == (3, "unknown_quiz")
    assert cli.json("quiz", "delete", "animals", "--yes") == {"quiz": "animals", "questions": 3, "deleted": True}

    assert head(world) == {}
    assert world.store.list(documents.questions_path("animals")) == []
    assert "animals" not in {row["quiz"] for row in cli.json("quiz", "list")}


def test_a_session_continues_when_its_quiz_is_deleted(cli: Cli, world: World, session: dict[str, str]) -> None:
    assert cli.json("quiz", "delete", "words", "--yes")["questions"] == 3

    kept = world.store.get(documents.session_quiz_path(session["session_id"]))
    assert kept is not None
    assert len(kept.data["questions"]) == 3


def test_a_quiz_that_changes_meanwhile_is_not_deleted(cli: Cli, world: World, file: Path) -> None:
    cli.json("quiz", "import", str(file))
    commit = world.store.commit

    def overtaken(writes: Sequence[Write]) -> dict[str, Any]:
        world.store.commit = commit  # type: ignore[method-assign]
        cli.json("quiz", "import", str(file))
        return commit(writes)

    world.store.commit = overtaken  # type: ignore[method-assign]

    assert cli.run("quiz", "delete", "animals", "--yes") == 3
    assert head(world)["version"] == 2


def test_all_sessions_of_the_host_are_listed_newest_first(cli: Cli, world: World, session: dict[str, str]) -> None:
    from quizcore.ports import Put
    from quizcore.usecases.list_sessions import PAGE_SESSIONS

    found = world.store.get(documents.session_path(session["session_id"]))
    assert found is not None
    for number in range(2 * PAGE_SESSIONS + 3):
        data = {**found.data, "created_at": found.data["created_at"] + 1 + number // 2}
        world.store.commit([Put(documents.session_path(f"more-{number:04}"), data)])

    listed = [row["session"] for row in cli.json("session", "list")]

    assert len(listed) == len(set(listed)) == 2 * PAGE_SESSIONS + 4
    assert listed[-1] == session["session_id"]


def test_an_invalid_language_tag_is_a_usage_error(cli: Cli, tmp_path: Path) -> None:
    words = tmp_path / "numbers.csv"
    words.write_text("one,eins\ntwo,zwei\n")

    assert cli.run("quiz", "import", str(words), "--language", "[/x]") == 2
    assert cli.json("quiz", "import", str(words), "--language", "pt-BR")["imported"][0]["questions"] == 2
