"""`quizzes/{id}` and its questions: what an author has written."""

from collections.abc import Iterable, Mapping
from typing import Any

from quizcore.documents.question import read_question
from quizcore.documents.stamps import Document
from quizcore.domain.quiz import Quiz

QUIZZES = "quizzes"


def quiz_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}"


def questions_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}/questions"


def question_path(quiz_id: str, index: int) -> str:
    return f"{questions_path(quiz_id)}/{index}"


def quiz_fields(quiz: Quiz, *, owner_id: str, visibility: str, version: int, updated_at: int) -> Document:
    return {
        "title": quiz.title,
        "description": quiz.description,
        "language": quiz.language,
        "level": quiz.level,
        "owner_id": owner_id,
        "visibility": visibility,
        "question_count": len(quiz.questions),
        "version": version,
        "updated_at": updated_at,
    }


def read_quiz(data: Mapping[str, Any], questions: Iterable[Mapping[str, Any]]) -> Quiz:
    return Quiz(
        title=data["title"],
        language=data["language"],
        description=data.get("description", ""),
        level=data.get("level", ""),
        questions=tuple(map(read_question, questions)),
    )
