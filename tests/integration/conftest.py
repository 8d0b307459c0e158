"""Workers for the tests of whole games."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from devstack.processes import Child
from devstack.stack import Stack


class StartWorker(Protocol):
    def __call__(self, command: tuple[str, ...] = ..., **env: str) -> Child: ...


@pytest.fixture(name="start_worker")
def _start_worker(stack: Stack) -> Iterator[StartWorker]:
    """Starts workers, and ends them after the test, also when it fails."""
    started: list[Child] = []

    def start(command: tuple[str, ...] = ("-m", "workers"), **env: str) -> Child:
        started.append(stack.start_worker(command, **env))
        return started[-1]

    yield start
    for child in started:
        child.stop()


@pytest.fixture(name="worker")
def _worker(stack: Stack) -> Iterator[Child]:
    # Streaming hands its keys over at once when it ends, so the next test need not wait for a deadline.
    child = stack.start_worker(WORDRUSH_SOURCE="streaming")
    yield child
    child.stop()
    assert child.exit_code() == 0, "a worker that is asked to stop drains and ends cleanly"
