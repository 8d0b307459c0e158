"""A person's result in one final session."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from quizcore.domain.leaderboard.calendar import Periods, date_of, periods_of

GLOBAL = "global"


class Contribution(NamedTuple):
    """`version` is the `seq` of the session's final board, `at` the moment when the session was ended (ms since the
    epoch). `points` is None for a player whom the host has removed: the entry stays, so that an older version cannot
    bring the points back. `of` is how many players the session had.

    `class_id` and `class_day` are set when the session belongs to a class of the person; `class_day` is the date in the
    class's zone. The date is kept, because a later table of time zones may say something else.
    """

    session_id: str
    version: int
    at: int
    quiz_id: str
    title: str
    points: int | None
    rank: int
    of: int
    class_id: str | None = None
    class_day: date | None = None

    @property
    def counts(self) -> bool:
        return self.points is not None

    @property
    def day(self) -> date:
        """The date in UTC, which the global board and the quizzes' boards keep."""
        return date_of(self.at)


def quiz_board(quiz_id: str) -> str:
    return f"quiz-{quiz_id}"


def class_board(class_id: str) -> str:
    return f"class-{class_id}"


def quiz_of(board: str) -> str | None:
    """The quiz whose board this is, or None."""
    return board.removeprefix("quiz-") if board.startswith("quiz-") else None


def class_of(board: str) -> str | None:
    """The class whose board this is, or None."""
    return board.removeprefix("class-") if board.startswith("class-") else None


def boards_of(contribution: Contribution) -> Iterator[tuple[str, Periods]]:
    """Every board that the contribution stands on, with the periods there."""
    utc = periods_of(contribution.day)
    yield GLOBAL, utc
    yield quiz_board(contribution.quiz_id), utc
    if contribution.class_id is not None and contribution.class_day is not None:
        yield class_board(contribution.class_id), periods_of(contribution.class_day)
