"""Guessed PINs and floods: which callers are slowed down, and which are not."""

import threading
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from http_api.context import ApiContext
from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.ports import Caller, Snapshot
from tests.support.api_calls import open_question, refused
from tests.support.function import client_of
from tests.support.world import HOST, QUIZ_ID, Person, World

# Half of each at once.
FEW = {"wrong_pins_per_address": 6, "wrong_pins_per_address_signed_in": 8, "wrong_pins_per_account": 4}
ALL = 6 + 8


def opened(world: World, **settings: Any) -> tuple[FlaskClient, str]:
    return opened_at(world.api(**settings))


def opened_at(context: ApiContext) -> tuple[FlaskClient, str]:
    client = client_of(context)
    session = Person(client, HOST).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    return client, session["pin"]


def join(
    client: FlaskClient, pin: str, nickname: str, token: str | None = None, address: str = "192.0.2.1"
) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body, peer = {"pin": pin, "nickname": nickname}, {"REMOTE_ADDR": address}
    return client.post("/api/v1/join", json=body, headers=headers, environ_overrides=peer)


def wrong(pin: str, number: int) -> str:
    return f"{(int(pin) + number + 1) % 1_000_000:06}"


def test_a_guessing_address_learns_nothing_even_from_a_right_pin(world: World) -> None:
    client, pin = opened(world, **FEW)
    for number in range(3):
        assert refused(join(client, wrong(pin, number), "Mallory")) == (404, "unknown_pin")

    told = [join(client, wrong(pin, 4), "Mallory"), join(client, pin, "Mallory")]

    assert [refused(response) for response in told] == [(429, "slow_down")] * 2
    assert told[0].data == told[1].data, "the same answer for a wrong and a right PIN"
    assert int(told[0].headers["Retry-After"]) >= 1


def test_a_signed_in_caller_is_not_blocked_by_a_guessing_neighbour(world: World) -> None:
    client, pin = opened(world, **FEW)
    world.identity.callers |= {name: Caller(name) for name in ("ann", "bob")}
    for number in range(4):
        join(client, wrong(pin, number), "Mallory")

    assert refused(join(client, pin, "Ann")) == (429, "slow_down")
    assert join(client, pin, "Ann", "ann").status_code == 201
    assert [join(client, wrong(pin, n), "Bob", "bob").status_code for n in range(3)] == [404, 404, 429]
    assert join(client, pin, "Ann", "ann").status_code == 201, "an account answers for itself alone"


def test_the_budget_of_guesses_recovers_with_time(world: World) -> None:
    client, pin = opened(world, **FEW)
    for number in range(4):
        join(client, wrong(pin, number), "Mallory")

    world.clock.advance(60_000)

    assert join(client, pin, "Ann").status_code == 201


def test_joins_that_succeed_cost_no_guesses(world: World) -> None:
    client, pin = opened(world, **FEW)

    assert {join(client, pin, f"Player {n}").status_code for n in range(30)} == {201}


def callers_of_one_address(world: World, client: FlaskClient, pin: str, kind: str) -> Iterator[str | None]:
    """The identities of an attacker: no account, an account for each guess, a player of a known session."""
    minted = [(join(client, pin, f"Mallory {n}").json or {})["token"] for n in range(20)]
    for number in count():
        account = f"account-{number}"
        world.identity.callers[account] = Caller(account)
        of_kind = {"no account": None, "an account each": account, "a player each": minted[number % 20]}
        yield of_kind[kind] if kind != "in turn" else list(of_kind.values())[number % 3]


@pytest.mark.parametrize("kind", ["no account", "an account each", "a player each", "in turn"])
def test_an_address_never_gets_more_guesses_per_minute_than_its_budget(world: World, kind: str) -> None:
    client, pin = opened(world, **FEW)
    callers = callers_of_one_address(world, client, pin, kind)
    answered: list[int] = []
    for number in range(3 * 60 * 4):  # four a second, for three minutes
        told = join(client, wrong(pin, number), "Mallory", next(callers))
        answered += [world.clock.now_ms()] if told.status_code == 404 else []
        world.clock.advance(250)

    in_a_minute = [sum(at <= other < at + 60_000 for other in answered) for at in answered]

    most = {"no account": 6, "an account each": 8, "a player each": 4, "in turn": ALL}[kind]
    assert most // 2 <= max(in_a_minute) <= most


def test_the_players_of_a_session_share_one_budget_at_all_addresses(world: World) -> None:
    client, pin = opened(world, **FEW)
    tokens = [(join(client, pin, f"Mallory {n}").json or {})["token"] for n in range(9)]
    told = [join(client, wrong(pin, n), "M", token, address=f"192.0.2.{n}") for n, token in enumerate(tokens)]

    assert [response.status_code for response in told] == [404] * 2 + [429] * 7


def test_simultaneous_guesses_are_bounded_like_sequential_ones(world: World) -> None:
    """Every one of them has passed the first check before any has looked the PIN up."""
    context = world.api(**FEW)
    _, pin = opened_at(context)
    everybody, get = threading.Barrier(20), MemoryStore.get
    told: list[int] = []

    def together(store: MemoryStore, path: str) -> Snapshot | None:
        if path.startswith("pins/"):
            everybody.wait(20)
        return get(store, path)

    def guess(number: int) -> None:
        told.append(join(clients[number], wrong(pin, number), "Mallory").status_code)

    clients = [client_of(context) for _ in range(20)]

    with patch.object(MemoryStore, "get", together):
        threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert Counter(told) == {404: 3, 429: 17}


def test_a_right_pin_among_simultaneous_guesses_beyond_the_budget_reveals_nothing(world: World) -> None:
    context = world.api(**FEW)
    client, pin = opened_at(context)
    other = client_of(context)
    get, others = MemoryStore.get, iter(range(4))

    def overtaken(store: MemoryStore, path: str) -> Snapshot | None:
        if path == documents.pin_path(pin):
            for number in others:
                join(other, wrong(pin, number), "Mallory")
        return get(store, path)

    with patch.object(MemoryStore, "get", overtaken):
        told = join(client, pin, "Mallory")

    assert refused(told) == (429, "slow_down")
    assert told.data == join(client, wrong(pin, 9), "Mallory").data


def test_addresses_of_one_ipv6_network_are_one_address(world: World) -> None:
    client, pin = opened(world, **FEW)
    for number in range(4):
        join(client, wrong(pin, number), "Mallory", address=f"2001:db8:1:2::{number}")

    assert refused(join(client, pin, "Ann", address="2001:db8:1:2:ffff::1")) == (429, "slow_down")
    assert join(client, pin, "Ann", address="2001:db8:1:3::1").status_code == 201
    assert join(client, pin, "Ben", address="::ffff:192.0.2.1").status_code == 201
    for number in range(4):
        join(client, wrong(pin, number), "Mallory", address="::ffff:192.0.2.1")
    assert join(client, pin, "Cem", address="::ffff:192.0.2.2").status_code == 201


def test_a_joined_player_plays_on_while_a_neighbour_guesses(world: World) -> None:
    client, pin = opened(world, **FEW)
    ann = Person(client, (join(client, pin, "Ann").json or {})["token"])
    session_id = world.store.list(documents.SESSIONS)[0].name
    open_question(world, {"session_id": session_id})
    callers = callers_of_one_address(world, client, pin, "in turn")
    told = [join(client, wrong(pin, number), "Mallory", next(callers)).status_code for number in range(30)]

    assert told[-3:] == [429] * 3
    assert ann.post(f"/sessions/{session_id}/answers", {"question_index": 0, "choices": [1]}).status_code == 202
