"""What everything that depends on time asks: the fold, the documents, the clock and the API."""

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
        """Whether an answer that came at `at` counts."""
        return self.opened_at <= at <= self.ends_at

    def hides_key(self, now: int) -> bool:
        return now <= self.reveals_at


class Current(NamedTuple):
    """The question that all players have at the same time, and its window."""

    question_index: int
    window: Window


@dataclass(frozen=True, slots=True)
class Moments:
    """What the pacing says to one player as of one moment, by question.

    `windows` are those of the questions opened so far, in quiz order. After its last moment (ms since the epoch) no
    answer to a question can count any more, whatever else becomes known; questions without one are left out. `over` are
    the questions whose answers are revealed to the player. From its moment in `since` on, no answer to a question is
    too early: of all that come later, only the first can ever count.
    """

    windows: Mapping[int, Window] = field(default_factory=dict)
    last: Mapping[int, int] = field(default_factory=dict)
    over: frozenset[int] = frozenset()
    since: Mapping[int, int] = field(default_factory=dict)


class Windows(Protocol):
    """As much of a pacing as the API needs to take an answer."""

    def window(self, player_id: str, question_index: int) -> Window | None:
        """When the player's answers to the question count; None while it is not open to them."""


class Pacing(Windows, Protocol):
    """Of one state of a session's timeline. `now` is milliseconds since the epoch."""

    @property
    def current(self) -> Current | None:
        """None before the first question, and where each player has a question of their own."""

    @property
    def final(self) -> bool:
        """True when every answer accepted before the end has been delivered."""

    @property
    def becomes_final_at(self) -> int:
        """From when on a `session_finished` proves that no accepted answer is still under way."""

    def phase(self, now: int) -> Phase:
        """Where the session stands. A question is `closed` from the reveal on."""

    def moments(self, player_id: str, now: int) -> Moments:
        """All that is needed to judge the player's answers."""

    def shown(self, now: int) -> frozenset[int]:
        """The questions whose key everybody may see: no more answer of anybody to them can count."""

    def next_reveal(self, now: int) -> int | None:
        """When time alone will change what is counted, or None when only an event can."""

    def revealed_to(self, player_ids: Collection[str], since: int, now: int) -> Collection[str]:
        """Those of the players to whom time alone has revealed something after `since`, until `now`."""

    def agrees(self, other: "Pacing") -> bool:
        """Whether both judge every answer by the same windows."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The windows as the session's document tells them: that of the current question, the same for everybody."""

    current: Current | None

    def window(self, player_id: str, question_index: int) -> Window | None:  # noqa: ARG002 (the same for everybody)
        current = self.current
        return current.window if current is not None and current.question_index == question_index else None
