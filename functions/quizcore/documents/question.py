"""The public part of a question and its reveal. `quizzes/{id}/questions/{index}` contains both."""

from typing import cast

from typing_extensions import TypedDict

from quizcore.documents.values import Count, KindName
from quizcore.domain.kinds.kind import Key
from quizcore.domain.quiz import Kind, Question


class PublicQuestion(TypedDict):
    """A question without its key."""

    prompt: str
    kind: KindName
    choices: list[str]
    time_limit_ms: Count
    points: Count
    media: str | None


class RevealFields(TypedDict):
    key: list[int] | list[str]
    explanation: str | None


class QuestionDocument(PublicQuestion, RevealFields):
    pass


def public_question(question: Question) -> PublicQuestion:
    """A question as players see it before the reveal."""
    return {
        "prompt": question.prompt,
        "kind": question.kind.value,
        "choices": list(question.choices),
        "time_limit_ms": question.time_limit_ms,
        "points": question.points,
        "media": question.media,
    }


def question_fields(question: Question) -> QuestionDocument:
    return {**public_question(question), **reveal_fields(question)}


def reveal_fields(question: Question) -> RevealFields:
    return {"key": cast("list[int] | list[str]", list(question.key)), "explanation": question.explanation}


def read_question(data: QuestionDocument) -> Question:
    return Question(
        prompt=data["prompt"],
        kind=Kind.named(data["kind"]),
        key=cast("Key", tuple(data["key"])),
        choices=tuple(data["choices"]),
        time_limit_ms=data["time_limit_ms"],
        points=data["points"],
        media=data.get("media"),
        explanation=data.get("explanation"),
    )
