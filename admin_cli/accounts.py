"""Accounts of Firebase Authentication: the owner's address, whether it is proven, and the roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from admin_cli.errors import CliError, Exit


@dataclass(frozen=True, slots=True)
class Account:
    """`address_proven`: the owner has received mail at `email`, or signs in with a provider that vouches for it.
    `has_password`: a password signs in without access to that mail. `created_at` in ms since the epoch."""

    uid: str
    email: str | None
    address_proven: bool
    has_password: bool
    providers: tuple[str, ...]
    created_at: int
    claims: Mapping[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The facts that an operator checks before granting a role, as JSON."""
        return {
            "uid": self.uid,
            "email": self.email,
            "address_proven": self.address_proven,
            "providers": list(self.providers),
            "created_at": self.created_at,
        }


class Accounts(Protocol):
    def find(self, name: str) -> Account:
        """By address when `name` contains an @, else by uid. Raises CliError `unknown_account`."""

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None: ...

    def forget_password(self, uid: str) -> None:
        """Make the password unusable and revoke the refresh tokens, so that every device must sign in again."""

    def delete(self, uid: str) -> bool:
        """Delete the account; false when there is none. A player who joined with a PIN alone has one too: the player's
        id is its uid."""


def of_its_owner(accounts: Accounts, name: str) -> Account:
    """The account of a uid, or of a proven address. An unproven address is not enough: the first person who signs up
    with an address may not be its owner. Raises CliError `unknown_account` or `unproven_address`."""
    account = accounts.find(name)
    if "@" in name and not account.address_proven:
        raise CliError(
            "unproven_address",
            f"{name} is not proven to be that of account {account.uid} "
            f"({', '.join(account.providers) or 'no provider'}). Its owner signs in once by the link by e-mail or "
            "with Google, then repeat. An account that you know otherwise can be named by its uid",
            Exit.REFUSED,
        )
    return account
