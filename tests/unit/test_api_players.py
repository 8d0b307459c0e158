"""A caller who may not act as a player is refused: with a uid of any form, removed, or not admitted."""

from typing import Any

import pytest

from http_api.caches import REMOVED_CACHE_MS
from quizcore import documents
from quizcore.messages import PlayerJoined, decode, encode
from quizcore.ports import Caller, Put
from tests.support.api_calls import KEY, answer, command, open_question, refused, set_state
from tests.support.world import Person, Running, World, until

ODD = ["auth0|abc", "kakao:1", "a.b", "user@school.example", "Nguyễn Ánh", "...", "_", "__", "a" * 128, "%2F", "名"]
UNUSABLE = [".", "..", "__x__", "____", "a/b", "/", "a\x00b", "bell\x07", "x" * 129]
RESERVED = ["__x__", "____", "__a-b__"]


@pytest.mark.parametrize("uid", ODD)
async def test_a_uid_of_any_form_plays(world: World, session: dict[str, str], host: Person, uid: str) -> None:
    world.identity.callers["t"] = Caller(uid)
    person, session_id = Person(host.client, "t"), session["session_id"]
    joined = person.post("/join", {"pin": session["pin"], "nickname": "Ann"})
    assert (joined.status_code, (joined.json or {})["player_id"]) == (201, uid)
    message = world.bus.published[-1]
    assert decode(encode(message)) == message
    worker = Running(world)
    await until(lambda: world.sheet(session_id, uid), "the player's document")
    await worker.stop()
    assert [row["player_id"] for row in world.board(session_id)["top"]] == [uid]
    around = person.get(f"/sessions/{session_id}/standings")
    assert (around.json or {})["rows"][0]["player_id"] == uid
    open_question(world, session)
    assert answer(person, session, {"question_index": 0, "choices": [1]}).status_code == 202
    assert command(host, session, command="remove", player_id=uid).status_code == 202


@pytest.mark.parametrize("uid", UNUSABLE)
def test_a_uid_that_cannot_name_a_document_is_refused_before_anything_is_reserved(
    world: World, session: dict[str, str], host: Person, uid: str
) -> None:
    world.identity.callers["t"] = Caller(uid)
    person, path = Person(host.client, "t"), f"/sessions/{session['session_id']}"
    open_question(world, session)
    body = {"pin": session["pin"], "nickname": "Ann"}

    assert refused(person.post("/join", body, KEY)) == (403, "account_unusable")
    assert refused(answer(person, session, {"question_index": 0, "choices": [1]})) == (403, "account_unusable")
    assert refused(person.get(f"{path}/standings")) == (403, "account_unusable")
    assert refused(person.get(f"{path}/questions")) == (403, "account_unusable")
    assert not any(isinstance(message, PlayerJoined) for message in world.bus.published)
    assert Person(host.client).post("/join", body, KEY).status_code == 201, "the nickname and the key are free"


@pytest.mark.parametrize("uid", ["auth0|abc", "a/b", "__x__"])
def test_a_uid_of_any_form_hosts(world: World, host: Person, uid: str) -> None:
    world.identity.callers["h"] = Caller(uid, "host")
    world.add_quiz(quiz_id="mine", owner_id=uid)
    person = Person(host.client, "h")
    opened = person.post("/sessions", {"quiz_id": "mine"}).json or {}

    assert command(person, opened, command="next").status_code == 202
    assert person.get("/sessions").status_code == 200
    assert refused(person.get(f"/sessions/{opened['session_id']}/standings"))[0] in {403, 409}


@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_name_is_not_a_valid_id(world: World, session: dict[str, str], host: Person, name: str) -> None:
    """Firestore refuses such a name; with `try_again` a client would retry without end."""
    world.identity.callers["p"] = Caller("p1", session_id=name)
    body = {"question_index": 0, "choices": [0]}

    assert refused(Person(host.client, "p").post(f"/sessions/{name}/answers", body)) == (400, "invalid")
    assert refused(host.post(f"/sessions/{name}/commands", {"command": "next"})) == (400, "invalid")
    assert refused(host.get(f"/sessions/{name}/report")) == (400, "invalid")
    assert refused(host.post("/sessions", {"quiz_id": name})) == (400, "invalid")
    assert refused(command(host, session, command="remove", player_id=name)) == (400, "invalid")
    assert refused(host.get(f"/sessions/{session['session_id']}/standings?around={name}")) == (400, "invalid")


