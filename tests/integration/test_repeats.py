"""Simultaneous requests with one key, and uids of any form, through the deployed function on the emulators."""

import asyncio
from typing import Any

import httpx

from devstack import player as players
from devstack.processes import Child
from devstack.stack import Stack
from quizcore import documents
from quizcore.adapters.clock import RandomIds
from tests.support.live import Live, host_token, open_live

AT_ONCE = 6


async def together(http: httpx.AsyncClient, url: str, body: dict[str, Any], token: str | None) -> list[httpx.Response]:
    """The same request so often at the same moment, each only once."""
    headers = {"Idempotency-Key": RandomIds().event_id()} | ({"Authorization": f"Bearer {token}"} if token else {})
    return list(await asyncio.gather(*(http.post(url, json=body, headers=headers) for _ in range(AT_ONCE))))


def same(responses: list[httpx.Response], status: int) -> Any:
    assert [response.status_code for response in responses] == [status] * AT_ONCE, responses[0].text
    first: Any = responses[0].json()
    assert all({**response.json(), "token": None} == {**first, "token": None} for response in responses)
    return first


def test_simultaneous_requests_with_one_key_are_one_request(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http)
            api = f"{stack.api}/api/v1"
            quiz_id = live.session()["quiz_id"]
            opened = same(await together(http, f"{api}/sessions", {"quiz_id": quiz_id}, live.host), 201)
            held = live.store.list(documents.SESSIONS, where=[("host_id", "==", live.session()["host_id"])])
            assert {session.name for session in held} == {live.session_id, opened["session_id"]}
            ann = same(await together(http, f"{api}/join", {"pin": live.pin, "nickname": "Ann"}, None), 201)
            same(
                await together(http, f"{api}/sessions/{live.session_id}/commands", {"command": "next"}, live.host), 202
            )
            await live.until(lambda: live.session()["question_index"] == 0, "the question")
            await live.until(lambda: live.sheet(ann["player_id"]), "the player")

    asyncio.run(play())


async def signed_in(live: Live, uid: str) -> str:
    return await host_token(live.stack, live.http, uid)


def test_an_account_with_an_odd_uid_plays_and_an_unusable_uid_is_refused(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http)
            odd = "auth0|a.b:c@d"
            token = await signed_in(live, odd)
            join = {"pin": live.pin, "nickname": "Odd"}
            joined = await players.call(http, f"{stack.api}/api/v1/join", join, token)
            assert joined["player_id"] == odd
            await live.until(lambda: live.board()["player_count"] == 1, "the player on the board")
            await live.open_question(0)
            answer = {"question_index": 0, "choices": [1]}
            await players.call(http, f"{stack.api}/api/v1/sessions/{live.session_id}/answers", answer, token)
            await live.until(lambda: live.board()["tally"]["answered"] == 1, "the answer counted")

            slash = {"Authorization": f"Bearer {await signed_in(live, 'a/b')}"}
            told = await http.post(f"{stack.api}/api/v1/join", json=join | {"nickname": "Slash"}, headers=slash)
            assert (told.status_code, told.json()["code"]) == (403, "account_unusable")

    asyncio.run(play())
