"""The authored content: a quiz and its questions."""

from collections.abc import Iterator
from dataclasses import dataclass

from quizcore.domain.kinds import Kind
from quizcore.domain.kinds.choices import MAX_CHOICE_CHARS, MAX_CHOICES
from quizcore.domain.kinds.kind import Key

__all__ = ["MAX_CHOICES", "MAX_CHOICE_CHARS", "Kind", "Question", "Quiz", "QuizInvalid"]

MAX_QUESTIONS = 200
MAX_PROMPT_CHARS = 500
MIN_TIME_LIMIT_MS = 2_000
MAX_TIME_LIMIT_MS = 600_000
MAX_POINTS = 10_000


class QuizInvalid(ValueError):
    """The quiz is not valid; the message says which part and what to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its key.

    `key` contains indexes into `choices` or accepted texts, depending on the kind. Raises QuizInvalid, with every fault
    in one message.
    """

    prompt: str
    kind: Kind
    key: Key
    choices: tuple[str, ...] = ()
    time_limit_ms: int = 20_000
    points: int = 1_000
    media: str | None = None
    explanation: str | None = None

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise QuizInvalid("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Quiz:
    """Authored content. `language` is a BCP 47 tag; `level` is free text such as a CEFR level."""

    title: str
    language: str
    questions: tuple[Question, ...]
    description: str = ""
    level: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise QuizInvalid("the quiz needs a title")
        if not 1 <= len(self.questions) <= MAX_QUESTIONS:
            raise QuizInvalid(f"a quiz has 1 to {MAX_QUESTIONS} questions")


def _faults(question: Question) -> Iterator[str]:
    if not question.prompt.strip():
        yield "the prompt is empty"
    if len(question.prompt) > MAX_PROMPT_CHARS:
        yield f"the prompt is longer than {MAX_PROMPT_CHARS} characters"
    if not MIN_TIME_LIMIT_MS <= question.time_limit_ms <= MAX_TIME_LIMIT_MS:
        yield f"the time limit must be {MIN_TIME_LIMIT_MS} to {MAX_TIME_LIMIT_MS} ms"
    if not 0 <= question.points <= MAX_POINTS:
        yield f"points must be 0 to {MAX_POINTS}"
    if not question.key:
        yield "there is no right answer"
    yield from question.kind.rules.faults(question)
