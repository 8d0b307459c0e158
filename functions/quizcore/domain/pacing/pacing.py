"""The protocol that answers all questions of time, for the fold, the documents, the clock and the API."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from quizcore.domain.session import Phase


@dataclass(frozen=True, slots=True)
class Window:
    """Answers to a question count while `opened_at <= at <= ends_at`; after `reveals_at` the key is shown. Moments in
    milliseconds since the epoch, `limit_ms` is the question's own time."""

    opened_at: int
    closes_at: int
    ends_at: int
    reveals_at: int
    limit_ms: int

    @classmethod
    def between(cls, opened_at: int, closes_at: int, limit_ms: int, *, grace_ms: int, reserve_ms: int) -> "Window":
        ends_at = closes_at + grace_ms
        return cls(opened_at, closes_at, ends_at, ends_at + reserve_ms, limit_ms)

    def counts(self, at: int) -> bool:
        """Whether an answer with the receipt time `at` counts."""
        return self.opened_at <= at <= self.ends_at

    def hides_key(self, now: int) -> bool:
        return now <= self.reveals_at


class Current(NamedTuple):
    """The question that all players have at the same time, and its window."""

    question_index: int
    window: Window


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of one player as of one time, by question.

    `windows` are those of the questions opened so far, in quiz order. After its last moment (ms since the epoch) no
    answer to a question can count any more, even when other events become known; questions without a last moment are
    left out. `over` are the questions whose answers are revealed to the player. From its moment in `since` on, no
    answer to a question is too early: of all later answers only the first can ever count.
    """

    windows: Mapping[int, Window] = field(default_factory=dict)
    last: Mapping[int, int] = field(default_factory=dict)
    over: frozenset[int] = frozenset()
    since: Mapping[int, int] = field(default_factory=dict)


class Windows(Protocol):
    """The part of a pacing that the API needs to accept an answer."""

    def window(self, player_id: str, question_index: int) -> Window | None:
        """When the player's answers to the question count; None while it is not open to them."""


class Pacing(Windows, Protocol):
    """The pacing of one state of a session's timeline. `now` is in milliseconds since the epoch."""

    @property
    def current(self) -> Current | None:
        """None before the first question, and when each player has a separate question."""

    @property
    def final(self) -> bool:
        """True when every answer accepted before the end has been delivered."""

    @property
    def becomes_final_at(self) -> int:
        """A `session_finished` from this time on proves that no accepted answer is still in flight."""

    def phase(self, now: int) -> Phase:
        """The phase of the session. A question is `closed` from the reveal on."""

    def moments(self, player_id: str, now: int) -> Moments:
        """All moments that are needed to judge the player's answers."""

    def shown(self, now: int) -> frozenset[int]:
        """The questions whose key all members may see, because no further answer of any player to them can count."""

    def next_reveal(self, now: int) -> int | None:
        """The next time at which time alone changes scores, or None when only an event can."""

    def revealed_to(self, player_ids: Collection[str], since: int, now: int) -> Collection[str]:
        """The players to whom time alone has revealed answers after `since`, until `now`."""

    def agrees(self, other: "Pacing") -> bool:
        """Whether both judge every answer by the same windows."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The windows according to the session document: the window of the current question, the same for all players."""

    current: Current | None

    def window(self, player_id: str, question_index: int) -> Window | None:  # noqa: ARG002 (the same for everybody)
        current = self.current
        return current.window if current is not None and current.question_index == question_index else None
