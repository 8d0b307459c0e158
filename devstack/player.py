"""A player's client in Python: join, sign in, answer; retries with the same Idempotency-Key."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import httpx
import uuid_utils

TRIES = 6
BACKOFF_FIRST_S = 0.2
REQUEST_TIMEOUT_S = 15.0


class ApiProblem(Exception):
    """The API responded with a problem that a retry does not solve; `code` is stable."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`api` is the URL before /api/v1, `auth` is host:port of the Auth emulator."""

    api: str
    auth: str


@dataclass(frozen=True, slots=True)
class Player:
    nickname: str
    session_id: str
    player_id: str
    id_token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """`received_at` in ms since the epoch."""

    event_id: str
    received_at: int


def http_client(connections: int = 100) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(timeout=REQUEST_TIMEOUT_S, limits=limits)


@dataclass(frozen=True, slots=True)
class Person:
    """An account with a profile."""

    nickname: str
    avatar: str
    uid: str
    id_token: str


async def sign_up(http: httpx.AsyncClient, ends: Endpoints, nickname: str, avatar: str) -> Person:
    """Make an account in the Auth emulator, with a profile that is listed. Raises httpx.HTTPError."""
    url = f"http://{ends.auth}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=emulator"
    account = {"email": f"{uuid_utils.uuid7()}@example.org", "password": "emulator", "returnSecureToken": True}
    response = await http.post(url, json=account)
    made = response.raise_for_status().json()
    profile = {"nickname": nickname, "avatar": avatar, "listed": True, "language": "en"}
    headers = {"Authorization": f"Bearer {made['idToken']}"}
    saved = await http.put(f"{ends.api}/api/v1/me", json=profile, headers=headers)
    saved.raise_for_status()
    return Person(nickname, avatar, made["localId"], made["idToken"])


async def join_as(http: httpx.AsyncClient, ends: Endpoints, pin: str, person: Person) -> Player:
    """Join with an account. Raises ApiProblem, httpx.HTTPError."""
    body = {"pin": pin, "nickname": person.nickname, "avatar": person.avatar}
    joined = await call(http, f"{ends.api}/api/v1/join", body, person.id_token)
    return Player(person.nickname, joined["session_id"], joined["player_id"], person.id_token)


async def join(http: httpx.AsyncClient, ends: Endpoints, pin: str, nickname: str, avatar: str = "fox") -> Player:
    """Join as a new player and sign in. Raises ApiProblem, httpx.HTTPError."""
    joined = await call(http, f"{ends.api}/api/v1/join", {"pin": pin, "nickname": nickname, "avatar": avatar}, None)
    id_token = await sign_in(http, ends.auth, joined["token"])
    return Player(nickname, joined["session_id"], joined["player_id"], id_token)


async def sign_in(http: httpx.AsyncClient, auth: str, custom_token: str) -> str:
    """Trade a custom token for an ID token, as the web SDK's signInWithCustomToken does."""
    url = f"http://{auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken?key=emulator"
    response = await http.post(url, json={"token": custom_token, "returnSecureToken": True})
    response.raise_for_status()
    return str(response.json()["idToken"])


async def answer(http: httpx.AsyncClient, ends: Endpoints, player: Player, index: int, **given: Any) -> Receipt:
    """`given` is `choices=[…]` or `text=…`. Raises ApiProblem."""
    url = f"{ends.api}/api/v1/sessions/{player.session_id}/answers"
    accepted = await call(http, url, {"question_index": index, **given}, player.id_token)
    return Receipt(accepted["receipt"], accepted["received_at"])


async def command(
    http: httpx.AsyncClient, ends: Endpoints, session_id: str, id_token: str, name: str, **more: Any
) -> None:
    """Send a host's command. Raises ApiProblem."""
    url = f"{ends.api}/api/v1/sessions/{session_id}/commands"
    await call(http, url, {"command": name, **more}, id_token)


async def call(http: httpx.AsyncClient, url: str, body: dict[str, Any], id_token: str | None) -> dict[str, Any]:
    """POST with an Idempotency-Key, and retry with the same key on transport errors, 429 and 503, at most `TRIES`
    times. Raises ApiProblem, httpx.TransportError."""
    headers = {"Idempotency-Key": str(uuid_utils.uuid7())}
    if id_token:
        headers["Authorization"] = f"Bearer {id_token}"
    for attempt in range(TRIES):
        last = attempt == TRIES - 1
        try:
            response = await http.post(url, json=body, headers=headers)
        except httpx.TransportError:
            if last:
                raise
        else:
            if response.is_success:
                reply: dict[str, Any] = response.json()
                return reply
            problem = response.json()
            if response.status_code not in (429, 503) or last:
                raise ApiProblem(response.status_code, problem["code"], problem["detail"])
        await asyncio.sleep(random.uniform(0, BACKOFF_FIRST_S * 2**attempt))  # noqa: S311 (jitter)
    raise AssertionError("unreachable: the last try returns or raises")
