"""Helpers for the shortest histories of found faults: two players, messages as bytes, a store that fails."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from quizcore.adapters.memory import MemoryStore
from quizcore.messages import Message, attributes, encode
from quizcore.ports import OutcomeUnknown, Write
from quizcore.usecases.verify import folded_again
from tests.support.stepping import Body
from tests.support.world import OPENED, World, spread

ANN, BEN = "ann", "ben"  # of two shards ben's is 0 and ann's is 1


def bodies(*messages: Message) -> list[Body]:
    return [(encode(each), attributes(each)) for each in messages]


def on_the_bus(world: World) -> list[Body]:
    """Take all messages from the bus."""
    taken = list(world.bus.waiting)
    world.bus.waiting.clear()
    return taken


@contextmanager
def failing(fails: Callable[[Sequence[Write]], bool]) -> Iterator[list[int]]:
    """A store that loses some commits, and does not answer. Gives how often it did."""
    commit, times = MemoryStore.commit, [0]

    def commit_or_fail(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
        if not fails(writes):
            return commit(store, writes)
        times[0] += 1
        raise OutcomeUnknown("no answer")

    with patch.object(MemoryStore, "commit", commit_or_fail), patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
        yield times


def every_commit(_writes: Sequence[Write]) -> bool:
    return True


@contextmanager
def before_commit(happens: Callable[[Sequence[Write]], object]) -> Iterator[None]:
    """An action or an error just before a commit is made."""
    commit = MemoryStore.commit

    def late(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
        happens(writes)
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", late), patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
        yield


def played(world: World, session_id: str, shards: int) -> list[Message]:
    """Both answer right, ann before ben."""
    events = [world.joined(session_id, ANN), world.joined(session_id, BEN), world.opened(session_id)]
    events += [world.answered(session_id, ANN, OPENED + 1), world.answered(session_id, BEN, OPENED + 5_000)]
    return spread(events, shards)


def differences(world: World, session_id: str) -> list[Any]:
    found: list[Any] = folded_again(world.store, session_id)["differences"]
    return found
