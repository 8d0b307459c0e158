"""Which command is legal in which state of a session, and which event it becomes.

This module decides for the API, for the clock (`schedule.py`) and for the command line. The screens have a twin,
`web/src/features/host/use-commands.ts`; `tests/golden/commands.json` holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from quizcore.domain.events import (
    Mark,
    PlayerAdmitted,
    PlayerRemoved,
    PlayerRenamed,
    PlayersExpected,
    QuestionClosed,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
    TimelineEvent,
)
from quizcore.domain.pacing import Pacing
from quizcore.domain.session import Game, Phase


class Command(StrEnum):
    NEXT = "next"
    CLOSE = "close"
    FINISH = "finish"
    LOCK = "lock"
    UNLOCK = "unlock"
    REMOVE = "remove"
    ADMIT = "admit"
    RENAME = "rename"
    EXPECT = "expect"


class WrongState(ValueError):
    """The command does not fit the session's state, or names another question; the message says which commands fit."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a session by which commands are decided. `closes_at` (ms since the epoch) is that of the current
    question."""

    phase: Phase
    question_index: int | None
    question_count: int
    closes_at: int | None

    def running(self, at: int) -> bool:
        """Whether the current question can still be closed."""
        return self.phase is Phase.QUESTION and self.closes_at is not None and at < self.closes_at


def facts_of(pacing: Pacing, game: Game, now: int) -> Facts:
    """The facts according to the fold; the API reads them from the session document (`documents.session_facts`)."""
    phase, count = pacing.phase(now), game.question_count
    if pacing.current is None:
        return Facts(phase, None, count, None)
    index, window = pacing.current
    return Facts(phase, index, count, window.closes_at)


@dataclass(frozen=True, slots=True)
class Order:
    """A command with its player or question. `next` and `close` should name their question: then a late or repeated
    command cannot open or close another question."""

    command: Command
    question_index: int | None = None
    player_id: str = ""
    nickname: str = ""
    players: int = 0


Commanded = TimelineEvent | PlayerRemoved | PlayerAdmitted | PlayerRenamed


def following(index: int | None) -> int:
    """The index of the next question; 0 before the first question."""
    return 0 if index is None else index + 1


def question_meant(command: Command, current: int | None) -> int | None:
    """The question that a command names while `current` is the current one; None for a command that names none."""
    if command is Command.NEXT:
        return following(current)
    return current if command is Command.CLOSE else None


def decide(facts: Facts, order: Order, mark: Mark) -> Commanded:
    """The event that the order becomes at `mark`. Raises WrongState."""
    return _DECISIONS[order.command](facts, order, mark)


def _next(facts: Facts, order: Order, mark: Mark) -> QuestionOpened:
    _check_goes_on(facts)
    if facts.running(mark.at):
        raise WrongState("a question is running; close it first")
    index = following(facts.question_index)
    if index >= facts.question_count:
        raise WrongState("that was the last question; finish the session")
    _check_named(order, index)
    return QuestionOpened(mark, index)


def _close(facts: Facts, order: Order, mark: Mark) -> QuestionClosed:
    if not facts.running(mark.at) or facts.question_index is None:
        raise WrongState("no question is running")
    _check_named(order, facts.question_index)
    return QuestionClosed(mark, facts.question_index)


def _finish(facts: Facts, _: Order, mark: Mark) -> SessionFinished:
    _check_goes_on(facts)
    return SessionFinished(mark)


def _lock(facts: Facts, order: Order, mark: Mark) -> SessionLocked:
    _check_goes_on(facts)
    return SessionLocked(mark, order.command is Command.LOCK)


def _expect(facts: Facts, order: Order, mark: Mark) -> PlayersExpected:
    _check_goes_on(facts)
    return PlayersExpected(mark, order.players)


# Commands about a player are always legal, for example to rename a player on the podium.
def _remove(_: Facts, order: Order, mark: Mark) -> PlayerRemoved:
    return PlayerRemoved(mark, order.player_id)


def _admit(_: Facts, order: Order, mark: Mark) -> PlayerAdmitted:
    return PlayerAdmitted(mark, order.player_id)


def _rename(_: Facts, order: Order, mark: Mark) -> PlayerRenamed:
    return PlayerRenamed(mark, order.player_id, order.nickname)


def _check_goes_on(facts: Facts) -> None:
    if facts.phase is Phase.FINISHED:
        raise WrongState("the session is finished")


def _check_named(order: Order, index: int) -> None:
    if order.question_index is not None and order.question_index != index:
        raise WrongState(f"it is question_index {index}, not {order.question_index}; look at the session")


_DECISIONS: dict[Command, Callable[[Facts, Order, Mark], Commanded]] = {
    Command.NEXT: _next,
    Command.CLOSE: _close,
    Command.FINISH: _finish,
    Command.LOCK: _lock,
    Command.UNLOCK: _lock,
    Command.REMOVE: _remove,
    Command.ADMIT: _admit,
    Command.RENAME: _rename,
    Command.EXPECT: _expect,
}
