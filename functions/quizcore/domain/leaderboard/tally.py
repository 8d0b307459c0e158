"""The sum of contributions: a monoid, so that old contributions can be stored as one tally.

A tally keeps each quiz apart, because a board may count each quiz once (`best_per_quiz`): playing the same easy quiz
again then adds nothing but what it improves.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from quizcore.domain.leaderboard.contribution import Contribution


class PointsRule(StrEnum):
    SUM = "sum"
    BEST_PER_QUIZ = "best_per_quiz"


class QuizTally(NamedTuple):
    """Of one quiz. `best_at` is the earliest moment of a best game, `last_at` the latest moment of a game with points
    (ms since the epoch; 0 while there was none)."""

    best: int
    best_at: int
    sum: int
    last_at: int
    games: int


class Total(NamedTuple):
    """A person's row in one period of one board. Of two people with the same points the one with the earlier
    `reached_at` is listed first."""

    points: int
    games: int
    reached_at: int


Tally = Mapping[str, QuizTally]  # by quiz


def combined(one: QuizTally, other: QuizTally) -> QuizTally:
    best, minus_at = max((one.best, -one.best_at), (other.best, -other.best_at))
    return QuizTally(best, -minus_at, one.sum + other.sum, max(one.last_at, other.last_at), one.games + other.games)


def tally_of(contributions: Iterable[Contribution], before: Tally | None = None) -> dict[str, QuizTally]:
    """The tally of these contributions and of those in `before`."""
    tally = dict(before or {})
    for contribution in contributions:
        if contribution.points is None:
            continue
        at = contribution.at if contribution.points else 0
        one = QuizTally(contribution.points, at, contribution.points, at, 1)
        known = tally.get(contribution.quiz_id)
        tally[contribution.quiz_id] = one if known is None else combined(known, one)
    return tally


def total_of(tally: Tally, rule: PointsRule) -> Total | None:
    """None of a person without a game that counts: such a person does not stand on the board."""
    if not tally:
        return None
    quizzes = tally.values()
    games = sum(quiz.games for quiz in quizzes)
    if rule is PointsRule.SUM:
        return Total(sum(quiz.sum for quiz in quizzes), games, max(quiz.last_at for quiz in quizzes))
    return Total(sum(quiz.best for quiz in quizzes), games, max(quiz.best_at for quiz in quizzes))
