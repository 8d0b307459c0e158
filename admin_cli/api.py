"""The HTTP API as a host calls it."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from admin_cli.errors import CliError, Exit
from quizcore.ports import Ids

TIMEOUT_S = 15.0
TRIES = 6
PAUSE_FIRST_S = 0.25
PAUSE_MOST_S = 4.0
Reply = dict[str, Any]  # the JSON of a response, as in docs/openapi.json
REPEATABLE = {429, 500, 502, 503, 504}
_REAL_SIGN_IN = "https://identitytoolkit.googleapis.com"


@dataclass(frozen=True, slots=True)
class Api:
    base: str
    id_token: str
    ids: Ids
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def sign_in(
        cls, base: str, custom_token: str, auth_emulator: str | None, web_api_key: str | None, ids: Ids
    ) -> Self:
        """Trade a custom token for an ID token. A real project needs `web_api_key`; the emulator does not. Raises
        CliError `no_api_key` or `unreachable`."""
        if auth_emulator is None and web_api_key is None:
            raise CliError("no_api_key", "set WORDRUSH_WEB_API_KEY (Console, Project settings)", Exit.SETTINGS)
        root = f"http://{auth_emulator}/identitytoolkit.googleapis.com" if auth_emulator else _REAL_SIGN_IN
        url = f"{root}/v1/accounts:signInWithCustomToken?key={web_api_key or 'emulator'}"
        body = {"token": custom_token, "returnSecureToken": True}
        return cls(base.rstrip("/"), _reply_of(_sent(httpx.Request("POST", url, json=body)))["idToken"], ids)

    def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """POST with an Idempotency-Key, the same one when it is repeated. Raises CliError with the API's own code."""
        return _reply_of(self._repeated("POST", path, body, {"Idempotency-Key": self.ids.event_id()}))

    def delete(self, path: str) -> None:
        """DELETE, which needs no key to be repeated. Raises CliError with the API's own code."""
        response = self._repeated("DELETE", path, None, {})
        if not response.is_success:
            _reply_of(response)

    def _repeated(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """The response. When none arrives, or a status of `REPEATABLE`, the request is sent again, at most `TRIES`
        times, with jitter. Raises CliError `unreachable`."""
        headers = {"Authorization": f"Bearer {self.id_token}", **headers}
        for attempt in range(TRIES):
            request = httpx.Request(method, f"{self.base}/api/v1{path}", json=body, headers=headers)
            last = attempt == TRIES - 1
            try:
                response = _sent(request, self.transport)
            except CliError:
                if last:
                    raise
            else:
                if last or response.status_code not in REPEATABLE:
                    return response
            most = min(PAUSE_MOST_S, PAUSE_FIRST_S * 2**attempt)
            self.sleep(random.uniform(0, most))  # noqa: S311 (jitter)
        raise AssertionError("unreachable: the last try returns or raises")


def _sent(request: httpx.Request, transport: httpx.BaseTransport | None = None) -> httpx.Response:
    try:
        with httpx.Client(timeout=TIMEOUT_S, transport=transport) as client:
            return client.send(request)
    except httpx.TransportError as error:
        raise CliError("unreachable", f"{request.url.host}:{request.url.port}: {error}", Exit.UNREACHABLE) from error


def _reply_of(response: httpx.Response) -> Reply:
    if response.is_success:
        reply: Reply = response.json()
        return reply
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = response.json()
        raise CliError(problem["code"], problem["detail"], Exit.REFUSED)
    raise CliError(
        "http_error", f"{response.request.url} answered {response.status_code}: {response.text[:300]}", Exit.REFUSED
    )
