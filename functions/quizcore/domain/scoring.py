"""The points of an answer.

`classic` is the common formula of live quizzes: half the points for a right answer, the other half for speed, all
points under half a second.
"""

from dataclasses import dataclass

from quizcore.domain.events import Answer
from quizcore.domain.quiz import Question
from quizcore.domain.session import Options, Scoring

FULL_POINTS_UNDER_MS = 500
STREAK_STEP = 100
STREAK_STEPS_MAX = 5


@dataclass(frozen=True, slots=True)
class Grade:
    correct: bool
    points: int


WRONG = Grade(correct=False, points=0)


def grade(question: Question, answer: Answer, elapsed_ms: int, limit_ms: int, options: Options) -> Grade:
    """Judge one answer that arrived `elapsed_ms` after the question opened."""
    right, whole = question.kind.rules.share_right(question, answer, options)
    if right == 0:
        return WRONG
    return Grade(correct=right == whole, points=_points(question.points, right, whole, elapsed_ms, limit_ms, options))


def streak_bonus(streak: int) -> int:
    """The extra points for the `streak`-th right answer in a row."""
    return STREAK_STEP * min(max(streak - 1, 0), STREAK_STEPS_MAX)


def _points(most: int, right: int, whole: int, elapsed_ms: int, limit_ms: int, options: Options) -> int:  # noqa: PLR0913
    """`most * share * (1 - elapsed / limit / 2)`, in integers until the one rounding at the end."""
    if options.scoring is Scoring.NONE:
        return 0
    if options.scoring is Scoring.FLAT or elapsed_ms < FULL_POINTS_UNDER_MS:
        return _round_half_up(most * right, whole)
    return _round_half_up(most * right * (2 * limit_ms - elapsed_ms), whole * 2 * limit_ms)


def _round_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
