"""The PIN of a session, how long the session keeps it, and the bound of a host's open sessions."""

import random
from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import Any

import pytest
from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.ports import Caller, Create, Delete, Put, Update
from tests.support.api_calls import KEY, OTHER_KEY, refused
from tests.support.function import client_of
from tests.support.world import HOST, QUIZ_ID, Person, World

DAY_MS = 24 * 60 * 60_000


def open_session(host: Person, key: str | None = None) -> TestResponse:
    return host.post("/sessions", {"quiz_id": QUIZ_ID}, key)


def opened(host: Person, key: str | None = None) -> dict[str, str]:
    response = open_session(host, key)
    assert response.status_code == 201, response.json
    return dict(response.json or {})


def draws(world: World, monkeypatch: pytest.MonkeyPatch, pins: Iterator[str]) -> None:
    monkeypatch.setattr(world.ids, "pin", lambda: next(pins), raising=False)


def end(world: World, session: dict[str, str], at: int) -> None:
    """Write the documents of a final session as a worker does."""
    ended = {"final": True, "as_of": at}
    world.store.commit(
        [
            Update(documents.session_path(session["session_id"]), {"state": "finished", "final": True}),
            Update(documents.board_path(session["session_id"]), ended),
        ]
    )


def test_a_pin_in_use_is_drawn_again(world: World, host: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    draws(world, monkeypatch, chain(["111111", "111111", "111111", "222222"], repeat("333333")))

    assert [opened(host)["pin"] for _ in range(2)] == ["111111", "222222"]


def test_a_pin_is_free_a_day_after_its_session_is_final_and_leads_to_the_new_one(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws(world, monkeypatch, repeat("111111"))
    first = opened(host)
    assert refused(open_session(host)) == (503, "no_free_pin")
    end(world, first, at=world.clock.now_ms())
    world.clock.advance(DAY_MS - 1)
    assert refused(open_session(host)) == (503, "no_free_pin")
    world.clock.advance(1)

    second = opened(host)

    assert second["pin"] == first["pin"]
    joined = Person(host.client).post("/join", {"pin": "111111", "nickname": "Ann"}).json or {}
    assert joined["session_id"] == second["session_id"]
    assert refused(open_session(host)) == (503, "no_free_pin")


def test_the_pin_of_a_deleted_session_is_free(world: World, host: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    draws(world, monkeypatch, repeat("111111"))
    first = opened(host)["session_id"]
    world.store.commit([Delete(documents.session_path(first)), Delete(documents.board_path(first))])

    assert opened(host)["pin"] == "111111"


def test_one_of_two_openings_gets_the_same_free_pin(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws(world, monkeypatch, repeat("111111"))
    end(world, opened(host), at=world.clock.now_ms())
    world.clock.advance(DAY_MS)
    commit, told = MemoryStore.commit, list[Any]()

    def racing(store: MemoryStore, writes: Any) -> Any:
        pin = next(write for write in writes if write.path == documents.pin_path("111111"))
        if not told and not isinstance(pin, Create):  # a Create conflicts with the old holder's document in any case
            told.append(None)
            told.append(open_session(Person(world.client(), HOST)))
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", racing)
    told.append(open_session(host))

    assert sorted(response.status_code for response in told[1:]) == [201, 503]


def crowded(world: World, share: float, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A space of PINs of which so large a share is in use."""
    space = 500
    digits, rng = [f"{number:06}" for number in range(space)], random.Random(seed)  # noqa: S311 (no secret)
    taken = rng.sample(digits, int(space * share))
    world.store.commit([Put(documents.pin_path(pin), {"session_id": "running"}) for pin in taken])
    world.store.commit([Put(documents.board_path("running"), {"final": False, "as_of": 0})])
    monkeypatch.setattr(world.ids, "pin", lambda: rng.choice(digits), raising=False)


def test_with_nine_of_ten_pins_in_use_99_of_100_openings_succeed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    host = Person(world.client(commands_per_minute=10**6), HOST)
    crowded(world, 0.9, seed=7, monkeypatch=monkeypatch)
    told = list[int]()
    for _ in range(1_000):
        response = open_session(host)
        told.append(response.status_code)
        if response.status_code == 201:
            world.store.commit([Delete(documents.pin_path((response.json or {})["pin"]))])
            world.store.commit([Delete(documents.session_path((response.json or {})["session_id"]))])

    assert told.count(201) >= 990
    assert set(told) <= {201, 503}


def test_when_no_pin_is_free_the_refusal_is_no_free_pin_and_is_counted_and_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crowded(world, 1.0, seed=7, monkeypatch=monkeypatch)
    context = world.api()

    response = open_session(Person(client_of(context), HOST))

    assert refused(response) == (503, "no_free_pin")
    assert int(response.headers["Retry-After"]) >= 1
    assert context.telemetry.snapshot()["pins_exhausted"] == 1
    told = capsys.readouterr()
    assert "no PIN is free" in told.out + told.err


def test_a_host_has_a_bounded_number_of_open_sessions(world: World) -> None:
    """Change the sessions: a session that is not final is open."""
    client = world.client(open_sessions_per_host=3)
    world.identity.callers["h2"] = Caller("host-2", "host")
    world.store.commit([Update(documents.quiz_path(QUIZ_ID), {"visibility": "public"})])
    host, other = Person(client, HOST), Person(client, "h2")
    first, second, third = opened(host, KEY), opened(host), opened(host)
    for session, state in ((second, "question"), (third, "finished")):
        world.store.commit([Update(documents.session_path(session["session_id"]), {"state": state})])

    assert refused(open_session(host, OTHER_KEY)) == (409, "too_many_sessions")
    assert opened(host, KEY) == first, "a lost reply is told again"
    assert opened(other)["pin"] != first["pin"], "each host for themselves"
    end(world, second, at=world.clock.now_ms())
    assert open_session(host, OTHER_KEY).status_code == 201


def test_an_opening_reads_no_pins_while_pins_are_free(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws(world, monkeypatch, (f"{number:06}" for number in count()))
    get_many, asked = MemoryStore.get_many, list[Any]()

    def counted(store: MemoryStore, paths: Any) -> Any:
        asked.extend(path for path in paths if path.startswith("pins/"))
        return get_many(store, paths)

    monkeypatch.setattr(MemoryStore, "get_many", counted)
    opened(host)

    assert asked == []
