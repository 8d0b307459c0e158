"""The limits of authored content, each at its edge, and the report of every fault."""

from typing import Any

import pytest

from quizcore.domain.quiz import (
    MAX_CHOICE_CHARS,
    MAX_CHOICES,
    MAX_POINTS,
    MAX_PROMPT_CHARS,
    MAX_QUESTIONS,
    MAX_TIME_LIMIT_MS,
    MIN_TIME_LIMIT_MS,
    Kind,
    Question,
    Quiz,
    QuizInvalid,
)
from tests.support.games import MULTIPLE, SINGLE, TEXT

FOUR = ("a", "b", "c", "d")


def question(**changes: Any) -> Question:
    fields = {"prompt": "word", "kind": Kind.SINGLE, "key": (1,), "choices": FOUR} | changes
    return Question(**fields)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"prompt": "x" * MAX_PROMPT_CHARS},
        {"time_limit_ms": MIN_TIME_LIMIT_MS},
        {"time_limit_ms": MAX_TIME_LIMIT_MS},
        {"points": 0},
        {"points": MAX_POINTS},
        {"key": (0,)},
        {"key": (3,)},
        {"choices": ("a", "b")},
        {"choices": tuple(str(n) for n in range(MAX_CHOICES))},
        {"choices": ("a" * MAX_CHOICE_CHARS, "b")},
        {"kind": Kind.MULTIPLE, "key": (0, 1, 2, 3)},
        {"kind": Kind.TEXT, "choices": (), "key": ("a", "b")},
    ],
)
def test_a_question_within_the_limits_is_valid(changes: dict[str, Any]) -> None:
    assert question(**changes)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"prompt": " "}, "the prompt is empty"),
        ({"prompt": "x" * (MAX_PROMPT_CHARS + 1)}, "the prompt is longer than 500 characters"),
        ({"time_limit_ms": MIN_TIME_LIMIT_MS - 1}, "the time limit must be 2000 to 600000 ms"),
        ({"time_limit_ms": MAX_TIME_LIMIT_MS + 1}, "the time limit must be 2000 to 600000 ms"),
        ({"points": -1}, "points must be 0 to 10000"),
        ({"points": MAX_POINTS + 1}, "points must be 0 to 10000"),
        ({"key": ()}, "there is no right answer; a single question has exactly one right choice"),
        ({"key": (0, 1)}, "a single question has exactly one right choice"),
        ({"key": (4,)}, "the key names a choice that is not offered"),
        ({"key": (-1,)}, "the key names a choice that is not offered"),
        ({"key": ("a",)}, "the key names a choice that is not offered"),
        ({"choices": ("a",), "key": (0,)}, "offer 2 to 8 choices"),
        ({"choices": tuple(str(n) for n in range(MAX_CHOICES + 1))}, "offer 2 to 8 choices"),
        ({"choices": ("a", "b", " ")}, "a choice has 1 to 200 characters"),
        ({"choices": ("a", "b" * (MAX_CHOICE_CHARS + 1))}, "a choice has 1 to 200 characters"),
        ({"choices": ("a", "b", "a")}, "two choices are the same"),
        ({"kind": Kind.MULTIPLE, "key": ()}, "there is no right answer"),
        ({"kind": Kind.TEXT, "key": ("a",)}, "a text question offers no choices"),
        ({"kind": Kind.TEXT, "key": ("a", " "), "choices": ()}, "every accepted text must hold at least one character"),
        ({"kind": Kind.TEXT, "key": (1,), "choices": ()}, "every accepted text must hold at least one character"),
        ({"prompt": "", "points": -1}, "the prompt is empty; points must be 0 to 10000"),
    ],
)
def test_every_fault_of_a_question_is_reported(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(QuizInvalid) as told:
        question(**changes)
    assert str(told.value) == fault


@pytest.mark.parametrize("count", [1, MAX_QUESTIONS])
def test_a_quiz_with_a_few_questions_is_valid(count: int) -> None:
    assert Quiz("Words", "en", (SINGLE,) * count)


@pytest.mark.parametrize(
    ("title", "questions", "fault"),
    [
        (" ", (SINGLE, MULTIPLE, TEXT), "the quiz needs a title"),
        ("Words", (), "a quiz has 1 to 200 questions"),
        ("Words", (SINGLE,) * (MAX_QUESTIONS + 1), "a quiz has 1 to 200 questions"),
    ],
)
def test_a_quiz_without_a_title_or_with_too_many_questions_is_refused(
    title: str, questions: tuple[Question, ...], fault: str
) -> None:
    with pytest.raises(QuizInvalid) as told:
        Quiz(title, "en", questions)
    assert str(told.value) == fault
