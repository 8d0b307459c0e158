"""Who calls, by Firebase Authentication or its emulator."""

from collections.abc import Mapping

import firebase_admin
from firebase_admin import auth, exceptions

from quizcore.ports import Caller, TokenCheckUnavailable, TokenRefused

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
        return Caller(claims["uid"], _text(claims, "role"), _text(claims, "session"))

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        token: bytes = auth.create_custom_token(uid, dict(claims), app=self._app)
        return token.decode()


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None
