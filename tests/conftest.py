"""The emulators, once for all tests that need them."""

import os
from collections.abc import Iterator

import pytest

from devstack import stack as devstack
from devstack.stack import Stack

FAST_DOOR = {"WORDRUSH_JOINS_PER_MINUTE": "100000", "WORDRUSH_COMMANDS_PER_MINUTE": "100000"}


@pytest.fixture(scope="session", name="stack")
def _stack() -> Iterator[Stack]:
    """Emulators and door, without a worker: a test starts the workers that it is about."""
    before = dict(os.environ)
    with devstack.running(say=lambda _: None, workers=0, project="demo-test", door_env=FAST_DOOR) as running:
        os.environ.update(running.env)
        yield running
    os.environ.clear()
    os.environ.update(before)
