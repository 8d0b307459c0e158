"""The caller of a request, by Firebase Authentication or its emulator."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import firebase_admin
from firebase_admin import auth, exceptions
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from quizcore.deadline import within
from quizcore.ports import (
    AccountFacts,
    AccountsUnavailable,
    Caller,
    Clock,
    Identity,
    TokenCheckUnavailable,
    TokenNotSigned,
    TokenRefused,
)

CLOCK_SKEW_S = 5
DELETED_AT_ONCE = 1_000  # accounts, as the service takes them
ACCOUNTS_HELP = (
    "people's accounts are read and deleted by the service account that this runs as, with roles/firebaseauth.admin"
)
SIGNING_HELP = (
    "players' tokens are signed by IAM: the service account that this runs as needs "
    "roles/iam.serviceAccountTokenCreator on itself, and the project the API iamcredentials.googleapis.com"
)


class FirebaseIdentity:
    """Tokens are checked without a request to a server, so a disabled account's token works until it expires (an hour
    at most). Removed players are known from the session's documents."""

    def __init__(self, app: firebase_admin.App, mint_timeout_s: float = 5.0) -> None:
        self._app = app
        self._signing = _Within(mint_timeout_s)

    @cached_property
    def _minter(self) -> auth.Client:
        """The SDK waits two minutes each for the metadata server and for IAM, and has no setting for it."""
        client = auth.Client(self._app)
        client._token_generator.request = self._signing
        return client

    def verify(self, id_token: str) -> Caller:
        try:
            claims = auth.verify_id_token(id_token, app=self._app, clock_skew_seconds=CLOCK_SKEW_S)
        except auth.CertificateFetchError as error:
            raise TokenCheckUnavailable(str(error)) from error
        except (exceptions.FirebaseError, ValueError) as error:
            raise TokenRefused(str(error)) from error
        role = _text(claims, "role") if _address_proven(claims) else None
        return Caller(claims["uid"], role, _text(claims, "session"), int(claims["exp"]) * 1_000)

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        try:
            self._signing.begin()
            token: bytes = self._minter.create_custom_token(uid, dict(claims))
        except (exceptions.FirebaseError, GoogleAuthError, OSError, ValueError) as error:
            raise TokenNotSigned(f"{SIGNING_HELP}. {error}") from error
        return token.decode()

    def account(self, uid: str) -> AccountFacts | None:
        try:
            user = auth.get_user(uid, app=self._app)
        except auth.UserNotFoundError:
            return None
        except (exceptions.FirebaseError, GoogleAuthError, OSError) as error:
            raise AccountsUnavailable(f"{ACCOUNTS_HELP}. {error}") from error
        times = user.user_metadata
        providers = tuple(provider.provider_id for provider in user.provider_data)
        return AccountFacts(user.email, providers, times.creation_timestamp or 0, times.last_sign_in_timestamp or 0)

    def forget(self, uids: Sequence[str]) -> None:
        for start in range(0, len(uids), DELETED_AT_ONCE):
            try:
                result = auth.delete_users(list(uids[start : start + DELETED_AT_ONCE]), app=self._app)
            except (exceptions.FirebaseError, GoogleAuthError, OSError) as error:
                raise AccountsUnavailable(f"{ACCOUNTS_HELP}. {error}") from error
            if result.failure_count:
                raise AccountsUnavailable(f"{result.failure_count} accounts were not deleted")


class _Within(Request):  # type: ignore[misc] # google-auth is untyped here
    """A transport in which all requests of a thread since `begin`, retries included, share one time limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._thread = threading.local()

    def begin(self) -> None:
        self._thread.ends = time.monotonic() + within(self._seconds)

    def __call__(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        left = self._thread.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer within {self._seconds} s")  # google-auth would retry a TransportError
        return super().__call__(*args, timeout=min(left, timeout or left), **kwargs)


class RememberingIdentity:
    """Caches the callers of the last `most` valid tokens, each until its token expires. The cache key is a digest, so
    that no token stays in memory longer than its request."""

    def __init__(self, identity: Identity, clock: Clock, most: int) -> None:
        self._identity = identity
        self._clock = clock
        self._most = most
        self._known: OrderedDict[bytes, Caller] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, id_token: str) -> Caller:
        digest = hashlib.sha256(id_token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and self._clock.now_ms() < known.expires_at:
            return known
        caller = self._identity.verify(id_token)
        with self._lock:
            self._known[digest] = caller
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return caller

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        return self._identity.mint(uid, claims)

    def account(self, uid: str) -> AccountFacts | None:
        return self._identity.account(uid)

    def forget(self, uids: Sequence[str]) -> None:
        self._identity.forget(uids)


def _address_proven(claims: Mapping[str, object]) -> bool:
    """Whether the account's role counts. Any person can sign up with any address, so a role needs a verified address.
    An account without an address got its role by uid."""
    return not claims.get("email") or claims.get("email_verified") is True


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None
