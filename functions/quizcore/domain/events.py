"""The events of a session, as the fold sees them.

`at` is the server's receipt time in milliseconds since the epoch. `(at, event_id)` is the total order that decides
between two events; the order of arrival never does.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Mark(NamedTuple):
    """The time of an event, made unique by the event's id."""

    at: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A player's response: chosen indexes, or a typed text."""

    choices: tuple[int, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class PlayerJoined:
    mark: Mark
    player_id: str
    nickname: str
    avatar: str


@dataclass(frozen=True, slots=True)
class AnswerSubmitted:
    mark: Mark
    player_id: str
    question_index: int
    answer: Answer

    @property
    def order(self) -> tuple[int, str, int, tuple[int, ...], str]:
        """A total order even between two bodies that claim one event id."""
        return (*self.mark, self.question_index, self.answer.choices, self.answer.text or "")


@dataclass(frozen=True, slots=True)
class QuestionOpened:
    mark: Mark
    question_index: int


@dataclass(frozen=True, slots=True)
class QuestionClosed:
    mark: Mark
    question_index: int


@dataclass(frozen=True, slots=True)
class SessionFinished:
    mark: Mark


@dataclass(frozen=True, slots=True)
class PlayerRemoved:
    mark: Mark
    player_id: str


@dataclass(frozen=True, slots=True)
class PlayerAdmitted:
    """The host admits a player, in a session with the option `approval`."""

    mark: Mark
    player_id: str


@dataclass(frozen=True, slots=True)
class PlayerRenamed:
    """The host gives a player another name; of several names the latest counts."""

    mark: Mark
    player_id: str
    nickname: str


@dataclass(frozen=True, slots=True)
class SessionLocked:
    """The host locked the session, so that nobody else can join, or unlocked it."""

    mark: Mark
    locked: bool


@dataclass(frozen=True, slots=True)
class PlayersExpected:
    """The host has announced the number of players; of several numbers the largest counts."""

    mark: Mark
    players: int


TimelineEvent = QuestionOpened | QuestionClosed | SessionFinished | SessionLocked | PlayersExpected
FactEvent = PlayerJoined | PlayerRemoved | PlayerAdmitted | PlayerRenamed
PlayerEvent = AnswerSubmitted | FactEvent
Event = PlayerEvent | TimelineEvent
