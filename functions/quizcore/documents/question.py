"""A question: what players see before the reveal, and the reveal itself."""

from collections.abc import Mapping
from typing import Any

from quizcore.documents.stamps import Document
from quizcore.domain.quiz import Kind, Question


def public_question(question: Question) -> Document:
    """A question as players see it before the reveal."""
    return {
        "prompt": question.prompt,
        "kind": question.kind.value,
        "choices": list(question.choices),
        "time_limit_ms": question.time_limit_ms,
        "points": question.points,
        "media": question.media,
    }


def question_fields(question: Question) -> Document:
    return {**public_question(question), **reveal_fields(question)}


def reveal_fields(question: Question) -> Document:
    return {"key": list(question.key), "explanation": question.explanation}


def read_question(data: Mapping[str, Any]) -> Question:
    return Question(
        prompt=data["prompt"],
        kind=Kind.named(data["kind"]),
        key=tuple(data["key"]),
        choices=tuple(data["choices"]),
        time_limit_ms=data["time_limit_ms"],
        points=data["points"],
        media=data.get("media"),
        explanation=data.get("explanation"),
    )
