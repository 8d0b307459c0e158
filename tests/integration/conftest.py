"""Workers for the tests of whole games."""

from collections.abc import Iterator

import pytest

from devstack.processes import Child
from devstack.stack import Stack


@pytest.fixture(name="worker")
def _worker(stack: Stack) -> Iterator[Child]:
    # Streaming hands its keys over at once when it ends, so the next test need not wait for a deadline.
    child = stack.start_worker(WORDRUSH_SOURCE="streaming")
    yield child
    child.stop()
    assert child.exit_code() == 0, "a worker that is asked to stop drains and ends cleanly"
