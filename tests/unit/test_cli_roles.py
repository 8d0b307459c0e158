"""The role of a host goes to the owner of an address, never to the first account with that address."""

import pytest

from admin_cli.errors import CliError, Exit
from devstack.emulators import ROOT
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.roles import Role
from quizcore.ports import OutcomeUnknown
from tests.support.accounts import ANN, MemoryAccounts
from tests.support.cli import Cli
from tests.support.world import World

ADDRESS = "ann@school.example"
PROVEN = {"email": ADDRESS, "address_proven": True, "providers": ("google.com",)}


@pytest.fixture(name="accounts")
def _accounts(cli: Cli) -> MemoryAccounts:
    return cli.services.accounts


def test_the_owner_of_a_proven_address_becomes_a_host(cli: Cli, accounts: MemoryAccounts) -> None:
    accounts.add(ANN, **PROVEN, claims={"theme": "dark"})

    told = cli.json("role", "grant", "host", ADDRESS)

    assert accounts.known[ANN].claims == {"theme": "dark", "role": "host"}
    assert told["uid"] == ANN
    assert told["providers"] == ["google.com"]
    assert told["address_proven"] is True
    assert told["created_at"] == accounts.known[ANN].created_at
    assert cli.json("role", "revoke", "host", ADDRESS)["role"] is None
    assert accounts.known[ANN].claims == {"theme": "dark"}


def test_an_unproven_address_gets_no_role_and_the_message_says_what_to_do(cli: Cli, accounts: MemoryAccounts) -> None:
    accounts.add("squatter", email=ADDRESS, has_password=True, providers=("password",))

    assert cli.refused("role", "grant", "host", ADDRESS) == (3, "unproven_address")

    for word in ("squatter", "password", "link by e-mail", "uid"):
        assert word in cli.err
    assert accounts.known["squatter"].claims == {}
    assert cli.run("role", "revoke", "host", ADDRESS) == 0, "taking a role is always safe"


def test_a_uid_is_accepted_and_the_operator_sees_its_account(cli: Cli, accounts: MemoryAccounts) -> None:
    accounts.add(ANN, email=ADDRESS, providers=("password",))
    accounts.add("by-token")

    assert cli.run("role", "grant", "host", ANN) == 0
    shown = cli.out

    assert accounts.known[ANN].claims == {"role": "host"}
    for word in (ANN, f"{ADDRESS} (not proven)", "password", "2023-11-14T22:13+00:00", "only once"):
        assert word in shown.replace("\n", " ")
    assert cli.json("role", "grant", "host", "by-token")["email"] is None


def test_a_password_that_may_be_older_than_the_proof_is_removed(cli: Cli, accounts: MemoryAccounts) -> None:
    accounts.add(ANN, **PROVEN | {"has_password": True})

    assert cli.json("role", "grant", "host", ADDRESS)["password_removed"] is True

    assert accounts.known[ANN].has_password is False
    assert cli.json("role", "grant", "host", ADDRESS)["password_removed"] is False


def test_an_unknown_account_and_an_unknown_role_are_reported(cli: Cli, accounts: MemoryAccounts) -> None:
    assert cli.refused("role", "grant", "host", "nobody@school.example") == (3, "unknown_account")
    assert cli.run("role", "grant", "king", ADDRESS) == 2
    assert accounts.known == {}


@pytest.mark.parametrize("role", Role)
def test_each_role_is_granted_instead_of_the_one_before_and_revoked(
    cli: Cli, accounts: MemoryAccounts, role: Role
) -> None:
    accounts.add(ANN, **PROVEN, claims={"role": "king", "theme": "dark"})

    told = cli.json("role", "grant", role, ADDRESS)

    assert (told["role"], told["before"]) == (role, "king")
    assert accounts.known[ANN].claims == {"theme": "dark", "role": role}
    assert cli.json("role", "revoke", role, ADDRESS)["before"] == role
    assert accounts.known[ANN].claims == {"theme": "dark"}


def test_only_the_role_that_an_account_has_is_revoked(cli: Cli, accounts: MemoryAccounts) -> None:
    accounts.add(ANN, **PROVEN, claims={"role": "operator"})

    assert cli.refused("role", "revoke", "host", ADDRESS) == (3, "other_role")
    assert "operator" in cli.err
    assert accounts.known[ANN].claims == {"role": "operator"}
    assert cli.run("role", "revoke", "operator", ADDRESS) == 0


