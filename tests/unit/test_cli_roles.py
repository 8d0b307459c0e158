"""The role of a host goes to the owner of an address, never to the first account with that address."""

import pytest

from tests.support.accounts import ANN, MemoryAccounts
from tests.support.cli import Cli

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
