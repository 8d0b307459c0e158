"""Players' tokens, signed by IAM as on Google Cloud, when IAM refuses, is unavailable, or does not respond."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import firebase_admin
import jwt
import pytest
from firebase_admin import _token_gen
from google.auth import iam
from google.auth.transport.requests import Request
from structlog.testing import capture_logs

from http_api.context import ApiContext
from quizcore.adapters.identity import FirebaseIdentity
from quizcore.deadline import must_end_within
from quizcore.ports import TokenNotSigned
from quizcore.telemetry import Telemetry
from tests.hostile.keys import PROJECT, Nobody
from tests.support.api_calls import refused
from tests.support.function import client_of
from tests.support.world import HOST, QUIZ_ID, Person, World, api_settings

ACCOUNT = "api@some-project.iam.gserviceaccount.com"
DENIED = {"error": {"code": 403, "message": "Permission 'iam.serviceAccounts.signBlob' denied on resource"}}
NOT_ENABLED = {"error": {"code": 403, "message": "IAM Service Account Credentials API has not been used in project"}}


@dataclass
class Iam:
    """IAM's signBlob and the metadata server, on this machine. `answer` gives status and body; a test may change it."""

    answer: Callable[[], tuple[int, object]] = lambda: (200, {"signedBlob": base64.b64encode(b"signed").decode()})
    may_go_on: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def hang(self) -> tuple[int, object]:
        self.may_go_on.wait()
        return 200, {}


@pytest.fixture(name="google")
def _google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Iam]:
    google = Iam()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            google.asked += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = google.answer()
            self.send_response(status)
            self.end_headers()
            with suppress(BrokenPipeError):  # who hangs up has waited long enough
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    monkeypatch.setattr(iam, "_IAM_SIGN_ENDPOINT", f"http://127.0.0.1:{server.server_port}/{{}}:signBlob")
    monkeypatch.setattr(_token_gen, "METADATA_SERVICE_URL", "http://127.0.0.1:1/email")
    yield google
    google.may_go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


def identity(seconds: float = 30.0, **options: str) -> FirebaseIdentity:
    app = firebase_admin.initialize_app(Nobody(), {"projectId": PROJECT, **options}, f"minting-{id(object())}")
    return FirebaseIdentity(app, seconds)


def with_account(seconds: float = 30.0) -> FirebaseIdentity:
    return identity(seconds, serviceAccountId=ACCOUNT)


def test_a_token_is_signed_by_the_account_that_the_function_runs_as(google: Iam) -> None:
    token = with_account().mint("ann", {"role": "player", "session": "s1"})

    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["iss"], claims["uid"], claims["claims"]) == (ACCOUNT, "ann", {"role": "player", "session": "s1"})
    assert google.asked == 1


def test_the_remaining_time_of_a_request_bounds_the_minting(google: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def no_answer(*_: Any, timeout: float, **__: Any) -> None:
        given.append(timeout)
        raise TimeoutError("no answer")

    monkeypatch.setattr(Request, "__call__", no_answer)
    must_end_within(2.0)
    try:
        with pytest.raises(TokenNotSigned):
            with_account(seconds=30.0).mint("ann", {})
    finally:
        must_end_within(None)

    assert given
    assert all(seconds <= 2.0 for seconds in given)


FAULTS: dict[str, Callable[[Iam], FirebaseIdentity]] = {}


def fault(name: str) -> Callable[[Callable[[Iam], FirebaseIdentity]], None]:
    def add(make: Callable[[Iam], FirebaseIdentity]) -> None:
        FAULTS[name] = make

    return add


@fault("the role is missing")
def _(google: Iam) -> FirebaseIdentity:
    google.answer = lambda: (403, DENIED)
    return with_account()


@fault("the API is not enabled")
def _(google: Iam) -> FirebaseIdentity:
    google.answer = lambda: (403, NOT_ENABLED)
    return with_account()


@fault("IAM does not answer")
def _(google: Iam) -> FirebaseIdentity:
    google.answer = google.hang
    return with_account(seconds=0.2)


@fault("IAM answers with no JSON")
def _(google: Iam) -> FirebaseIdentity:
    google.answer = lambda: (200, b"<html>signed?</html>")
    return with_account()


@fault("no account can be found")
def _(_: Iam) -> FirebaseIdentity:
    return identity(seconds=0.2)


@pytest.mark.parametrize("name", FAULTS)
def test_a_join_whose_token_cannot_be_signed_gets_try_again_and_the_log_says_what_is_missing(
    google: Iam, world: World, name: str
) -> None:
    host = Person(world.client(), HOST)
    pin = (host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {})["pin"]
    published = len(world.bus.published)
    minting = FAULTS[name](google)
    context = ApiContext(world.store, world.bus, minting, world.clock, world.ids, api_settings(), Telemetry())

    client = client_of(context)

    with capture_logs() as said:
        answer = client.post("/api/v1/join", json={"pin": pin, "nickname": "Ann"})

    assert refused(answer) == (503, "try_again")
    assert answer.headers["Retry-After"] == "1"
    (line,) = said
    assert (line["log_level"], line["kind"]) == ("error", "TokenNotSigned")
    assert "roles/iam.serviceAccountTokenCreator" in line["reason"]
    assert "iamcredentials.googleapis.com" in line["reason"]
    assert "Ann" not in str(line)
    assert len(world.bus.published) == published, "nobody has joined"


def test_the_next_token_is_signed_again(google: Iam) -> None:
    minting, works = with_account(), google.answer
    google.answer = lambda: (403, DENIED)
    with pytest.raises(TokenNotSigned):
        minting.mint("ann", {})

    google.answer = works

    assert minting.mint("ann", {})
