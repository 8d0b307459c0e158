"""Joining with a PIN and a nickname. Each denial is tested beside the corresponding success."""

from collections.abc import Sequence
from typing import Any

import pytest

from quizcore import documents
from quizcore.messages import PlayerJoined
from quizcore.ports import Caller, Conflict, Put, Write
from quizcore.usecases.services import FRESH_MS
from tests.support.api_calls import KEY, OTHER_KEY, command, open_question, refused, set_state
from tests.support.games import START
from tests.support.world import HOST, Person, World


def test_a_stranger_joins_and_gets_a_token_for_this_session_only(
    world: World, session: dict[str, str], host: Person
) -> None:
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": " Ann  Lee "})

    assert joined.status_code == 201
    body = joined.json or {}
    caller = world.identity.verify(body["token"])
    assert (caller.uid, caller.session_id) == (body["player_id"], session["session_id"])
    event = world.bus.published[-1]
    assert isinstance(event, PlayerJoined)
    assert (event.nickname, event.player_id, event.at) == ("Ann Lee", body["player_id"], START)


def test_a_signed_in_caller_keeps_their_uid_and_gets_no_token(
    world: World, session: dict[str, str], host: Person
) -> None:
    world.identity.callers["t"] = Caller("teacher-7")

    joined = Person(host.client, "t").post("/join", {"pin": session["pin"], "nickname": "Teach 7"}).json or {}

    assert (joined["player_id"], joined["token"]) == ("teacher-7", None)


def test_a_wrong_pin_and_the_pin_of_a_finished_session_get_the_same_response(
    world: World, session: dict[str, str], host: Person
) -> None:
    stranger = Person(host.client)
    wrong = stranger.post("/join", {"pin": "999999", "nickname": "Ann"})
    set_state(world, session, state="finished")
    over = stranger.post("/join", {"pin": session["pin"], "nickname": "Ann"})

    assert refused(wrong) == refused(over) == (404, "unknown_pin")
    assert wrong.data == over.data


@pytest.mark.parametrize(
    "same", ["Ann", "ANN", "a-n-n", "Ａnn", "An\u200bn", "Ann\ufe0f", "Ann\u034f", "Ann\u3164", "Ann\U000e0100", "ꓮꓠꓠ"]
)
def test_a_nickname_that_reads_the_same_is_taken(
    session: dict[str, str], host: Person, player: Person, same: str
) -> None:
    body = {"pin": session["pin"], "nickname": same}

    assert refused(Person(host.client).post("/join", body)) == (409, "nickname_taken")
    assert Person(host.client).post("/join", body | {"nickname": "Anna"}).status_code == 201


@pytest.mark.parametrize(("first", "second"), [("Alice", "AIice"), ("AIice", "Alice"), ("Ian", "lan"), ("lan", "Ian")])
def test_a_nickname_that_looks_the_same_is_taken_in_either_order(
    session: dict[str, str], host: Person, first: str, second: str
) -> None:
    body = {"pin": session["pin"], "nickname": first}
    assert Person(host.client).post("/join", body, KEY).status_code == 201

    assert refused(Person(host.client).post("/join", body | {"nickname": second}, OTHER_KEY)) == (409, "nickname_taken")
    assert Person(host.client).post("/join", body, KEY).status_code == 201, "a repeated join is the same player's"


def test_a_player_may_take_a_name_that_looks_like_their_own(
    world: World, session: dict[str, str], host: Person
) -> None:
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "lan"}).json or {}
    world.store.commit([Put(documents.player_path(session["session_id"], joined["player_id"]), {"removed": False})])

    renamed = command(host, session, command="rename", player_id=joined["player_id"], nickname="Ian")

    assert renamed.status_code == 202
    held = world.store.list(documents.nicknames_path(session["session_id"]))
    assert {snapshot.name for snapshot in held} == {"ian", "lan"}
    assert {snapshot.data["player_id"] for snapshot in held} == {joined["player_id"]}


def test_a_conflict_with_another_write_is_not_a_taken_nickname(world: World, session: dict[str, str]) -> None:
    """Firestore aborts one of two simultaneous commits; the nickname is not taken by that."""
    host, commit, conflicts = Person(world.client(), HOST), world.store.commit, ["once"]

    def aborted_once(writes: Sequence[Write]) -> dict[str, Any]:
        if conflicts:
            raise Conflict(conflicts.pop())
        return commit(writes)

    world.store.commit = aborted_once  # type: ignore[method-assign]

    assert Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}).status_code == 201
    assert not conflicts


@pytest.mark.parametrize("nickname", ["   ", "…", "x" * 21, "Tea\x00cher", "teacher", "<b>hi</b>", "😀"])
def test_a_nickname_that_is_not_allowed_is_refused(session: dict[str, str], host: Person, nickname: str) -> None:
    assert refused(Person(host.client).post("/join", {"pin": session["pin"], "nickname": nickname})) == (
        422,
        "nickname_refused",
    )


def test_a_retried_join_is_the_same_player(world: World, session: dict[str, str], host: Person) -> None:
    body = {"pin": session["pin"], "nickname": "Ann"}
    world.bus.up = False
    assert refused(Person(host.client).post("/join", body, KEY)) == (503, "try_again")
    world.bus.up = True

    tries = [Person(host.client).post("/join", body, KEY).json or {} for _ in range(2)]

    assert tries[0]["player_id"] == tries[1]["player_id"]
    events = {m.event_id for m in world.bus.published}
    assert len(events) == 1, "one event however often it is sent"
    assert KEY not in events, "the key makes the player, so it is told to nobody"


def test_late_players_may_join_unless_the_host_forbids_it(world: World, session: dict[str, str], host: Person) -> None:
    open_question(world, session)
    assert Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Late"}).status_code == 201

    set_state(world, session, options={"late_join": False})
    response = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Later"})

    assert refused(response) == (409, "not_open")


def test_a_removed_player_cannot_join_again_with_their_uid(world: World, session: dict[str, str], host: Person) -> None:
    world.identity.callers["t"] = Caller("teacher-7")
    body = {"pin": session["pin"], "nickname": "Teach 7"}
    assert Person(host.client, "t").post("/join", body).status_code == 201
    path = documents.player_path(session["session_id"], "teacher-7")
    world.store.commit([Put(path, {"removed": True, "nickname": "Teach 7"})])

    assert refused(Person(host.client, "t").post("/join", body)) == (403, "forbidden")


def test_a_locked_session_accepts_only_players_who_have_joined_before(
    world: World, session: dict[str, str], host: Person
) -> None:
    stranger = Person(host.client)
    body = {"pin": session["pin"], "nickname": "Ann"}
    first = stranger.post("/join", body, KEY)
    set_state(world, session, locked=True)

    assert refused(stranger.post("/join", body | {"nickname": "Ben"}, OTHER_KEY)) == (409, "not_open")
    assert stranger.post("/join", body, KEY).json == first.json, "a lost reply does not lose the player"
    set_state(world, session, locked=False)
    assert stranger.post("/join", body | {"nickname": "Ben"}, OTHER_KEY).status_code == 201


def test_an_instance_that_has_just_accepted_a_join_obeys_a_lock(
    world: World, session: dict[str, str], host: Person
) -> None:
    stranger = Person(world.client())
    assert stranger.post("/join", {"pin": session["pin"], "nickname": "Ann"}).status_code == 201
    set_state(world, session, locked=True)
    world.clock.ms += FRESH_MS

    assert refused(stranger.post("/join", {"pin": session["pin"], "nickname": "Ben"})) == (409, "not_open")
