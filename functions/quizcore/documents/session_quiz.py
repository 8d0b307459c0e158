"""`private/quiz`: the quiz with its key as it was when the session opened, so that later edits do not change a running
game."""

from datetime import datetime

from quizcore.documents.question import QuestionDocument, question_fields
from quizcore.documents.quiz import QuizHead, quiz_head, read_quiz
from quizcore.documents.session import session_path
from quizcore.documents.values import Expiring
from quizcore.domain.quiz import Quiz


class SessionQuizDocument(QuizHead, Expiring):
    questions: list[QuestionDocument]


def session_quiz_path(session_id: str) -> str:
    return f"{session_path(session_id)}/private/quiz"


def session_quiz_fields(quiz: Quiz, expires_at: datetime) -> SessionQuizDocument:
    return {
        **quiz_head(quiz),
        "questions": [question_fields(question) for question in quiz.questions],
        "expires_at": expires_at,
    }


def read_session_quiz(data: SessionQuizDocument) -> Quiz:
    return read_quiz(data, data["questions"])