def player_document(world: World, session: dict[str, str], player_id: str, **fields: Any) -> None:
    told = {"removed": False, "admitted": True, "nickname": "Ann", "score": 0, "avatar": "fox", "place": "0\t0\tAnn\tp"}
    world.store.commit([Put(documents.player_path(session["session_id"], player_id), told | fields)])


def three(world: World, session: dict[str, str], host: Person) -> dict[str, Person]:
    """Players of one session who differ only in their documents."""
    people = {}
    for name in ("in", "removed", "waiting", "unknown"):
        world.identity.callers[name] = Caller(name, "player", session["session_id"])
        people[name] = Person(host.client, name)
    player_document(world, session, "in")
    player_document(world, session, "removed", removed=True, place=None)
    player_document(world, session, "waiting", admitted=False, place=None)
    return people


def asks(person: Person, session: dict[str, str]) -> list[tuple[int, str | None]]:
    path = f"/sessions/{session['session_id']}"
    told = [
        answer(person, session, {"question_index": 0, "choices": [1]}),
        person.get(f"{path}/standings?around=in"),
        person.get(f"{path}/questions"),
    ]
    return [(response.status_code, (response.json or {}).get("code")) for response in told]


FORBIDDEN = [(403, "forbidden")] * 3


def test_a_removed_or_unadmitted_player_can_neither_answer_nor_read(
    world: World, session: dict[str, str], host: Person
) -> None:
    people = three(world, session, host)
    open_question(world, session)
    set_state(world, session, options={"approval": True})

    allowed = [(202, None), (200, None), (409, "wrong_state")]
    assert {name: asks(person, session) for name, person in people.items()} == {
        "in": allowed,
        "removed": FORBIDDEN,
        "waiting": FORBIDDEN,
        "unknown": FORBIDDEN,
    }
    set_state(world, session, state="finished", reveal={"key": [1], "explanation": None})
    assert asks(people["in"], session)[2] == (200, None)
    assert [asks(people[name], session)[2] for name in ("removed", "waiting")] == [(403, "forbidden")] * 2


def test_an_instance_that_knows_the_player_obeys_a_removal_within_seconds(
    world: World, session: dict[str, str], host: Person
) -> None:
    world.identity.callers["a"] = Caller("a", "player", session["session_id"])
    person = Person(host.client, "a")
    open_question(world, session)
    assert answer(person, session, {"question_index": 0, "choices": [1]}).status_code == 202
    player_document(world, session, "a", removed=True, place=None)
    world.clock.advance(REMOVED_CACHE_MS)

    assert refused(person.get(f"/sessions/{session['session_id']}/standings")) == (403, "forbidden")
    set_state(world, session, question_index=1, question={"kind": "single", "choices": ["a", "b"]})
    assert refused(answer(person, session, {"question_index": 1, "choices": [1]})) == (403, "forbidden")


def test_the_standings_around_a_removed_player_are_refused(world: World, session: dict[str, str], host: Person) -> None:
    three(world, session, host)

    path = f"/sessions/{session['session_id']}/standings?around="
    assert host.get(f"{path}in").status_code == 200
    assert refused(host.get(f"{path}removed")) == (409, "wrong_state")


def test_a_removed_player_is_not_read_for_each_answer(
    world: World, session: dict[str, str], host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, listed = list[str](), type(world.store).list

    def counted(store: Any, collection: str, *more: Any) -> Any:
        asked.append(collection)
        return listed(store, collection, *more)

    monkeypatch.setattr(type(world.store), "list", counted)
    open_question(world, session)
    for number in range(50):
        world.identity.callers[f"p{number}"] = Caller(f"p{number}", "player", session["session_id"])
        told = answer(Person(host.client, f"p{number}"), session, {"question_index": 0, "choices": [1]})
        assert told.status_code == 202
        world.clock.advance(100)

    assert len(asked) <= 2
