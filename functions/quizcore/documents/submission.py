"""An answer as it was sent, wherever it lies: in a player's document, among the refused, in the journal."""

from collections.abc import Mapping
from typing import Any

from quizcore.documents.stamps import Document
from quizcore.domain.events import Answer, AnswerSubmitted, Mark


def submission_fields(submission: AnswerSubmitted) -> Document:
    return {"receipt": submission.mark.event_id, "at": submission.mark.at, **answer_fields(submission.answer)}


def answer_fields(answer: Answer) -> Document:
    return {"choices": list(answer.choices)} if answer.text is None else {"text": answer.text}


def read_answer(data: Mapping[str, Any]) -> Answer:
    return Answer(choices=tuple(data.get("choices", ())), text=data.get("text"))


def read_submission(player_id: str, index: int, data: Mapping[str, Any]) -> AnswerSubmitted:
    return AnswerSubmitted(Mark(data["at"], data["receipt"]), player_id, index, read_answer(data))
