"""What a coordinator's duties have in common: when there may be something to do, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from quizcore.domain.fold import State
from quizcore.messages import Message


class Outcome(Enum):
    DONE = auto()  # nothing is due, or it was done
    RELOAD = auto()  # the documents may say something else than the state; load the state anew, then look again


@dataclass(frozen=True, slots=True)
class Turn:
    """What shard 0 knows after a flush: its state, how many shards the session has, and the messages of the flush."""

    state: State
    shards: int
    messages: Sequence[Message] = ()


class Duty(Protocol):
    def wakes_at(self, turn: Turn) -> int | None:
        """When to look again (ms since the epoch), or None when only an event can make something due."""

    async def act(self, turn: Turn) -> Outcome:
        """Do what is due."""
