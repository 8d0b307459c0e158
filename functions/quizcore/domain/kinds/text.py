"""`text`: the player types a text, and the key contains the accepted texts."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from quizcore.domain.events import Answer
from quizcore.domain.kinds.kind import Authored, Marking, Misfit, Rules, Share, WrittenKey
from quizcore.domain.text import matches

NO_IDEA = "hm"


class Text(Rules):
    def faults(self, question: Authored) -> Iterator[str]:
        if question.choices:
            yield "a text question offers no choices"
        if not all(isinstance(text, str) and text.strip() for text in question.key):
            yield "every accepted text must hold at least one character"

    def canonical(self, answer: Answer) -> Answer:
        return answer  # the host sees the text as it was typed

    def misfit(self, offered: int, answer: Answer) -> Misfit | None:  # noqa: ARG002 (the protocol's)
        return Misfit("invalid", "this question is answered with text") if answer.text is None else None

    def share_right(self, question: Authored, answer: Answer, marking: Marking) -> Share:
        accepted = tuple(str(text) for text in question.key)
        return Share(int(matches(answer.text or "", accepted, one_typo=marking.one_typo)), 1)

    def tally(self, question: Authored, answers: Iterable[Answer]) -> list[int] | None:  # noqa: ARG002 (the protocol's)
        return None

    def in_words(self, question: Authored, answer: Answer, *, correct: bool) -> str:  # noqa: ARG002 (the protocol's)
        return answer.text or ""

    def key_in_words(self, question: Authored) -> list[str]:
        return [str(text) for text in question.key]

    def key_of(self, words: Sequence[str], choices: Sequence[str]) -> WrittenKey:  # noqa: ARG002 (the protocol's)
        return WrittenKey(tuple(words), [])

    def right_answer(self, question: Authored) -> Answer:
        return Answer(text=str(question.key[0]))

    def guess(self, question: Authored, below: Callable[[int], int]) -> Answer:  # noqa: ARG002 (the protocol's)
        return Answer(text=NO_IDEA)
