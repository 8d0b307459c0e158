"""The emulators, once for all tests that need them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from hypothesis import settings

from devstack import stack as devstack
from devstack.stack import Stack

HIGH_RATES = {"WORDRUSH_JOINS_PER_MINUTE": "100000", "WORDRUSH_COMMANDS_PER_MINUTE": "100000"}


# The same examples in every run, as the simulator has the same seeds: what turns red is the change, not luck. To look
# for more: `pytest tests/stateful --hypothesis-profile explore`.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=3_000, print_blob=True, deadline=None)
settings.load_profile("same")


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of async tests."""
    return "asyncio"


FIGURES = pytest.StashKey[list[str]]()


class Figure(Protocol):
    def __call__(self, line: str, /) -> None: ...


@pytest.fixture(name="figure")
def _figure(pytestconfig: pytest.Config) -> Figure:
    """Takes a measured line; all of them are printed at the end of the run."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(FIGURES, [])
    if lines:
        terminalreporter.section("figures of this run")
        for line in lines:
            terminalreporter.write_line(line)


@contextmanager
def emulated(only: tuple[str, ...]) -> Iterator[Stack]:
    """Emulators and API, without a worker: a test starts the workers that it is about. Clients in this process find
    the emulators by its environment."""
    before = dict(os.environ)
    project = f"demo-test-{os.getpid()}"  # a run beside this one has its own
    with devstack.running(only, say=lambda _: None, workers=0, project=project, api_env=HIGH_RATES) as running:
        os.environ.update(running.env)
        yield running
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session", name="stack")
def _stack() -> Iterator[Stack]:
    with emulated(devstack.ALL) as running:
        yield running
