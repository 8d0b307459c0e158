"""GET /sessions/{id}/questions: the whole quiz with its key, once the session is over."""

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from http_api.context import ApiContext
from http_api.openapi import PLAYER, TOKEN, Reply
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.ports import Caller
from quizcore.usecases.played_questions import played_questions


class RevealedQuestion(BaseModel):
    index: int
    prompt: str
    kind: str
    choices: list[str]
    points: int
    time_limit_ms: int
    media: str | None
    key: list[int] | list[str]
    explanation: str | None


class RevealedQuestions(BaseModel):
    """The questions that were played, in order."""

    questions: list[RevealedQuestion]


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get(
        "/sessions/<session_id>/questions",
        summary="The questions that were played, with their keys; after the end",
        tags=PLAYER,
        security=TOKEN,
        responses={
            200: RevealedQuestions,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_session", "wrong_state"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def questions(path: SessionPath) -> Reply:
        caller: Caller = g.caller
        context.limits.check("answers", caller.uid, context.settings.answers_per_minute)
        played = played_questions(context.services, caller, path.session_id)
        revealed = [RevealedQuestion(index=index, **question) for index, question in enumerate(played)]
        return RevealedQuestions(questions=revealed).model_dump()
