"""The protocol of a coordinator's duties: the time of the next possible action, and the outcome of an action."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from quizcore.domain.fold import State
from quizcore.messages import Message


class Outcome(Enum):
    DONE = auto()  # nothing is due, or it was done
    RELOAD = auto()  # the documents may differ from the state: load the state again, then act again


@dataclass(frozen=True, slots=True)
class Turn:
    """The facts of shard 0 after a flush: its state, the number of shards of the session, and the messages of the
    flush."""

    state: State
    shards: int
    messages: Sequence[Message] = ()


class Duty(Protocol):
    def wakes_at(self, turn: Turn) -> int | None:
        """The time of the next possible action (ms since the epoch), or None when only an event can make an action
        due."""

    async def act(self, turn: Turn) -> Outcome:
        """Do what is due."""
