"""How often a caller may try to join, and how many wrong PINs a caller may send."""

from dataclasses import dataclass

from flask import request

from http_api.context import ApiContext
from quizcore.ports import Caller


@dataclass(frozen=True, slots=True)
class Guest:
    """A person who wants to join. `caller` is None without a token.

    A wrong PIN counts for the address, independent of the account: accounts cost nothing, so with budgets per account
    only, a guesser would get as many budgets as accounts. Callers with an account share a separate budget of the
    address: in a school, a neighbour who guesses without an account does not block them. Players who have joined are
    never affected, because no other call needs a PIN.
    """

    context: ApiContext
    caller: Caller | None

    def check_joins(self) -> None:
        """Raises Rejected `slow_down`."""
        who = f"account {self.caller.uid}" if self.caller else f"address {_address()}"
        self.context.limits.check("joins", who, self.context.settings.joins_per_minute)

    def check_guesses(self) -> None:
        """Raises Rejected `slow_down` when no wrong PIN is left to the caller."""
        self._count(spend=False)

    def guessed_wrong(self) -> None:
        """Raises Rejected `slow_down` when no wrong PIN was left to the caller."""
        self._count(spend=True)

    def _count(self, *, spend: bool) -> None:
        """Allow half of a budget at once and half of it spread over a minute, so that no minute gets more than the
        whole budget."""
        for who, budget in self._budgets():
            self.context.limits.check("wrong PINs", who, budget // 2, spend=spend)

    def _budgets(self) -> list[tuple[str, int]]:
        settings = self.context.settings
        if self.caller is None:
            return [(f"address {_address()}", settings.wrong_pins_per_address)]
        return [
            (f"signed in at {_address()}", settings.wrong_pins_per_address_signed_in),
            (_account(self.caller), settings.wrong_pins_per_account),
        ]


def _account(caller: Caller) -> str:
    """The accounts that a session has made share a budget, at any address."""
    return f"session {caller.session_id}" if caller.session_id else f"account {caller.uid}"


def _address() -> str:
    """As `edge.py` determined it. An IPv6 /64 counts as one address."""
    return request.remote_addr or "unknown"