def test_the_audit_trail_tells_who_gave_which_role_to_whom_and_when_newest_first(
    cli: Cli, world: World, accounts: MemoryAccounts
) -> None:
    accounts.add(ANN, **PROVEN)
    cli.run("role", "grant", "author", ANN)
    world.clock.advance(60_000)
    cli.run("role", "grant", "host", ADDRESS)
    world.clock.advance(60_000)
    cli.run("role", "revoke", "host", ANN)

    told = cli.json("role", "log")

    by = {"account": ANN, "by": "ops@school.example", "done": True}
    assert told == [
        {"action": "revoke", "role": "host", "before": "host", "at": "2023-11-14T22:15+00:00", **by},
        {"action": "grant", "role": "host", "before": "author", "at": "2023-11-14T22:14+00:00", **by},
        {"action": "grant", "role": "author", "before": None, "at": "2023-11-14T22:13+00:00", **by},
    ]
    assert cli.json("role", "log", "--most", "1") == told[:1]


def test_a_refused_grant_leaves_no_entry(cli: Cli, world: World, accounts: MemoryAccounts) -> None:
    accounts.add("squatter", email=ADDRESS, has_password=True, providers=("password",))

    assert cli.refused("role", "grant", "host", ADDRESS) == (3, "unproven_address")
    assert cli.json("role", "log") == []
    assert cli.run("role", "grant", "host", "squatter") == 0
    assert len(cli.json("role", "log")) == 1


def test_no_role_is_given_without_an_entry_and_an_entry_without_its_change_says_so(
    cli: Cli, world: World, accounts: MemoryAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(ANN, **PROVEN)

    def away(*_: object) -> None:
        raise CliError("unreachable", "away", Exit.UNREACHABLE)

    with monkeypatch.context() as broken:
        broken.setattr(MemoryStore, "commit", lambda *_: (_ for _ in ()).throw(OutcomeUnknown("away")))
        assert cli.refused("role", "grant", "host", ANN) == (4, "unreachable")
    assert accounts.known[ANN].claims == {}

    with monkeypatch.context() as broken:
        broken.setattr(MemoryAccounts, "set_claims", away)
        assert cli.refused("role", "grant", "host", ANN) == (4, "unreachable")
    assert [entry["done"] for entry in cli.json("role", "log")] == [False]

    assert cli.run("role", "grant", "host", ANN) == 0
    assert [entry["done"] for entry in cli.json("role", "log")] == [True, False]


def test_the_list_says_who_has_a_role_now(cli: Cli, accounts: MemoryAccounts) -> None:
    for uid in (ANN, "ben", "cho", "gone"):
        accounts.add(uid, email=f"{uid}@school.example")
        cli.run("role", "grant", "author", uid)
    cli.run("role", "grant", "host", ANN)
    cli.run("role", "revoke", "author", "ben")
    accounts.delete("gone")

    assert cli.json("role", "list") == [
        {"uid": ANN, "role": "host", "email": f"{ANN}@school.example"},
        {"uid": "cho", "role": "author", "email": "cho@school.example"},
    ]


# The tasks of a role on the command line: a command for each task.
COMMANDS = {
    "author": ("quiz", "list"),
    "host": ("session", "list"),
    "operator": ("role", "log"),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", COMMANDS)
def test_a_command_needs_the_role_that_may_do_it(cli: Cli, role: Role, needed: str) -> None:
    cli.services.told["role"] = role
    allowed = list(Role).index(role) >= list(Role).index(Role(needed))

    if allowed:
        assert cli.run(*COMMANDS[needed]) == 0
    else:
        assert cli.refused(*COMMANDS[needed]) == (3, "forbidden")
        assert f"WORDRUSH_ROLE is {role}" in cli.err


def test_a_command_without_a_project_needs_no_role(cli: Cli) -> None:
    cli.services.told["role"] = "player"

    assert cli.run("quiz", "check", str(next((ROOT / "quizzes").glob("*.yaml")))) == 0
    assert cli.refused("quiz", "list") == (3, "forbidden")
