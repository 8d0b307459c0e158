"""The in-memory twin of the accounts that the command line works with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from admin_cli.accounts import Account
from admin_cli.errors import CliError, Exit
from tests.support.games import START

ANN = "ann-uid"


class MemoryAccounts:
    def __init__(self) -> None:
        self.known: dict[str, Account] = {}

    def add(self, uid: str, **told: Any) -> None:
        defaults = {"email": None, "address_proven": False, "has_password": False, "providers": (), "created_at": START}
        self.known[uid] = Account(uid, **(defaults | told))

    def find(self, name: str) -> Account:
        for account in self.known.values():
            if name in (account.uid, account.email):
                return account
        raise CliError("unknown_account", f"no account {name}; it must have signed in once", Exit.REFUSED)

    def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        self.known[uid] = replace(self.known[uid], claims=dict(claims))

    def delete(self, uid: str) -> bool:
        return self.known.pop(uid, None) is not None

    def forget_password(self, uid: str) -> None:
        self.known[uid] = replace(self.known[uid], has_password=False)
