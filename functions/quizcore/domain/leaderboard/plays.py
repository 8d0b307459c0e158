"""How often a public quiz is played: the entries of the leaderboard of quizzes, which shows what is trending.

A quiz's points in a period are the players of its final sessions. A session's document of plays says what was added for
it, so each session counts once, by its newest version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from quizcore.domain.leaderboard.calendar import ALL, dates_of, periods_of
from quizcore.domain.leaderboard.moves import Move, Standing, Step
from quizcore.domain.leaderboard.person import Display

QUIZZES_BOARD = "quizzes"
KEPT_DAYS = 40  # longer than the longest open period

NOBODY = Standing(0, 0)


@dataclass(frozen=True, slots=True)
class Plays:
    """`days` has the players of each day and when the last of its sessions ended (ms since the epoch), `before` those
    of older days. `n` counts the moves."""

    quiz_id: str
    display: Display
    n: int = 0
    days: Mapping[date, Standing] = field(default_factory=dict)
    before: Standing = NOBODY

    def standing(self, period: str) -> Standing | None:
        """None when nobody has played the quiz in this period."""
        if period == ALL:
            found = [self.before, *self.days.values()]
        else:
            first, last = dates_of(period)
            found = [of_day for day, of_day in self.days.items() if first <= day <= last]
        players = sum(one.points for one in found)
        return Standing(players, max(one.reached_at for one in found)) if players else None


def played(plays: Plays, day: date, players: int, at: int, display: Display) -> tuple[Plays, Move]:
    """The plays after a session of so many players more, or fewer when a final result was corrected, and the move."""
    of_day = plays.days.get(day, NOBODY)
    days = {**plays.days, day: Standing(of_day.points + players, max(of_day.reached_at, at))}
    after = replace(plays, display=display, n=plays.n + 1, days=days)
    steps = (Step(period, plays.standing(period), after.standing(period)) for period in periods_of(day))
    return after, Move(plays.quiz_id, after.n, display, tuple(step for step in steps if step.before != step.after))


def tidied(plays: Plays, today: date) -> Plays:
    """The plays, with what is older than any period that is kept added up."""
    old = {day: of_day for day, of_day in plays.days.items() if day < today - timedelta(days=KEPT_DAYS)}
    if not old:
        return plays
    before = Standing(
        plays.before.points + sum(one.points for one in old.values()),
        max(plays.before.reached_at, *(one.reached_at for one in old.values())),
    )
    return replace(plays, before=before, days={day: one for day, one in plays.days.items() if day not in old})


def is_late(day: date, today: date) -> bool:
    """Whether the day is too old to be counted: its periods may have been added up."""
    return day < today - timedelta(days=7)
