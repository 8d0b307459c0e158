"""Guessing PINs, and coming in floods: who is slowed down, and who is not."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizcore.ports import Caller
from tests.support.door import refused
from tests.support.world import HOST, QUIZ_ID, Person, World

FEW = {"wrong_pins_per_address": 3, "wrong_pins_per_account": 2}


def opened(world: World, **settings: Any) -> tuple[FlaskClient, str]:
    client = world.client(**settings)
    session = Person(client, HOST).post("/sessions", {"quiz_id": QUIZ_ID}).json or {}
    return client, session["pin"]


def join(client: FlaskClient, pin: str, nickname: str, token: str | None = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post("/api/v1/join", json={"pin": pin, "nickname": nickname}, headers=headers)


def wrong(pin: str, number: int) -> str:
    return f"{(int(pin) + number + 1) % 1_000_000:06}"


def test_an_address_that_guesses_learns_nothing_more_not_even_from_a_right_pin(world: World) -> None:
    client, pin = opened(world, **FEW)
    for number in range(3):
        assert refused(join(client, wrong(pin, number), "Mallory")) == (404, "unknown_pin")

    told = [join(client, wrong(pin, 4), "Mallory"), join(client, pin, "Mallory")]

    assert [refused(response) for response in told] == [(429, "slow_down")] * 2
    assert told[0].data == told[1].data, "the same answer for a wrong and a right PIN"
    assert int(told[0].headers["Retry-After"]) >= 1


def test_who_signs_in_is_not_shut_out_by_a_neighbour_who_guesses(world: World) -> None:
    client, pin = opened(world, **FEW)
    world.identity.callers |= {name: Caller(name) for name in ("ann", "bob")}
    for number in range(4):
        join(client, wrong(pin, number), "Mallory")

    assert refused(join(client, pin, "Ann")) == (429, "slow_down")
    assert join(client, pin, "Ann", "ann").status_code == 201
    assert [join(client, wrong(pin, n), "Bob", "bob").status_code for n in range(3)] == [404, 404, 429]
    assert join(client, pin, "Ann", "ann").status_code == 201, "an account answers for itself alone"


def test_the_guesses_come_back_with_time(world: World) -> None:
    client, pin = opened(world, **FEW)
    for number in range(4):
        join(client, wrong(pin, number), "Mallory")

    world.clock.advance(60_000)

    assert join(client, pin, "Ann").status_code == 201


def test_joins_that_succeed_cost_no_guesses(world: World) -> None:
    client, pin = opened(world, **FEW)

    assert {join(client, pin, f"Player {n}").status_code for n in range(30)} == {201}
