"""`private/quiz`: the quiz with its key as it was when the session opened."""

from datetime import datetime

from quizcore.documents.question import question_fields
from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document
from quizcore.domain.quiz import Quiz


def session_quiz_path(session_id: str) -> str:
    """The quiz with its key as it was when the session opened."""
    return f"{session_path(session_id)}/private/quiz"


def session_quiz_fields(quiz: Quiz, expires_at: datetime) -> Document:
    return {
        "title": quiz.title,
        "language": quiz.language,
        "description": quiz.description,
        "level": quiz.level,
        "questions": [question_fields(question) for question in quiz.questions],
        "expires_at": expires_at,
    }
