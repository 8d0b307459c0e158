"""Calls of an in-memory API, and the session documents that a worker would have written."""

from typing import Any

from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.ports import Update
from tests.support.games import LEAD_MS, LIMIT_MS, START
from tests.support.world import Person, World

KEY = "018f6b1e-0000-7000-8000-000000000001"
OTHER_KEY = "018f6b1e-0000-7000-8000-000000000002"
OPENED = START + LEAD_MS


def open_question(world: World, session: dict[str, str], index: int = 0) -> None:
    """Write the documents as the worker does when it folds `question_opened`; the clock moves to the first moment."""
    quiz = world.store.get(documents.session_quiz_path(session["session_id"]))
    assert quiz is not None
    question = documents.read_question(quiz.data["questions"][index])
    fields = {
        "state": "question",
        "question_index": index,
        "question": documents.public_question(question),
        "opened_at": OPENED,
        "closes_at": OPENED + LIMIT_MS,
    }
    world.store.commit([Update(documents.session_path(session["session_id"]), fields)])
    world.clock.ms = OPENED


def set_state(world: World, session: dict[str, str], **fields: Any) -> None:
    world.store.commit([Update(documents.session_path(session["session_id"]), fields)])


def refused(response: TestResponse) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json"
    problem = response.json or {}
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:wordrush:problem:{problem['code']}"
    assert problem["detail"]
    return response.status_code, problem["code"]


def answer(person: Person, session: dict[str, str], body: dict[str, Any], key: str | None = None) -> TestResponse:
    return person.post(f"/sessions/{session['session_id']}/answers", body, key)


def command(person: Person, session: dict[str, str], **body: Any) -> TestResponse:
    return person.post(f"/sessions/{session['session_id']}/commands", body)
