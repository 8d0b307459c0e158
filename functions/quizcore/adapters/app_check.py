"""Checks by Firebase App Check that a request comes from one of our apps."""

import firebase_admin
from firebase_admin import app_check
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError

from quizcore.ports import TokenCheckUnavailable, TokenRefused


class FirebaseAppCheck:
    """App Check has no emulator. Tokens are not consumed: a client may send the same token until it expires."""

    def __init__(self, app: firebase_admin.App) -> None:
        self._app = app

    def verify(self, token: str) -> None:
        try:
            app_check.verify_token(token, self._app)
        except PyJWKClientConnectionError as error:
            raise TokenCheckUnavailable(str(error)) from error
        except (ValueError, PyJWTError) as error:  # an unknown key means a forged token, not an outage
            raise TokenRefused(str(error)) from error
