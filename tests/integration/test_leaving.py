"""A person leaves, on the emulators: within a minute no document names the person, and no board is wrong."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import firebase_admin
import httpx
import pytest
from google.cloud import firestore

from devstack import player as players
from devstack.player import Player
from devstack.privacy import load
from devstack.processes import Child
from devstack.stack import Stack
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.identity import FirebaseIdentity
from tests.conftest import Figure
from tests.integration.test_cli import Wordrush
from tests.support.games import SINGLE, quiz
from tests.support.live import Live, endpoints, open_live

WITHIN_S = 60.0
NAME = "Annabel Q"


def naming(stack: Stack, *names: str) -> list[str]:
    """The documents of the database that contain one of these names."""
    client = firestore.Client(project=stack.project)
    groups = {path.split("/")[-2] for path in load()["documents"]}
    found = (snapshot for group in sorted(groups) for snapshot in client.collection_group(group).stream())
    texts = ((each.reference.path, f"{each.reference.path} {each.to_dict()}") for each in found)
    return [path for path, text in texts if any(name in text for name in names)]


class Person:
    def __init__(self, http: httpx.AsyncClient, stack: Stack, uid: str, token: str) -> None:
        self.http, self.stack, self.uid, self.token = http, stack, uid, token

    @classmethod
    async def new(cls, http: httpx.AsyncClient, stack: Stack, app: Any, nickname: str) -> "Person":
        uid = f"person-{RandomIds().secret_id()}"
        custom = FirebaseIdentity(app).mint(uid, {})
        made = cls(http, stack, uid, await players.sign_in(http, stack.emulators.host("auth"), custom))
        await made.call("PUT", "/me", {"nickname": nickname, "avatar": "owl", "listed": True, "language": "en"})
        return made

    async def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        response = await self.http.request(method, f"{self.stack.api}/api/v1{path}", json=body, headers=headers)
        assert response.status_code < 300, response.text
        return dict(response.json())


async def finished(live: Live, guest: Player, *accounts: Person) -> None:
    """A game of one question to its end; the guest plays, and the accounts do."""
    for number, one in enumerate(accounts):
        await one.call("POST", "/join", {"pin": live.pin, "nickname": f"{NAME} {number}"})
    await live.until(lambda: live.board()["player_count"] == 1 + len(accounts), "everybody is on the board")
    await live.open_question(0)
    for one in accounts:
        await one.call("POST", f"/sessions/{live.session_id}/answers", {"question_index": 0, "choices": [1]})
    await live.answer(guest, 0, 1)
    await live.close_question()
    await live.command("finish")
    await live.until(lambda: live.session()["handed_seq"] == live.board()["seq"] > 0, "handed on")


@pytest.fixture(name="wordrush")
def _wordrush(stack: Stack) -> Wordrush:
    return Wordrush(stack)


@pytest.fixture(name="app")
def _app(stack: Stack) -> Iterator[firebase_admin.App]:
    made = firebase_admin.initialize_app(options={"projectId": stack.project}, name="leaving")
    yield made
    firebase_admin.delete_app(made)


def test_within_a_minute_no_document_names_a_person_who_has_left(
    stack: Stack, worker: Child, wordrush: Wordrush, app: firebase_admin.App, figure: Figure
) -> None:
    async def play() -> float:
        async with players.http_client() as http:
            ann, ben = [await Person.new(http, stack, app, name) for name in (NAME, "Ben")]
            own, other = [await open_live(stack, http, quiz(SINGLE), shards=shards) for shards in (2, 1)]
            (stranger,) = await own.join(1)
            await finished(own, stranger, ann, ben)
            guest = await players.join(http, endpoints(stack), other.pin, f"{NAME} 9")
            await finished(other, guest)
            kept = {"session_id": other.session_id, "guest_token": guest.id_token}
            assert (await ann.call("POST", "/me/kept", kept))["counted"]
            assert len((await ann.call("GET", "/me/export"))["documents"]) > 5
            assert len(naming(stack, ann.uid, guest.player_id)) > 8

            began = time.monotonic()
            assert (await ann.call("DELETE", "/me"))["pending"] == 2
            names = (ann.uid, guest.player_id)
            await own.until(lambda: not naming(stack, *names), "no document names the person", WITHIN_S)
            took_s = time.monotonic() - began
            assert naming(stack, ben.uid), "the others stay"
            for live in (own, other):
                assert wordrush.json("verify", live.session_id)["differences"] == []
            boards.update(f"quiz-{live.session()['quiz_id']}" for live in (own, other))
            return took_s

    boards: set[str] = set()
    took_s = asyncio.run(play())
    # Other tests write documents of people by hand, so only the boards of these games are verified.
    for board in sorted(boards):
        checked = wordrush.run("verify", "--boards", "--board", board)
        assert checked.returncode == 0, checked.stdout
    figure(f"erasure of a person with two games: {took_s:.1f} s until no document of the database names the person")
