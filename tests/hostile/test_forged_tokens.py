"""Tokens that look like Google's, checked by the library that checks the real ones; only the certificates are the
test's."""

import time
from typing import Any

import firebase_admin
import jwt
import pytest
from google.oauth2 import id_token

from quizcore.adapters.identity import FirebaseIdentity
from quizcore.ports import Caller, TokenRefused
from tests.hostile.keys import KEY_ID, PROJECT, Nobody, certificate, new_key

GOOGLES, STRANGERS = new_key(), new_key()


@pytest.fixture(name="identity")
def _identity(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    told = certificate(GOOGLES)
    monkeypatch.setattr(id_token, "_fetch_certs", lambda *_: {KEY_ID: told})
    app = firebase_admin.initialize_app(Nobody(), {"projectId": PROJECT}, "forged")
    yield FirebaseIdentity(app)
    firebase_admin.delete_app(app)


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "ann",
        "iat": now - 60,
        "exp": now + 3_540,
        "auth_time": now - 60,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _signed(claims: dict[str, Any], key: Any = GOOGLES, algorithm: str = "RS256", **headers: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": KEY_ID, **headers})


def test_a_token_that_google_signed_for_this_project_is_accepted(identity: FirebaseIdentity) -> None:
    found = identity.verify(_signed(_claims(role="host")))

    assert found == Caller("ann", "host", None)


@pytest.mark.parametrize(("proven", "role"), [(True, "host"), (False, None), (None, None)])
def test_a_role_counts_only_once_its_address_is_proven(
    identity: FirebaseIdentity, proven: bool | None, role: str | None
) -> None:
    token = _signed(_claims(role="host", email="teacher@school.example", email_verified=proven))

    assert identity.verify(token) == Caller("ann", role, None)


NOW = int(time.time())
FORGED = {
    "signed by a stranger": lambda: _signed(_claims(), STRANGERS),
    "expired": lambda: _signed(_claims(iat=NOW - 7_200, exp=NOW - 3_600)),
    "of tomorrow": lambda: _signed(_claims(iat=NOW + 86_400, exp=NOW + 90_000)),
    "for another project": lambda: _signed(_claims(aud="another-project")),
    "by another issuer": lambda: _signed(_claims(iss="https://securetoken.google.com/another-project")),
    "for nobody": lambda: _signed(_claims(sub="")),
    "without a subject": lambda: _signed(_claims(sub=None)),
    "with a very long subject": lambda: _signed(_claims(sub="x" * 129)),
    "with another key's name": lambda: _signed(_claims(), kid="key-2"),
    "with no key's name": lambda: jwt.encode(_claims(), GOOGLES, algorithm="RS256"),
    "alg none": lambda: jwt.encode(_claims(), "", algorithm="none", headers={"kid": KEY_ID}),
    "alg HS256": lambda: _signed(_claims(), "a secret of at least thirty-two bytes", "HS256"),
    "cut off": lambda: _signed(_claims())[:-20],
    "with another body": lambda: _exchanged(_signed(_claims()), _signed(_claims(sub="bob"), STRANGERS)),
}


def _exchanged(token: str, other: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_or_foreign_token_is_refused(identity: FirebaseIdentity, name: str) -> None:
    token = FORGED[name]()

    with pytest.raises(TokenRefused):
        identity.verify(token)
