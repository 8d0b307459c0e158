"""Who an account belongs to, and what has been proven of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from admin_cli.errors import CliError, Exit


@dataclass(frozen=True, slots=True)
class Account:
    """`address_proven`: its owner has received mail there, or signs in with a provider that says so.
    `has_password`: somebody can sign in without access to that mail. `created_at` in ms since the epoch."""

    uid: str
    email: str | None
    address_proven: bool
    has_password: bool
    providers: tuple[str, ...]
    created_at: int
    claims: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """What an operator looks at before giving it a role."""
        return {
            "uid": self.uid,
            "email": self.email,
            "address_proven": self.address_proven,
            "providers": list(self.providers),
            "created_at": self.created_at,
        }


class Accounts(Protocol):
    def find(self, name: str) -> Account:
        """By address when it holds an @, else by uid. Raises CliError `unknown_account`."""

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None: ...

    def forget_password(self, uid: str) -> None:
        """Nobody signs in by password any more, and who is signed in has to do it again."""

    def delete(self, uid: str) -> bool:
        """Whether there was one. A player who came with a PIN alone has one too, of the same uid."""


def of_its_owner(accounts: Accounts, name: str) -> Account:
    """The account of a uid, or of an address that its owner has proven: whoever signed up first with an address need
    not be its owner. Raises CliError `unknown_account` or `unproven_address`."""
    account = accounts.find(name)
    if "@" in name and not account.address_proven:
        raise CliError(
            "unproven_address",
            f"nobody has proven that {name} belongs to the account {account.uid} "
            f"({', '.join(account.providers) or 'no provider'}). Its owner signs in once with the link by e-mail or "
            "with Google, then repeat; an account that you know otherwise is named by its uid",
            Exit.REFUSED,
        )
    return account


def grant(accounts: Accounts, name: str, role: str) -> Account:
    """Raises CliError as `of_its_owner` does.

    A password may be older than the proof of the address, and then be somebody else's: it goes. The site asks nobody
    for one."""
    account = of_its_owner(accounts, name)
    if account.has_password:
        accounts.forget_password(account.uid)
    accounts.set_claims(account.uid, {**account.claims, "role": role})
    return account


def revoke(accounts: Accounts, name: str) -> Account:
    """Raises CliError `unknown_account`. Taking a role is safe whoever has the address."""
    account = accounts.find(name)
    accounts.set_claims(account.uid, {key: value for key, value in account.claims.items() if key != "role"})
    return account
