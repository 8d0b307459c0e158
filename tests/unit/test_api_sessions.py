"""Opening a session, and the host's commands. Each denial is tested beside the corresponding success."""

from typing import Any

from quizcore import documents
from quizcore.messages import PlayerRemoved, QuestionClosed, QuestionOpened, SessionLocked
from quizcore.ports import Caller, Put, Update
from tests.support.api_calls import KEY, OPENED, OTHER_KEY, command, open_question, refused, set_state
from tests.support.classes import put_class
from tests.support.games import LIMIT_MS
from tests.support.world import QUIZ_ID, Person, World


def test_a_host_opens_a_session_with_everything_it_needs_in_one_commit(world: World, session: dict[str, str]) -> None:
    document = world.store.get(documents.session_path(session["session_id"]))
    board = world.store.get(documents.board_path(session["session_id"]))
    pin = world.store.get(documents.pin_path(session["pin"]))

    assert document is not None
    assert (document.data["state"], document.data["question"], document.data["final"]) == ("lobby", None, False)
    assert session["join_url"].endswith(f"/join?pin={session['pin']}")
    assert board is not None
    assert (board.data["seq"], board.data["top"]) == (0, [])
    assert pin is not None
    assert pin.data["session_id"] == session["session_id"]
    assert "key" not in str(document.data)


def test_the_operators_bounds_are_the_sessions_options(world: World, host: Person) -> None:
    bounds = {"reserve_ms": 300, "delivery_ms": 9_000}
    client = world.client(reveal_reserve_ms=300, delivery_bound_ms=9_000)

    told = Person(client, host.token).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}

    document = world.store.get(documents.session_path(told["session_id"]))
    assert document is not None
    assert document.data["options"].items() >= bounds.items()
    by_a_host = Person(client, host.token).post("/sessions", {"quiz_id": QUIZ_ID, "options": bounds})
    assert refused(by_a_host) == (400, "invalid")


def test_a_running_session_keeps_its_copy_of_the_quiz(world: World, session: dict[str, str]) -> None:
    before = world.store.get(documents.session_quiz_path(session["session_id"]))
    world.store.commit([Update(documents.question_path(QUIZ_ID, 0), {"key": [3]})])

    after = world.store.get(documents.session_quiz_path(session["session_id"]))

    assert before == after
    assert after is not None
    assert after.data["questions"][0]["key"] == [1]


def test_only_hosts_open_sessions_and_only_of_quizzes_they_may_play(world: World, host: Person) -> None:
    world.identity.callers |= {"p": Caller("someone"), "h2": Caller("host-2", "host")}
    body = {"quiz_id": QUIZ_ID}

    assert refused(Person(host.client, "p").post("/sessions", body)) == (403, "forbidden")
    assert refused(Person(host.client, "h2").post("/sessions", body)) == (404, "unknown_quiz")
    assert refused(host.post("/sessions", {"quiz_id": "none"})) == (404, "unknown_quiz")
    world.store.commit([Update(documents.quiz_path(QUIZ_ID), {"visibility": "public"})])
    assert Person(host.client, "h2").post("/sessions", body).status_code == 201


def test_a_retried_opening_is_the_same_session(host: Person) -> None:
    body = {"quiz_id": QUIZ_ID}

    tries = [host.post("/sessions", body, key).json for key in (KEY, KEY, OTHER_KEY)]

    assert tries[0] == tries[1] != tries[2]


def test_the_host_opens_closes_and_finishes(world: World, session: dict[str, str], host: Person) -> None:
    assert command(host, session, command="next").status_code == 202
    opening = world.bus.published[-1]
    assert isinstance(opening, QuestionOpened)
    assert opening.question_index == 0

    open_question(world, session)
    assert refused(command(host, session, command="next")) == (409, "wrong_state")
    assert command(host, session, command="close").status_code == 202
    assert isinstance(world.bus.published[-1], QuestionClosed)

    world.clock.ms = OPENED + LIMIT_MS
    assert refused(command(host, session, command="close")) == (409, "wrong_state")
    assert command(host, session, command="next").status_code == 202
    assert getattr(world.bus.published[-1], "question_index", None) == 1

    set_state(world, session, question_index=2, state="closed")
    assert refused(command(host, session, command="next")) == (409, "wrong_state")
    assert command(host, session, command="finish").status_code == 202
    set_state(world, session, state="finished")
    for name in ("next", "close", "finish"):
        assert refused(command(host, session, command=name)) == (409, "wrong_state")


