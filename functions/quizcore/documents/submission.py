"""An answer as it was sent, in a player's document (counted or refused) and in the journal."""

from typing import Annotated, NotRequired

from pydantic import StringConstraints
from typing_extensions import TypedDict

from quizcore.documents.values import Count
from quizcore.domain.events import Answer, AnswerSubmitted, Mark
from quizcore.messages import MAX_TEXT_CHARS, Id


class AnswerFields(TypedDict):
    """Either choices or a text."""

    choices: NotRequired[list[Count]]
    text: NotRequired[Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)] | None]


class SubmissionFields(AnswerFields):
    receipt: Id
    at: Count


def submission_fields(submission: AnswerSubmitted) -> SubmissionFields:
    return {"receipt": submission.mark.event_id, "at": submission.mark.at, **answer_fields(submission.answer)}


def answer_fields(answer: Answer) -> AnswerFields:
    return {"choices": list(answer.choices)} if answer.text is None else {"text": answer.text}


def read_answer(data: AnswerFields) -> Answer:
    return Answer(choices=tuple(data.get("choices", ())), text=data.get("text"))


def read_submission(player_id: str, index: int, data: SubmissionFields) -> AnswerSubmitted:
    return AnswerSubmitted(Mark(data["at"], data["receipt"]), player_id, index, read_answer(data))
