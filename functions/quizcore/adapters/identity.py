"""Who calls, by Firebase Authentication or its emulator."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping

import firebase_admin
from firebase_admin import auth, exceptions

from quizcore.ports import Caller, Clock, Identity, TokenCheckUnavailable, TokenRefused

CLOCK_SKEW_S = 5


class FirebaseIdentity:
    """A disabled account keeps its token until that expires (an hour at most): the door asks no
    server per request. Who was removed from a session is known from the session's documents."""

    def __init__(self, app: firebase_admin.App) -> None:
        self._app = app

    def verify(self, id_token: str) -> Caller:
        try:
            claims = auth.verify_id_token(id_token, app=self._app, clock_skew_seconds=CLOCK_SKEW_S)
        except auth.CertificateFetchError as error:
            raise TokenCheckUnavailable(str(error)) from error
        except (exceptions.FirebaseError, ValueError) as error:
            raise TokenRefused(str(error)) from error
        return Caller(claims["uid"], _text(claims, "role"), _text(claims, "session"), int(claims["exp"]) * 1_000)

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        token: bytes = auth.create_custom_token(uid, dict(claims), app=self._app)
        return token.decode()


class RememberingIdentity:
    """Does not check the same token twice: the last so many that were good, each until it expires. What is kept is a
    digest, so that no token lies in memory longer than its request."""

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


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None
