"""The API as it is deployed (functions-framework, `main.py`), during an outage of Firestore and after it."""

import base64
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from devstack import ports
from devstack.processes import Child, wait_until
from devstack.stack import Stack
from tests.conftest import Figure
from tests.support.cloud_twin import CloudTwin
from tests.support.eventually import eventually
from tests.support.store_twin import StoreTwin
from tests.support.world import api_settings

ROOT = Path(__file__).parents[2]
PROJECT = "demo-x"
START_S = 180.0
AT_ONCE = 24
REQUEST_S = 2.0  # the longest request here; the default promises six seconds
PATIENCE_S = 15 * REQUEST_S  # a call without a limit takes longer


def accepts_and_never_answers(port: int, stack: ExitStack) -> None:
    """The kernel accepts connections, and no process reads them."""
    listener = stack.enter_context(closing(socket.create_server((ports.HOST, port), backlog=128)))
    listener.listen()


def refuses(port: int, stack: ExitStack) -> None:
    """Nobody listens."""


def answers_no_call(port: int, stack: ExitStack) -> None:
    """The connection is open, and calls do not return."""
    twin = stack.enter_context(StoreTwin(port))
    twin.silent = True


class Api:
    """One process of the function, and a player of one session who calls it."""

    def __init__(self, folder: Path, store_port: int, bus: CloudTwin) -> None:
        self.port = ports.choose(8_091, {store_port})
        env = {
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "FIRESTORE_EMULATOR_HOST": f"{ports.HOST}:{store_port}",
            "PUBSUB_EMULATOR_HOST": bus.address,
            "FIREBASE_AUTH_EMULATOR_HOST": f"{ports.HOST}:1",  # unsigned tokens are accepted without a call
            "WORDRUSH_REQUEST_TIMEOUT_MS": str(int(REQUEST_S * 1000)),
            "WORKERS": "1",
        }
        command = [
            *Stack.framework_command("api", "functions/main.py"),
            *("--host", ports.HOST, "--port", str(self.port)),
        ]
        self.child = Child("api", command, env, ROOT, folder / "api.log")
        wait_until(lambda: ports.answers_http(f"{self._url}/time"), self.child, START_S)

    def answer(self, session_id: str = "s1") -> tuple[int, str]:
        """The status and the code of an answer. Raises httpx.TimeoutException."""
        headers = {"Authorization": f"Bearer {token(session_id)}"}
        url, body = f"{self._url}/sessions/{session_id}/answers", {"question_index": 0, "choices": [0]}
        got = httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S)
        return got.status_code, got.json()["code"]

    @property
    def _url(self) -> str:
        return f"http://{ports.HOST}:{self.port}/api/v1"


def token(session_id: str) -> str:
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "ann",
        "iat": now,
        "exp": now + 3_600,
        "role": "player",
        "session": session_id,
    }
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."


def _encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.fixture(name="bus")
def _bus() -> Iterator[CloudTwin]:
    with CloudTwin() as twin:
        yield twin


@pytest.mark.parametrize("away", [accepts_and_never_answers, refuses, answers_no_call])
def test_every_request_gets_try_again_in_time_during_an_outage_and_succeeds_soon_after(
    away: Callable[[int, ExitStack], None], tmp_path: Path, bus: CloudTwin, figure: Figure
) -> None:
    store_port = ports.choose(8_181, set())
    with ExitStack() as outage:
        away(store_port, outage)
        api = Api(tmp_path, store_port, bus)
        try:
            with ThreadPoolExecutor(AT_ONCE) as people:
                for _ in range(2):
                    told = list(people.map(lambda _: api.answer(), range(AT_ONCE)))
                    assert told == [(503, "try_again")] * AT_ONCE
                others = list(people.map(lambda number: api.answer(f"s{number}"), range(AT_ONCE)))
                assert others == [(503, "try_again")] * AT_ONCE
            outage.close()
            with StoreTwin(store_port):
                back_at = time.monotonic()
                eventually(lambda: api.answer() == (404, "unknown_session"), "the store is asked again")
                figure(f"API after an outage of the store ({away.__name__}): {time.monotonic() - back_at:.1f} s")
        finally:
            api.child.stop()


def test_the_defaults_keep_the_promised_six_seconds() -> None:
    settings = api_settings()
    assert settings.request_timeout_ms <= 5_500
    assert settings.publish_timeout_ms <= settings.request_timeout_ms
