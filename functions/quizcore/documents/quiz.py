"""`quizzes/{id}` and its questions, as the author has written them."""

from collections.abc import Iterable, Mapping

from typing_extensions import TypedDict

from quizcore.documents.question import QuestionDocument, read_question
from quizcore.documents.values import Count, Uid
from quizcore.domain.quiz import Quiz

QUIZZES = "quizzes"


class QuizHead(TypedDict):
    """The common fields of a quiz and a session's copy of it; the questions are in documents of their own, or in the
    copy."""

    title: str
    language: str
    description: str
    level: str


class QuizDocument(QuizHead):
    owner_id: Uid
    visibility: str
    question_count: Count
    version: Count
    updated_at: Count


def quiz_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}"


def questions_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}/questions"


def question_path(quiz_id: str, index: int) -> str:
    return f"{questions_path(quiz_id)}/{index}"


def quiz_fields(quiz: Quiz, *, owner_id: str, visibility: str, version: int, updated_at: int) -> QuizDocument:
    return {
        **quiz_head(quiz),
        "owner_id": owner_id,
        "visibility": visibility,
        "question_count": len(quiz.questions),
        "version": version,
        "updated_at": updated_at,
    }


def quiz_head(quiz: Quiz) -> QuizHead:
    return {
        "title": quiz.title,
        "language": quiz.language,
        "description": quiz.description,
        "level": quiz.level,
    }


def read_stored_quiz(head: QuizHead, questions: Mapping[str, QuestionDocument]) -> Quiz:
    """Read a quiz; `questions` are the documents of the questions by name, and the name is the index."""
    return read_quiz(head, (questions[name] for name in sorted(questions, key=int)))


def read_quiz(data: QuizHead, questions: Iterable[QuestionDocument]) -> Quiz:
    return Quiz(
        title=data["title"],
        language=data["language"],
        description=data.get("description", ""),
        level=data.get("level", ""),
        questions=tuple(map(read_question, questions)),
    )
