"""The promises of every identity service: a minted token, once traded, identifies the caller."""

import time
from collections.abc import Callable, Iterator

import firebase_admin
import httpx
import pytest
from firebase_admin import auth

from devstack.stack import Stack
from quizcore.adapters.identity import FirebaseIdentity
from quizcore.adapters.memory import MemoryIdentity
from quizcore.ports import Caller, Identity, TokenRefused
from tests.support.eventually import PATIENCE_S

Trade = Callable[[str], str]


@pytest.fixture(params=["memory", "firebase"], name="identity")
def _identity(request: pytest.FixtureRequest) -> Iterator[tuple[Identity, Trade]]:
    if request.param == "memory":
        yield MemoryIdentity(), lambda token: token
        return
    stack: Stack = request.getfixturevalue("stack")
    app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="contract")

    def trade(token: str) -> str:
        root = f"http://{stack.emulators.host('auth')}/identitytoolkit.googleapis.com/v1"
        body = {"token": token, "returnSecureToken": True}
        return str(
            httpx.post(f"{root}/accounts:signInWithCustomToken?key=k", json=body, timeout=PATIENCE_S).json()["idToken"]
        )

    yield FirebaseIdentity(app), trade
    firebase_admin.delete_app(app)


def test_a_minted_token_signs_its_bearer_in_with_its_claims(identity: tuple[Identity, Trade]) -> None:
    found, trade = identity

    player = trade(found.mint("player-1", {"role": "player", "session": "s1"}))
    plain = trade(found.mint("plain-1", {}))

    assert found.verify(player) == Caller("player-1", "player", "s1")
    assert found.verify(plain) == Caller("plain-1", None, None)


def test_a_real_token_states_its_expiry(stack: Stack) -> None:
    app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="expiry")
    identity = FirebaseIdentity(app)
    root = f"http://{stack.emulators.host('auth')}/identitytoolkit.googleapis.com/v1"
    body = {"token": identity.mint("ann", {}), "returnSecureToken": True}
    token = httpx.post(f"{root}/accounts:signInWithCustomToken?key=k", json=body, timeout=PATIENCE_S).json()["idToken"]

    left_s = identity.verify(token).expires_at / 1_000 - time.time()

    assert 3_500 < left_s <= 3_605
    firebase_admin.delete_app(app)


def test_a_role_counts_only_once_the_account_s_address_is_proven(stack: Stack) -> None:
    app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="proven")
    identity = FirebaseIdentity(app)
    root = f"http://{stack.emulators.host('auth')}/identitytoolkit.googleapis.com/v1"

    def role(uid: str) -> str | None:
        body = {"token": identity.mint(uid, {"role": "host"}), "returnSecureToken": True}
        answer = httpx.post(f"{root}/accounts:signInWithCustomToken?key=k", json=body, timeout=PATIENCE_S).json()
        return identity.verify(answer["idToken"]).role

    auth.create_user(uid="unproven", email="unproven@school.example", app=app)
    assert role("unproven") is None
    auth.update_user("unproven", email_verified=True, app=app)
    assert role("unproven") == "host"
    auth.create_user(uid="without-address", app=app)
    assert role("without-address") == "host"
    firebase_admin.delete_app(app)


def test_an_account_is_known_until_it_is_forgotten(identity: tuple[Identity, Trade]) -> None:
    found, trade = identity
    for uid in ("leaves-1", "leaves-2", "stays-1"):
        trade(found.mint(uid, {}))
    assert found.account("leaves-1") is not None

    found.forget(["leaves-1", "leaves-2", "never-there"])
    found.forget(["leaves-1"])

    assert [found.account(uid) is not None for uid in ("leaves-1", "leaves-2", "stays-1")] == [False, False, True]


def test_an_account_tells_what_the_service_keeps_of_it(stack: Stack) -> None:
    app = firebase_admin.initialize_app(options={"projectId": stack.project}, name="facts")
    auth.create_user(uid="facts-1", email="facts@school.example", password="secret1", app=app)

    facts = FirebaseIdentity(app).account("facts-1")

    assert facts is not None
    assert (facts.email, facts.providers) == ("facts@school.example", ("password",))
    assert abs(facts.created_at - time.time() * 1_000) < 600_000
    firebase_admin.delete_app(app)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_foreign_token_is_refused(identity: tuple[Identity, Trade], token: str) -> None:
    found, _ = identity

    with pytest.raises(TokenRefused):
        found.verify(token)
