"""Every hostile request gets its documented refusal: no 5xx, and no change of the store or the bus."""

from copy import deepcopy
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.ports import Put
from tests.conftest import Figure
from tests.hostile.inputs import API, Hostile, hostile_inputs
from tests.support.api_calls import open_question
from tests.support.world import HOST, QUIZ_ID, Person, World

FEWEST = 500
CALLS = ("joins", "answers", "commands", "profile_calls", "return_codes")
PINS = ("wrong_pins_per_address", "wrong_pins_per_address_signed_in", "wrong_pins_per_account")
UNLIMITED = {f"{calls}_per_minute": 10**9 for calls in CALLS} | dict.fromkeys(PINS, 10**9)


@dataclass(slots=True)
class Scene:
    """A session in which question 0 is open, with its host and one player."""

    world: World
    host: Person
    player: Person
    session: dict[str, str]

    def send(self, hostile: Hostile) -> TestResponse:
        headers = dict(hostile.headers)
        if "Authorization" not in headers and not hostile.name.rpartition(": ")[2].startswith("token"):
            signed_in = self.player if hostile.as_player else self.host
            if hostile.path != f"{API}/join":
                headers["Authorization"] = f"Bearer {signed_in.token}"
        return self.host.client.open(hostile.path, method=hostile.method, data=hostile.body, headers=headers)

    def kept(self) -> object:
        return deepcopy((self.world.store._documents, self.world.bus.published, self.world.bus.dead_letters))


@pytest.fixture(name="scene")
def _scene() -> Scene:
    world = World()
    world.add_quiz()
    host = Person(world.client(**UNLIMITED), HOST)
    session = host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}).json or {}
    world.store.commit([Put(documents.player_path(session["session_id"], "player-1"), {"removed": False})])
    open_question(world, session)
    return Scene(world, host, Person(host.client, joined["token"]), session)


def test_the_same_requests_without_the_hostile_part_are_accepted(scene: Scene) -> None:
    """Else every refusal below could have another reason."""
    session = f"/sessions/{scene.session['session_id']}"
    body = {"pin": scene.session["pin"], "nickname": "Mallory", "avatar": "fox"}
    assert Person(scene.host.client).post("/join", body).status_code == 201
    assert scene.host.post("/sessions", {"quiz_id": QUIZ_ID, "options": {}, "expected_players": 1}).status_code == 201
    assert scene.player.post(f"{session}/answers", {"question_index": 0, "choices": [1]}).status_code == 202
    assert scene.host.post(f"{session}/commands", {"command": "close"}).status_code == 202
    rename = {"command": "rename", "player_id": "player-1", "nickname": "Mallory Two"}
    assert scene.host.post(f"{session}/commands", rename).status_code == 202


def test_every_hostile_input_gets_its_code_and_changes_nothing(scene: Scene, figure: Figure) -> None:
    tried, wrong, before = 0, list[str](), scene.kept()
    for hostile in hostile_inputs(scene.session["session_id"], scene.session["pin"]):
        tried += 1
        response = scene.send(hostile)
        code = (response.json or {}).get("code") if response.mimetype == "application/problem+json" else None
        if (response.status_code, code) not in hostile.expected:
            wrong.append(f"{hostile.name}: {response.status_code} {code}")
        if scene.kept() != before:
            wrong.append(f"{hostile.name}: something has changed")
            before = scene.kept()
    assert not wrong, "\n".join(wrong)
    assert tried >= FEWEST
    figure(f"hostile inputs: {tried} tried, 0 with a 5xx, 0 that changed anything")


def test_a_replayed_key_with_another_body_changes_nothing(scene: Scene) -> None:
    key, session = "018f6b1e-0000-7000-8000-000000000001", f"/sessions/{scene.session['session_id']}"
    first = scene.player.post(f"{session}/answers", {"question_index": 0, "choices": [1]}, key)
    before = scene.kept()

    again = scene.player.post(f"{session}/answers", {"question_index": 0, "choices": [2]}, key)

    assert first.status_code == 202
    assert (again.status_code, (again.json or {})["code"]) == (409, "key_reused")
    assert scene.kept() == before


def test_another_host_s_session_and_players_are_out_of_reach(scene: Scene) -> None:
    other = scene.host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    before = scene.kept()
    path = f"/sessions/{other['session_id']}"

    answered = scene.player.post(f"{path}/answers", {"question_index": 0, "choices": [1]})
    commanded = scene.player.post(f"/sessions/{scene.session['session_id']}/commands", {"command": "close"})
    looked = scene.player.get(f"{path}/standings?around=me")

    assert [(r.status_code, (r.json or {})["code"]) for r in (answered, commanded, looked)] == [(403, "forbidden")] * 3
    assert scene.kept() == before
