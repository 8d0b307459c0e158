"""Classes by the command line, through the API."""

import pytest

from quizcore import documents
from quizcore.domain.roles import Role
from tests.support.cli import Cli
from tests.support.people import person
from tests.support.world import QUIZ_ID, Person, World


@pytest.fixture(name="made")
def _made(cli: Cli) -> dict[str, str]:
    told: dict[str, str] = cli.json("class", "create", "7b English", "--zone", "Europe/Berlin")
    return told


def test_a_class_is_made_listed_and_joined_by_its_code(
    cli: Cli, world: World, host: Person, made: dict[str, str]
) -> None:
    assert person(world, host, "ann").post("/classes/join", {"code": made["code"]}).status_code == 201

    listed = {"class": made["class_id"], "title": "7b English", "zone": "Europe/Berlin", "code": made["code"]}
    assert cli.json("class", "list") == [listed | {"members": 1}]
    assert cli.json("class", "members", made["class_id"]) == [{"uid": "ann", "nickname": "Ann"}]
    assert cli.json("session", "open", QUIZ_ID, "--class", made["class_id"])["pin"]


def test_a_refusal_of_the_api_is_reported(cli: Cli) -> None:
    assert cli.refused("class", "create", "7b", "--zone", "Europe/Atlantis") == (3, "invalid")
    assert cli.refused("class", "code", "none") == (3, "unknown_class")
    assert cli.refused("class", "delete", "none", "--yes") == (3, "unknown_class")


def test_a_new_code_replaces_the_one_before(cli: Cli, world: World, host: Person, made: dict[str, str]) -> None:
    told = cli.json("class", "code", made["class_id"])

    assert told["code"] != made["code"]
    ann = person(world, host, "ann")
    assert ann.post("/classes/join", {"code": made["code"]}).status_code == 404
    assert ann.post("/classes/join", {"code": told["code"]}).status_code == 201


@pytest.mark.parametrize("uid", ["ann", "a b?c#d%2F"])
def test_a_member_with_any_uid_can_be_removed(
    cli: Cli, world: World, host: Person, made: dict[str, str], uid: str
) -> None:
    joined = person(world, host, uid, nickname="Ann").post("/classes/join", {"code": made["code"]})
    assert joined.status_code == 201

    cli.json("class", "remove", made["class_id"], uid)

    assert cli.json("class", "members", made["class_id"]) == []


def test_a_class_is_deleted_only_when_the_command_says_so(cli: Cli, world: World, made: dict[str, str]) -> None:
    path = documents.class_path(made["class_id"])

    assert cli.json("class", "delete", made["class_id"])["deleted"] is False
    assert world.store.get(path) is not None
    assert cli.json("class", "delete", made["class_id"], "--yes")["deleted"] is True
    assert world.store.get(path) is None


@pytest.mark.parametrize(("role", "allowed"), [(Role.AUTHOR, False), (Role.HOST, True)])
def test_a_class_needs_a_host(cli: Cli, role: Role, allowed: bool) -> None:
    cli.services.told["role"] = role

    if allowed:
        assert cli.run("class", "list") == 0
    else:
        assert cli.refused("class", "list") == (3, "forbidden")
