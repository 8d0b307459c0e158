"""Callers, tokens and accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request: the uid, the role claim, the session of a player's token, and when the token expires (ms
    since the epoch; 0 when unknown)."""

    uid: str
    role: str | None = None
    session_id: str | None = None
    expires_at: int = field(default=0, compare=False)


class TokenRefused(Exception):
    """The ID token is missing, malformed, expired, or not ours."""


class TokenCheckUnavailable(Exception):
    """The keys to check tokens with could not be fetched; try again."""


class AccountsUnavailable(Exception):
    """The service of the accounts did not respond or refused the request; try again. The message is for the
    operator."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The data that the service stores about an account. `created_at` and `signed_in_at` in ms since the epoch; 0 when
    unknown."""

    email: str | None
    providers: tuple[str, ...]
    created_at: int
    signed_in_at: int


class TokenNotSigned(Exception):
    """No token could be signed; try again. The message is for the operator: it names the fault and the remedy."""


class Attestation(Protocol):
    def verify(self, token: str) -> None:
        """Check that the request comes from one of our apps. Raises TokenRefused or TokenCheckUnavailable."""


class Identity(Protocol):
    def verify(self, id_token: str) -> Caller:
        """Raises TokenRefused or TokenCheckUnavailable."""

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        """A custom token that signs its bearer in as `uid`. Raises TokenNotSigned."""

    def account(self, uid: str) -> AccountFacts | None:
        """The account of this uid, or None. An ID token outlives its account by up to an hour. Raises
        AccountsUnavailable."""

    def forget(self, uids: Sequence[str]) -> None:
        """Delete these accounts; missing ones are no error. Raises AccountsUnavailable."""
