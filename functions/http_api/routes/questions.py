"""GET /sessions/{id}/questions: the whole quiz with its key, once the session is over."""

from typing import Any

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from http_api.door import Door
from http_api.openapi import PLAYER, TOKEN
from http_api.paths import SessionPath
from http_api.people import check_let_in, check_member
from http_api.problems import Refusal, documented
from quizcore import documents
from quizcore.ports import Caller


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


def register(api: APIBlueprint, door: Door) -> None:
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
    def questions(path: SessionPath) -> dict[str, Any]:
        caller: Caller = g.caller
        door.limits.check("answers", caller.uid, door.settings.answers_per_minute)
        session = door.session(path.session_id)
        if session["host_id"] != caller.uid:
            check_member(door, path.session_id, caller)
            check_let_in(door, path.session_id, session, caller)
        if not _revealed(session):
            session = door.session(path.session_id, max_age_ms=0)
        if not _revealed(session):
            raise Refusal("wrong_state", "the keys are told when the session is over")
        played = 0 if session["question_index"] is None else session["question_index"] + 1
        told = _quiz_of(door, path.session_id)[:played]
        found = [RevealedQuestion(index=index, **question) for index, question in enumerate(told)]
        return RevealedQuestions(questions=found).model_dump()


def _revealed(session: dict[str, Any]) -> bool:
    """Over, and also the last question takes no answers any more."""
    never_asked = session["question_index"] is None
    return bool(session["state"] == "finished" and (never_asked or session["reveal"] is not None))


def _quiz_of(door: Door, session_id: str) -> list[dict[str, Any]]:
    """A session's quiz never changes, so it is read once per instance."""
    known = door.quizzes.get(session_id)
    if known is None:
        found = door.store.get(documents.session_quiz_path(session_id))
        known = found.data["questions"] if found else []
        door.quizzes.put(session_id, known)
    return known
