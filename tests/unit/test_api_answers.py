"""Answers: accepted, refused in the same situation, and retried."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryBus, MemoryStore
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import AnswerSubmitted
from quizcore.ports import Caller
from tests.support.api_calls import KEY, OPENED, OTHER_KEY, answer, open_question, refused, set_state
from tests.support.games import GRACE_MS, LIMIT_MS
from tests.support.world import Person, World


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


def test_answers_are_accepted_from_the_opening_to_the_end_of_the_grace(
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


def test_no_answer_is_accepted_when_the_key_may_already_be_shown(
    world: World, session: dict[str, str], player: Person
) -> None:
    """By an instance whose clock may be further behind the store's than the reserve."""
    open_question(world, session)
    set_state(world, session, options=options(world, session) | {"reserve_ms": 250})
    body = {"question_index": 0, "choices": [1]}
    world.clock.ms, world.clock.behind_ms = OPENED + LIMIT_MS + GRACE_MS, 251
    assert refused(answer(player, session, body)) == (409, "not_open")

    world.clock.behind_ms = 250

    assert answer(player, session, body).status_code == 202


def test_an_instance_reads_the_store_s_time_before_it_stamps_its_first_answer(
    world: World, session: dict[str, str], player: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_question(world, session)
    world.clock.ms, world.clock.behind_ms = OPENED + 60_000, None  # the machine's clock is a minute ahead
    get = type(world.store).get

    def told(store: MemoryStore, path: str) -> Any:
        world.clock.ms, world.clock.behind_ms = OPENED + 1_000, 5
        return get(store, path)

    monkeypatch.setattr(MemoryStore, "get", told)

    response = answer(player, session, {"question_index": 0, "choices": [1]})

    assert response.status_code == 202
    assert (response.json or {})["received_at"] == OPENED + 1_000


def options(world: World, session: dict[str, str]) -> dict[str, Any]:
    found = world.store.get(documents.session_path(session["session_id"]))
    assert found is not None
    return dict(found.data["options"])


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
def test_an_answer_that_does_not_fit_is_refused_and_a_fitting_answer_is_accepted(
    world: World, session: dict[str, str], player: Person, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    open_question(world, session)
    published = len(world.bus.published)

    assert refused(answer(player, session, body)) == expected
    assert len(world.bus.published) == published
    assert answer(player, session, {"question_index": 0, "choices": [1]}).status_code == 202


def test_an_instance_that_does_not_know_the_kind_yet_asks_for_a_retry(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    question = world.store.get(f"sessions/{session['session_id']}").data["question"]  # type: ignore[union-attr]
    set_state(world, session, question=question | {"kind": "of tomorrow"})
    body = {"question_index": 0, "choices": [1]}

    response = answer(player, session, body, KEY)
    assert refused(response) == (503, "try_again")
    assert response.headers["Retry-After"] == "1"
    set_state(world, session, question=question)
    world.clock.advance(1_000)

    assert answer(player, session, body, KEY).status_code == 202


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
    assert refused(answer(player, session, body | {"choices": [2]}, KEY)) == (409, "key_reused")
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


def test_a_stale_copy_of_the_session_refuses_no_answer(world: World, session: dict[str, str], player: Person) -> None:
    cached = Person(world.client(session_cache_ms=1_000), player.token)
    world.clock.ms = OPENED - 1
    assert refused(answer(cached, session, {"question_index": 0, "choices": [1]})) == (409, "not_open")
    open_question(world, session)

    assert answer(cached, session, {"question_index": 0, "choices": [1]}).status_code == 202


def test_an_answer_that_took_too_long_to_publish_is_not_accepted(
    world: World, session: dict[str, str], player: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_question(world, session)
    publish = MemoryBus.publish

    def slowly(bus: MemoryBus, messages: Any) -> None:
        world.clock.advance(PUBLISH_BOUND_MS + 1)
        publish(bus, messages)

    monkeypatch.setattr(MemoryBus, "publish", slowly)

    response = answer(player, session, {"question_index": 0, "choices": [1]}, KEY)

    assert refused(response) == (503, "try_again")
    assert response.headers["Retry-After"] == "1"
