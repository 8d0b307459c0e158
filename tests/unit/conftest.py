"""Fixtures of the tests without services."""

import pytest

from tests.support.cli import Cli
from tests.support.world import HOST, QUIZ_ID, Person, World


@pytest.fixture(name="world")
def _world() -> World:
    """Everything in memory, with one quiz of `host-1`."""
    world = World()
    world.add_quiz()
    return world


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


@pytest.fixture(name="cli")
def _cli(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(world, monkeypatch, capsys)
