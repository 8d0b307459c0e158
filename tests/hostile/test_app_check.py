"""App Check, when configured: tokens of our apps are accepted, others are refused, and an outage is not a refusal."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import firebase_admin
import jwt
import pytest
from jwt import PyJWK, PyJWKClient
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError

from http_api.context import ApiContext
from quizcore.adapters.app_check import FirebaseAppCheck
from quizcore.ports import TokenCheckUnavailable, TokenRefused
from quizcore.telemetry import Telemetry
from tests.hostile.keys import KEY_ID, PROJECT, Nobody, new_key
from tests.support.api_calls import refused
from tests.support.function import client_of
from tests.support.world import HOST, QUIZ_ID, World, api_settings

GOOGLES, STRANGERS = new_key(), new_key()


def token(key: Any = GOOGLES, algorithm: str = "RS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "https://firebaseappcheck.googleapis.com/123",
        "aud": [f"projects/{PROJECT}"],
        "sub": "1:123:web:abc",
        "iat": now - 60,
        "exp": now + 3_600,
    }
    return jwt.encode(claims | changes, key, algorithm=algorithm, headers={"kid": KEY_ID})


def _known_key(_: PyJWKClient, said: str) -> PyJWK:
    if jwt.get_unverified_header(said).get("kid") != KEY_ID:
        raise PyJWKClientError("no such key")
    public = RSAAlgorithm.to_jwk(GOOGLES.public_key(), as_dict=True)
    return PyJWK({**public, "alg": "RS256", "kid": KEY_ID})


@pytest.fixture(name="attestation")
def _attestation(monkeypatch: pytest.MonkeyPatch) -> Iterator[FirebaseAppCheck]:
    monkeypatch.setattr(PyJWKClient, "get_signing_key_from_jwt", _known_key)
    app = firebase_admin.initialize_app(Nobody(), {"projectId": PROJECT}, "app-check")
    yield FirebaseAppCheck(app)
    firebase_admin.delete_app(app)


def test_a_token_of_one_of_our_apps_is_accepted(attestation: FirebaseAppCheck) -> None:
    attestation.verify(token())


FORGED: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "words": lambda: "please",
    "signed by a stranger": lambda: token(STRANGERS),
    "expired": lambda: token(exp=int(time.time()) - 60),
    "for another project": lambda: token(aud=["projects/another"]),
    "by another issuer": lambda: token(iss="https://example.com/"),
    "alg HS256": lambda: token("a secret of at least thirty-two bytes", "HS256"),
    "with a key that nobody knows": lambda: jwt.encode({}, GOOGLES, algorithm="RS256", headers={"kid": "key-2"}),
}


@pytest.mark.parametrize("name", FORGED)
def test_any_other_app_check_token_is_refused(attestation: FirebaseAppCheck, name: str) -> None:
    with pytest.raises(TokenRefused):
        attestation.verify(FORGED[name]())


def test_when_google_s_keys_are_unavailable_no_token_is_called_forged(
    attestation: FirebaseAppCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise PyJWKClientConnectionError("away")

    monkeypatch.setattr(PyJWKClient, "get_signing_key_from_jwt", away)

    with pytest.raises(TokenCheckUnavailable):
        attestation.verify(token())


def test_the_api_requires_app_check_only_when_configured(world: World, attestation: FirebaseAppCheck) -> None:
    parts = (world.store, world.bus, world.identity, world.clock, world.ids, api_settings(), Telemetry())
    asking, not_asking = (client_of(ApiContext(*parts, attestation=a)) for a in (attestation, None))
    headers, body = {"Authorization": f"Bearer {HOST}"}, {"quiz_id": QUIZ_ID}

    without = asking.post("/api/v1/sessions", json=body, headers=headers)
    told = asking.post("/api/v1/sessions", json=body, headers=headers | {"X-Firebase-AppCheck": token()})

    assert refused(without) == (401, "unattested")
    assert told.status_code == not_asking.post("/api/v1/sessions", json=body, headers=headers).status_code == 201
    joining = {"pin": (told.json or {})["pin"], "nickname": "Ann"}
    assert refused(asking.post("/api/v1/join", json=joining)) == (401, "unattested")
    assert asking.get("/api/v1/health").status_code == asking.get("/api/v1/time").status_code == 200


@pytest.fixture(name="world")
def _world() -> World:
    world = World()
    world.add_quiz()
    return world
