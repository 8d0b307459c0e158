"""POST /sessions/{id}/answers: a player answers the open question."""

from typing import Annotated, Self

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from http_api.context import ApiContext
from http_api.openapi import PLAYER, TOKEN, Reply
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.domain.events import Answer
from quizcore.domain.text import unfit_character
from quizcore.messages import MAX_CHOICES_SENT, MAX_TEXT_CHARS, ChoiceIndex, QuestionIndex
from quizcore.ports import Caller
from quizcore.usecases import submit_answer as usecase


class AnswerBody(BaseModel):
    """Choices for `single` and `multiple`, text for `text`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    question_index: QuestionIndex
    choices: Annotated[list[ChoiceIndex], Field(min_length=1, max_length=MAX_CHOICES_SENT)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)] | None = None

    @model_validator(mode="after")
    def _one_of_two_and_readable(self) -> Self:
        if (self.choices is None) == (self.text is None):
            raise ValueError("send either choices or text")
        unfit = None if self.text is None else unfit_character(self.text)
        if unfit:
            raise ValueError(f"text contains {unfit}, which is not a character that people type")
        return self

    def answer(self) -> Answer:
        return Answer(choices=tuple(self.choices or ()), text=self.text)


class AnswerAccepted(BaseModel):
    """The answer is recorded. `receipt` is in the player's document when the answer is judged."""

    receipt: str
    received_at: int


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/sessions/<session_id>/answers",
        summary="Answer the open question",
        tags=PLAYER,
        security=TOKEN,
        responses={
            202: AnswerAccepted,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_session", "not_open"),
                *("already_answered", "key_reused", "too_large", "no_such_choice", "slow_down", "try_again"),
            ),
        },
    )
    def submit_answer(path: SessionPath, body: AnswerBody) -> tuple[Reply, int]:
        at = usecase.received_at(context.services, path.session_id)
        caller: Caller = g.caller
        sent = usecase.SentAnswer(path.session_id, body.question_index, body.answer(), context.event_id(), at)
        context.limits.check("answers", caller.uid, context.settings.answers_per_minute)
        receipt = usecase.submit_answer(context.services, caller, sent)
        context.telemetry.add("api_accepted")
        return AnswerAccepted(receipt=receipt.event_id, received_at=receipt.received_at).model_dump(), 202
