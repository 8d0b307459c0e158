"""Every call of the door and every refusal in its table, each denial beside the success it is near."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.messages import AnswerSubmitted, PlayerJoined, PlayerRemoved, QuestionClosed, QuestionOpened
from quizcore.ports import Caller, Merge, Put, TokenCheckUnavailable
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, START
from tests.support.world import HOST, QUIZ_ID, Person, World

KEY = "018f6b1e-0000-7000-8000-000000000001"
OTHER_KEY = "018f6b1e-0000-7000-8000-000000000002"
OPENED = START + LEAD_MS


@pytest.fixture(name="host")
def _host(world: World) -> Person:
    return Person(world.client(session_cache_ms=0), HOST)


@pytest.fixture(name="session")
def _session(host: Person) -> dict[str, str]:
    return dict(host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {})


@pytest.fixture(name="player")
def _player(host: Person, session: dict[str, str]) -> Person:
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}).json or {}
    return Person(host.client, joined["token"])


def open_question(world: World, session: dict[str, str], index: int = 0) -> None:
    """What the worker writes when it folds `question_opened`; the clock moves to the first moment."""
    quiz = world.store.get(documents.session_quiz_path(session["session_id"]))
    assert quiz is not None
    question = documents.read_question(quiz.data["questions"][index])
    fields = {
        "state": "question",
        "question_index": index,
        "question": documents.public_question(question),
        "opened_at": OPENED,
        "closes_at": OPENED + LIMIT_MS,
    }
    world.store.commit([Merge(documents.session_path(session["session_id"]), fields)])
    world.clock.ms = OPENED


def set_state(world: World, session: dict[str, str], **fields: Any) -> None:
    world.store.commit([Merge(documents.session_path(session["session_id"]), fields)])


def refused(response: TestResponse) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json"
    problem = response.json or {}
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:wordrush:problem:{problem['code']}"
    assert problem["detail"]
    return response.status_code, problem["code"]


# --- sessions ------------------------------------------------------------------------------------


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


def test_a_running_session_keeps_the_quiz_as_it_was(world: World, session: dict[str, str]) -> None:
    before = world.store.get(documents.session_quiz_path(session["session_id"]))
    world.store.commit([Merge(documents.question_path(QUIZ_ID, 0), {"key": [3]})])

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
    world.store.commit([Merge(documents.quiz_path(QUIZ_ID), {"visibility": "public"})])
    assert Person(host.client, "h2").post("/sessions", body).status_code == 201


def test_a_retried_opening_is_the_same_session(host: Person) -> None:
    body = {"quiz_id": QUIZ_ID}

    tries = [host.post("/sessions", body, key).json for key in (KEY, KEY, OTHER_KEY)]

    assert tries[0] == tries[1] != tries[2]


def test_a_pin_in_use_is_drawn_again(world: World, host: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = iter(["111111", "111111", "222222"])
    monkeypatch.setattr(world.ids, "pin", lambda: next(pins), raising=False)

    opened = [host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {} for _ in range(2)]

    assert [o["pin"] for o in opened] == ["111111", "222222"]


# --- join ----------------------------------------------------------------------------------------


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


def test_a_wrong_pin_and_one_of_a_finished_session_get_the_same_answer(
    world: World, session: dict[str, str], host: Person
) -> None:
    stranger = Person(host.client)
    wrong = stranger.post("/join", {"pin": "999999", "nickname": "Ann"})
    set_state(world, session, state="finished")
    over = stranger.post("/join", {"pin": session["pin"], "nickname": "Ann"})

    assert refused(wrong) == refused(over) == (404, "unknown_pin")
    assert wrong.data == over.data


@pytest.mark.parametrize("same", ["Ann", "ANN", "a-n-n", "Ａnn", "An\u200bn"])
def test_a_nickname_that_reads_the_same_is_taken(
    session: dict[str, str], host: Person, player: Person, same: str
) -> None:
    body = {"pin": session["pin"], "nickname": same}

    assert refused(Person(host.client).post("/join", body)) == (409, "nickname_taken")
    assert Person(host.client).post("/join", body | {"nickname": "Anna"}).status_code == 201


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


def test_late_players_are_let_in_unless_the_host_said_no(world: World, session: dict[str, str], host: Person) -> None:
    open_question(world, session)
    assert Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Late"}).status_code == 201

    set_state(world, session, options={"late_join": False})
    response = Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Later"})

    assert refused(response) == (409, "not_open")


def test_a_removed_player_cannot_come_back_under_their_uid(world: World, session: dict[str, str], host: Person) -> None:
    world.identity.callers["t"] = Caller("teacher-7")
    body = {"pin": session["pin"], "nickname": "Teach 7"}
    assert Person(host.client, "t").post("/join", body).status_code == 201
    path = documents.player_path(session["session_id"], "teacher-7")
    world.store.commit([Put(path, {"removed": True, "nickname": "Teach 7"})])

    assert refused(Person(host.client, "t").post("/join", body)) == (403, "forbidden")


# --- answers -------------------------------------------------------------------------------------


def answer(person: Person, session: dict[str, str], body: dict[str, Any], key: str | None = None) -> TestResponse:
    return person.post(f"/sessions/{session['session_id']}/answers", body, key)


def test_an_accepted_answer_is_on_the_bus_with_its_receipt_and_the_server_s_time(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    world.clock.advance(1_234)

    response = answer(player, session, {"question_index": 0, "choices": [1]}, KEY)

    assert response.status_code == 202
    assert response.json == {"receipt": KEY, "received_at": OPENED + 1_234}
    event = world.bus.published[-1]
    assert isinstance(event, AnswerSubmitted)
    assert (event.event_id, event.at, event.choices) == (KEY, OPENED + 1_234, (1,))


def test_answers_are_taken_from_the_opening_to_the_end_of_the_grace(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    body = {"question_index": 0, "choices": [1]}
    end = OPENED + LIMIT_MS + GRACE_MS
    world.clock.ms = OPENED - 1
    assert refused(answer(player, session, body)) == (409, "not_open")
    world.clock.ms = end + 1
    assert refused(answer(player, session, body)) == (409, "not_open")
    world.clock.ms = OPENED
    assert refused(answer(player, session, body | {"question_index": 1})) == (409, "not_open")

    world.clock.ms = end

    assert answer(player, session, body).status_code == 202


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"question_index": 0, "choices": [4]}, (422, "no_such_choice")),
        ({"question_index": 0, "choices": [0, 1]}, (400, "invalid")),
        ({"question_index": 0, "choices": []}, (400, "invalid")),
        ({"question_index": 0, "text": "plentiful"}, (400, "invalid")),
        ({"question_index": 0, "choices": [1], "text": "x"}, (400, "invalid")),
        ({"question_index": 0}, (400, "invalid")),
        ({"question_index": "0", "choices": [1]}, (400, "invalid")),
        ({"question_index": 0, "choices": [True]}, (400, "invalid")),
        ({"question_index": 0, "choices": [1], "points": 1000}, (400, "invalid")),
        ({"question_index": -1, "choices": [1]}, (400, "invalid")),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_one_that_fits_is_not(
    world: World, session: dict[str, str], player: Person, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    open_question(world, session)
    published = len(world.bus.published)

    assert refused(answer(player, session, body)) == expected
    assert len(world.bus.published) == published
    assert answer(player, session, {"question_index": 0, "choices": [1]}).status_code == 202


def test_a_retry_gets_the_same_receipt_and_a_second_answer_is_refused(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    body = {"question_index": 0, "choices": [1]}
    first = answer(player, session, body, KEY).json
    world.clock.advance(50)

    assert answer(player, session, body, KEY).json == first
    world.clock.advance(LIMIT_MS * 2)
    assert answer(player, session, body, KEY).json == first, "also when the question is over meanwhile"
    assert refused(answer(player, session, body, OTHER_KEY)) == (409, "already_answered")
    assert refused(answer(player, session, body | {"choices": [2]}, KEY)) == (409, "already_answered")
    assert sum(isinstance(m, AnswerSubmitted) for m in world.bus.published) == 1


def test_when_the_bus_is_down_nothing_is_accepted_and_the_retry_counts(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    body = {"question_index": 0, "choices": [1]}
    world.bus.up = False
    down = answer(player, session, body, KEY)
    world.bus.up = True

    assert refused(down) == (503, "try_again")
    assert down.headers["Retry-After"] == "1"
    assert (answer(player, session, body, KEY).json or {})["receipt"] == KEY


def test_only_players_of_the_session_answer(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    open_question(world, session)
    world.identity.callers |= {"x": Caller("p9", session_id="another"), "t": Caller("teacher-7")}
    body = {"question_index": 0, "choices": [1]}

    for token in ("x", "t"):
        assert refused(answer(Person(host.client, token), session, body)) == (403, "forbidden")
    assert Person(host.client, "t").post("/join", {"pin": session["pin"], "nickname": "T 7"}).status_code == 201
    assert answer(Person(host.client, "t"), session, body).status_code == 202
    assert answer(player, session, body).status_code == 202


def test_a_stale_copy_of_the_session_refuses_nobody(world: World, session: dict[str, str], player: Person) -> None:
    cached = Person(world.client(session_cache_ms=1_000), player.token)
    world.clock.ms = OPENED - 250
    assert refused(answer(cached, session, {"question_index": 0, "choices": [1]})) == (409, "not_open")
    open_question(world, session)

    assert answer(cached, session, {"question_index": 0, "choices": [1]}).status_code == 202


# --- commands ------------------------------------------------------------------------------------


def command(person: Person, session: dict[str, str], **body: Any) -> TestResponse:
    return person.post(f"/sessions/{session['session_id']}/commands", body)


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


def test_a_command_goes_once_to_every_shard(world: World, session: dict[str, str], host: Person) -> None:
    set_state(world, session, shards=3)

    command(host, session, command="next")

    sent = world.bus.published[-3:]
    assert [m.shard for m in sent] == [0, 1, 2]
    assert len({m.event_id for m in sent}) == 1
    assert [m.ordering_key for m in sent] == [f"{session['session_id']}/{n}" for n in range(3)]


def test_only_this_session_s_host_commands_it(
    world: World, session: dict[str, str], host: Person, player: Person
) -> None:
    world.identity.callers["h2"] = Caller("host-2", "host")

    for token in ("h2", player.token):
        assert refused(command(Person(host.client, token), session, command="next")) == (403, "forbidden")
    assert command(host, session, command="next").status_code == 202


def test_remove_names_a_player_of_the_session(world: World, session: dict[str, str], host: Person) -> None:
    assert refused(command(host, session, command="remove")) == (400, "invalid")
    assert refused(command(host, session, command="next", player_id="p1")) == (400, "invalid")
    assert refused(command(host, session, command="remove", player_id="p1")) == (409, "wrong_state")
    world.store.commit([Put(documents.player_path(session["session_id"], "p1"), {"removed": False})])

    assert command(host, session, command="remove", player_id="p1").status_code == 202
    assert isinstance(world.bus.published[-1], PlayerRemoved)


# --- for every call ------------------------------------------------------------------------------

PROTECTED = ["/sessions", "/sessions/s1/answers", "/sessions/s1/commands"]


@pytest.mark.parametrize("path", PROTECTED)
def test_no_token_or_a_bad_one_is_unauthenticated_before_the_body_is_read(host: Person, path: str) -> None:
    assert refused(Person(host.client).post(path, {})) == (401, "unauthenticated")
    assert refused(Person(host.client, "forged").post(path, {})) == (401, "unauthenticated")
    assert refused(host.client.post(f"/api/v1{path}", headers={"Authorization": "Basic eA=="})) == (
        401,
        "unauthenticated",
    )
    assert refused(host.post(path, {})) == (400, "invalid")


def test_when_tokens_cannot_be_checked_it_is_not_the_caller_s_fault(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_: object, __: str) -> Caller:
        raise TokenCheckUnavailable("no keys")

    monkeypatch.setattr(type(world.identity), "verify", unavailable)

    assert refused(host.post("/sessions", {"quiz_id": QUIZ_ID})) == (503, "try_again")


@pytest.mark.parametrize("path", ["/sessions/none/answers", "/sessions/none/commands"])
def test_an_unknown_session_is_said_to_be_unknown(world: World, host: Person, path: str) -> None:
    world.identity.callers["p"] = Caller("p1", session_id="none")
    body = {"command": "next"} if path.endswith("commands") else {"question_index": 0, "choices": [0]}

    assert refused(Person(host.client, "p").post(path, body)) == (404, "unknown_session")


@pytest.mark.parametrize("path", [*PROTECTED, "/join"])
def test_bodies_that_are_malformed_or_too_large_are_refused(host: Person, path: str) -> None:
    headers = {"Authorization": f"Bearer {HOST}", "Content-Type": "application/json"}

    def post(data: bytes) -> tuple[int, str]:
        return refused(host.client.post(f"/api/v1{path}", data=data, headers=headers))

    assert post(b"{") == (400, "invalid")
    assert post(b"[]") == (400, "invalid")
    assert post(b'{"unknown": 1}') == (400, "invalid")
    assert post(b'{"quiz_id": "' + b"x" * 8_200 + b'"}') == (413, "too_large")


def test_an_idempotency_key_is_a_uuid_or_a_ulid(session: dict[str, str], host: Person) -> None:
    body = {"pin": session["pin"], "nickname": "Ann"}

    assert refused(Person(host.client).post("/join", body, "1234")) == (400, "invalid")
    assert Person(host.client).post("/join", body, "01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code == 201


def test_too_many_requests_are_told_when_to_come_back(world: World, session: dict[str, str], player: Person) -> None:
    open_question(world, session)
    client = world.client(answers_per_minute=2, joins_per_minute=1, commands_per_minute=1)
    body = {"question_index": 0, "choices": [1]}

    statuses = [answer(Person(client, player.token), session, body).status_code for _ in range(3)]
    slow = answer(Person(client, player.token), session, body)
    joins = [Person(client).post("/join", {"pin": session["pin"], "nickname": f"B{n}"}) for n in range(2)]
    commands = [command(Person(client, HOST), session, command="close") for _ in range(2)]

    assert statuses == [202, 409, 429]
    assert refused(slow) == (429, "slow_down")
    assert int(slow.headers["Retry-After"]) > 0
    assert refused(joins[1]) == refused(commands[1]) == (429, "slow_down")


def test_paths_and_methods_that_do_not_exist_are_problems_too(host: Person) -> None:
    assert refused(host.client.get("/api/v1/none")) == (404, "unknown_path")
    assert refused(host.client.get("/api/v1/join")) == (405, "wrong_method")


def test_time_and_health_ask_for_no_token(world: World, host: Person) -> None:
    assert host.client.get("/api/v1/time").json == {"now": world.clock.now_ms()}
    assert host.client.get("/api/v1/healthz").json == {"status": "ok"}


def test_a_fault_of_ours_says_so_and_tells_no_secret(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(world.store, "get", broken, raising=False)

    response = host.post("/sessions", {"quiz_id": QUIZ_ID})

    assert refused(response) == (500, "internal")
    assert b"secret" not in response.data
