"""`single`: one of the choices is right."""

from collections.abc import Iterator

from quizcore.domain.events import Answer
from quizcore.domain.kinds.choices import SetOfChoices
from quizcore.domain.kinds.kind import Authored, Misfit


class Single(SetOfChoices):
    def faults(self, question: Authored) -> Iterator[str]:
        yield from super().faults(question)
        if len(question.key) != 1:
            yield "a single question has exactly one right choice"

    def misfit(self, offered: int, answer: Answer) -> Misfit | None:
        found = super().misfit(offered, answer)
        if found is None and len(answer.choices) != 1:
            return Misfit("invalid", "this question has one answer: send one choice")
        return found
