"""Fixtures of the tests that need nothing."""

import pytest

from tests.support.world import World


@pytest.fixture(name="world")
def _world() -> World:
    """Everything in memory, with one quiz of `host-1`."""
    world = World()
    world.add_quiz()
    return world
