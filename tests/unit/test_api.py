"""Rules for every call: tokens, malformed bodies, rates, faults of the API."""

import pytest

from quizcore.ports import Caller, TokenCheckUnavailable
from tests.support.api_calls import answer, command, open_question, refused
from tests.support.world import HOST, QUIZ_ID, Person, World

PROTECTED = ["/sessions", "/sessions/s1/answers", "/sessions/s1/commands", "/classes", "/classes/join"]


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
def test_an_unknown_session_is_unknown_session(world: World, host: Person, path: str) -> None:
    world.identity.callers["p"] = Caller("p1", session_id="none")
    body = {"command": "next"} if path.endswith("commands") else {"question_index": 0, "choices": [0]}

    assert refused(Person(host.client, "p").post(path, body)) == (404, "unknown_session")


@pytest.mark.parametrize("path", [*PROTECTED, "/join"])
def test_malformed_and_too_large_bodies_are_refused(host: Person, path: str) -> None:
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


def test_too_many_requests_get_retry_after(world: World, session: dict[str, str], player: Person) -> None:
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


def test_after_the_burst_one_request_is_allowed_per_share_of_the_minute(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    person = Person(world.client(answers_per_minute=2), player.token)
    body = {"question_index": 0, "choices": [1]}

    def statuses(count: int) -> list[int]:
        return [answer(person, session, body).status_code for _ in range(count)]

    assert statuses(3) == [202, 409, 429]
    slow = answer(person, session, body)
    assert slow.headers["Retry-After"] == "30"
    world.clock.ms += 29_999
    assert statuses(1) == [429], "a refused try costs nothing, and buys nothing"
    world.clock.ms += 1
    assert statuses(2) == [409, 429]


def test_unknown_paths_and_methods_are_problems_too(host: Person) -> None:
    assert refused(host.client.get("/api/v1/none")) == (404, "unknown_path")
    assert refused(host.client.get("/api/v1/join")) == (405, "wrong_method")


def test_time_and_health_need_no_token(world: World, host: Person) -> None:
    assert host.client.get("/api/v1/time").json == {"now": world.clock.now_ms()}
    assert host.client.get("/api/v1/health").json == {"status": "ok"}


def test_a_fault_of_the_api_is_a_500_without_secrets(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(world.store, "get", broken, raising=False)

    response = host.post("/sessions", {"quiz_id": QUIZ_ID})

    assert refused(response) == (500, "internal")
    assert b"secret" not in response.data
