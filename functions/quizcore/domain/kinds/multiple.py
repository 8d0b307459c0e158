"""`multiple`: one or more of the choices are right, and all of them together are the answer."""

from quizcore.domain.events import Answer
from quizcore.domain.kinds.choices import SetOfChoices
from quizcore.domain.kinds.kind import Authored, Marking, Share


class Multiple(SetOfChoices):
    def share_right(self, question: Authored, answer: Answer, marking: Marking) -> Share:
        if not marking.partial:
            return super().share_right(question, answer, marking)
        chosen, key = set(answer.choices), set(question.key)
        return Share(max(0, len(chosen & key) - len(chosen - key)), len(key))