def test_a_retried_command_is_one_event(world: World, session: dict[str, str], host: Person) -> None:
    path, body = f"/sessions/{session['session_id']}/commands", {"command": "next"}
    first = host.post(path, body, KEY)
    set_state(world, session, state="closed", question_index=0)

    assert host.post(path, body, KEY).json == first.json
    assert sum(isinstance(m, QuestionOpened) for m in world.bus.published) == 1
    assert host.post(path, body, OTHER_KEY).status_code == 202
    assert sum(isinstance(m, QuestionOpened) for m in world.bus.published) == 2


def test_a_command_is_one_message_for_any_number_of_shards(world: World, session: dict[str, str], host: Person) -> None:
    set_state(world, session, shards=3)

    command(host, session, command="next")

    assert [m.ordering_key for m in world.bus.published] == [f"{session['session_id']}/0"]


def test_only_the_session_s_host_may_send_commands(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    world.identity.callers["h2"] = Caller("host-2", "host")

    for token in ("h2", player.token):
        assert refused(command(Person(host.client, token), session, command="next")) == (403, "forbidden")
    assert command(host, session, command="next").status_code == 202


def test_remove_must_name_a_player_of_the_session(world: World, session: dict[str, str], host: Person) -> None:
    assert refused(command(host, session, command="remove")) == (400, "invalid")
    assert refused(command(host, session, command="next", player_id="p1")) == (400, "invalid")
    assert refused(command(host, session, command="remove", player_id="p1")) == (409, "wrong_state")
    world.store.commit([Put(documents.player_path(session["session_id"], "p1"), {"removed": False})])

    assert command(host, session, command="remove", player_id="p1").status_code == 202
    assert isinstance(world.bus.published[-1], PlayerRemoved)


def test_the_host_locks_and_unlocks_until_the_end(world: World, session: dict[str, str], host: Person) -> None:
    for name, locked in (("lock", True), ("unlock", False)):
        assert command(host, session, command=name).status_code == 202
        event = world.bus.published[-1]
        assert isinstance(event, SessionLocked)
        assert event.locked is locked
    set_state(world, session, state="finished")
    assert refused(command(host, session, command="lock")) == (409, "wrong_state")


def test_a_large_session_opens_with_a_board_for_each_shard(world: World, host: Person) -> None:
    def boards(expected: int) -> tuple[int, list[str]]:
        opened = host.post("/sessions", {"quiz_id": QUIZ_ID, "expected_players": expected}).json or {}
        document = world.store.get(documents.session_path(opened["session_id"]))
        assert document is not None
        own, public = documents.shards_path(opened["session_id"]), documents.boards_path(opened["session_id"])
        found = [*world.store.list(own), *world.store.list(public)]
        return document.data["shards"], sorted(snapshot.name for snapshot in found)

    assert boards(2_000) == (1, ["top"])
    assert boards(5_000) == (3, ["0", "1", "2", "top"])
    assert refused(host.post("/sessions", {"quiz_id": QUIZ_ID, "expected_players": 0})) == (400, "invalid")


def test_a_session_is_of_a_class_that_its_host_owns_and_of_no_other(world: World, host: Person) -> None:
    def opened(class_id: str) -> Any:
        return host.post("/sessions", {"quiz_id": QUIZ_ID, "class_id": class_id})

    put_class(world, "mine")
    put_class(world, "theirs", owner_id="host-2")

    accepted, of_another, of_none = opened("mine"), opened("theirs"), opened("no-such-class")

    assert accepted.status_code == 201
    document = world.store.get(documents.session_path((accepted.json or {})["session_id"]))
    assert document is not None
    assert document.data["class_id"] == "mine"
    assert refused(of_another) == refused(of_none) == (403, "forbidden")
    assert of_another.data == of_none.data, "nobody learns which classes there are"


def test_a_session_of_no_class_has_no_such_field(world: World, session: dict[str, str]) -> None:
    document = world.store.get(documents.session_path(session["session_id"]))

    assert document is not None
    assert "class_id" not in document.data
