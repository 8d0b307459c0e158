"""Tokens and accounts in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quizcore.ports import (
    AccountFacts,
    Caller,
    TokenRefused,
)


@dataclass(slots=True)
class MemoryIdentity:
    """Tokens are the keys of `callers`; a minted token is valid at once. Every caller has an account until it is
    deleted; the tokens stay valid."""

    callers: dict[str, Caller] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def verify(self, id_token: str) -> Caller:
        if id_token not in self.callers:
            raise TokenRefused("unknown token")
        return self.callers[id_token]

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        token = f"token-{uid}"
        self.callers[token] = Caller(uid, claims.get("role"), claims.get("session"))
        return token

    def account(self, uid: str) -> AccountFacts | None:
        known = any(caller.uid == uid for caller in self.callers.values()) and uid not in self.forgotten
        return AccountFacts(f"{uid}@school.example", ("password",), 0, 0) if known else None

    def forget(self, uids: Sequence[str]) -> None:
        self.forgotten.update(uids)
