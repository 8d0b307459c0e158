"""The HTTP API as a host calls it."""

from dataclasses import dataclass
from typing import Any, Self

import httpx

from admin_cli.errors import CliError, Exit

TIMEOUT_S = 15.0
_REAL_SIGN_IN = "https://identitytoolkit.googleapis.com"


@dataclass(frozen=True, slots=True)
class Api:
    base: str
    id_token: str

    @classmethod
    def sign_in(cls, base: str, custom_token: str, auth_emulator: str | None, web_api_key: str | None) -> Self:
        """Trade a custom token for an ID token. A real project asks for its web API key."""
        if auth_emulator is None and web_api_key is None:
            raise CliError("no_api_key", "set WORDRUSH_WEB_API_KEY (Console, Project settings)", Exit.SETTINGS)
        root = f"http://{auth_emulator}/identitytoolkit.googleapis.com" if auth_emulator else _REAL_SIGN_IN
        url = f"{root}/v1/accounts:signInWithCustomToken?key={web_api_key or 'emulator'}"
        body = {"token": custom_token, "returnSecureToken": True}
        return cls(base.rstrip("/"), _answer(httpx.Request("POST", url, json=body))["idToken"])

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises CliError with the API's own code."""
        headers = {"Authorization": f"Bearer {self.id_token}"}
        return _answer(httpx.Request("POST", f"{self.base}/api/v1{path}", json=body, headers=headers))


def _answer(request: httpx.Request) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=TIMEOUT_S) as client:
            response = client.send(request)
    except httpx.TransportError as error:
        raise CliError("unreachable", f"{request.url.host}:{request.url.port}: {error}", Exit.UNREACHABLE) from error
    if response.is_success:
        found: dict[str, Any] = response.json()
        return found
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = response.json()
        raise CliError(problem["code"], problem["detail"], Exit.REFUSED)
    raise CliError("http_error", f"{request.url} answered {response.status_code}: {response.text[:300]}", Exit.REFUSED)
