"""The base of the kinds whose answer is a set of the offered choices."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from quizcore.domain.events import Answer
from quizcore.domain.kinds.kind import Authored, Marking, Misfit, Rules, Share, WrittenKey

MAX_CHOICES = 8
MAX_CHOICE_CHARS = 200


def as_set(answer: Answer) -> Answer:
    """The answer with each choice once, in the author's order."""
    return replace(answer, choices=tuple(sorted(set(answer.choices))))


class SetOfChoices(Rules):
    def faults(self, question: Authored) -> Iterator[str]:
        offered = len(question.choices)
        if not 2 <= offered <= MAX_CHOICES:
            yield f"offer 2 to {MAX_CHOICES} choices"
        if any(not choice.strip() or len(choice) > MAX_CHOICE_CHARS for choice in question.choices):
            yield f"a choice has 1 to {MAX_CHOICE_CHARS} characters"
        if len(set(question.choices)) != offered:
            yield "two choices are the same"
        if not all(isinstance(index, int) and 0 <= index < offered for index in question.key):
            yield "the key names a choice that is not offered"

    def canonical(self, answer: Answer) -> Answer:
        return as_set(answer)

    def misfit(self, offered: int, answer: Answer) -> Misfit | None:
        if answer.text is not None:
            return Misfit("invalid", "this question is answered with choices")
        if any(choice >= offered for choice in answer.choices):
            return Misfit("no_such_choice", f"choices are numbered 0 to {offered - 1}")
        return None

    def share_right(self, question: Authored, answer: Answer, marking: Marking) -> Share:  # noqa: ARG002 (the protocol's)
        return Share(int(set(answer.choices) == set(question.key)), 1)

    def tally(self, question: Authored, answers: Iterable[Answer]) -> list[int] | None:
        chosen = Counter(choice for answer in answers for choice in answer.choices)
        return [chosen[index] for index in range(len(question.choices))]

    def in_words(self, question: Authored, answer: Answer, *, correct: bool) -> str:
        chosen = (question.choices[index] for index in answer.choices if index < len(question.choices))
        return ", ".join(chosen) + (" ✔" if correct else "")

    def key_in_words(self, question: Authored) -> list[str]:
        return [question.choices[int(index)] for index in question.key]

    def key_of(self, words: Sequence[str], choices: Sequence[str]) -> WrittenKey:
        known = [word for word in words if word in choices]
        return WrittenKey(tuple(sorted(map(choices.index, known))), [word for word in words if word not in choices])

    def right_answer(self, question: Authored) -> Answer:
        return Answer(choices=tuple(int(index) for index in question.key))

    def guess(self, question: Authored, below: Callable[[int], int]) -> Answer:
        return Answer(choices=(below(len(question.choices)),))
