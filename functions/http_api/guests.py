"""Who may try how often to join, and to guess a PIN."""

from dataclasses import dataclass

from flask import request

from http_api.context import ApiContext
from quizcore.ports import Caller


@dataclass(frozen=True, slots=True)
class Guest:
    """A person who wants to join. `caller` is None without a token.

    A wrong PIN counts for the address, whoever sends it from there: accounts cost nothing, so an account's own budget
    alone would be as many budgets as somebody makes accounts. Callers with an account share a separate budget of the
    address: in a school, a neighbour who guesses without an account locks none of them out. Players who have joined are
    never affected: no other call asks for a PIN.
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
        """Half of a budget at once, and half of it spread over a minute: never more than all of it in any minute."""
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
    """The accounts that a session has made share a budget, wherever they are."""
    return f"session {caller.session_id}" if caller.session_id else f"account {caller.uid}"


def _address() -> str:
    """As `edge.py` determined it. An IPv6 /64 counts as one address."""
    return request.remote_addr or "unknown"
