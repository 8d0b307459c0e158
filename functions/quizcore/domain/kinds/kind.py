"""The protocol of a question kind: everything that depends on the kind.

A kind is one module of this package and one row of the table in `__init__.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from quizcore.domain.events import Answer

Key = tuple[int, ...] | tuple[str, ...]


class Authored(Protocol):
    """The part of a question that a kind reads: the choices in the author's order, and the key as the kind writes
    it."""

    @property
    def choices(self) -> tuple[str, ...]: ...

    @property
    def key(self) -> Key: ...


class Marking(Protocol):
    """The options of a session that a kind reads."""

    @property
    def partial(self) -> bool: ...

    @property
    def one_typo(self) -> bool: ...


class Share(NamedTuple):
    """How much of the key an answer met, as a fraction."""

    right: int
    whole: int


class WrittenKey(NamedTuple):
    """The key that an author's words mean. `unknown`: the words without a meaning, in their order."""

    key: Key
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an answer does not fit its question: a code of the API, and a sentence that says what to send."""

    code: Literal["invalid", "no_such_choice"]
    detail: str


class Rules(ABC):
    """One question kind. It has no state; a choice is identified by its index in the author's order."""

    @abstractmethod
    def faults(self, question: Authored) -> Iterator[str]:
        """The reasons why the question is not valid, one sentence per fault."""

    @abstractmethod
    def canonical(self, answer: Answer) -> Answer:
        """The common form of all answers that mean the same. Equal forms identify a repeated request. Idempotent."""

    @abstractmethod
    def misfit(self, offered: int, answer: Answer) -> Misfit | None:
        """The reason why an answer, as it was sent, does not fit a question with this number of choices; None when the
        answer fits."""

    @abstractmethod
    def share_right(self, question: Authored, answer: Answer, marking: Marking) -> Share:
        """How much of the key the answer met. An answer is right when it met all of the key."""

    @abstractmethod
    def tally(self, question: Authored, answers: Iterable[Answer]) -> list[int] | None:
        """The number of answers per choice, in the author's order; None when the kind has no choices to count. Tallies
        of several shards are added element by element."""

    @abstractmethod
    def in_words(self, question: Authored, answer: Answer, *, correct: bool) -> str:
        """An answer as text for a report."""

    @abstractmethod
    def key_in_words(self, question: Authored) -> list[str]:
        """The key as an author writes it in a quiz file."""

    @abstractmethod
    def key_of(self, words: Sequence[str], choices: Sequence[str]) -> WrittenKey:
        """The key of an author's words: the inverse of `key_in_words`."""

    @abstractmethod
    def right_answer(self, question: Authored) -> Answer:
        """An answer that meets the whole key."""

    @abstractmethod
    def guess(self, question: Authored, below: Callable[[int], int]) -> Answer:
        """A fitting answer that is drawn without the key. `below(n)` draws an integer from 0 to n - 1."""
