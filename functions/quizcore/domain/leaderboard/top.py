"""The best rows of a period, exact without reading all people. A board keeps more rows than it shows. A row that is
dropped sets `floor`: no person without a row is better than the floor. So the rows before the floor are complete, and a
row after it is dropped."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Display

NOBODY = ""
Place = tuple[int, int, str]  # sorts as the board lists: minus points, reached_at, who


class Row(NamedTuple):
    who: str
    n: int
    standing: Standing
    display: Display

    @property
    def place(self) -> Place:
        return -self.standing.points, self.standing.reached_at, self.who


class Shift(NamedTuple):
    """A person's move in a period. `n` is the move's; `after` is None when the person stands there no more."""

    who: str
    n: int
    display: Display
    after: Standing | None


class Candidates(NamedTuple):
    """`rows` are sorted. `floor` is None while nobody has fallen off."""

    rows: tuple[Row, ...] = ()
    floor: Place | None = None


class RankedRow(NamedTuple):
    rank: int
    row: Row


def with_shifts(before: Candidates, shifts: Iterable[Shift], people: int, most: int) -> Candidates:
    """The candidates after these moves; `people` is how many then stand in the period, `most` how many rows to keep.

    The floor does not name somebody who has left: it becomes a better place, which nobody without a row has either."""
    rows, floor = {row.who: row for row in before.rows}, before.floor
    for who, n, display, after in sorted(shifts, key=lambda shift: shift.n):
        rows.pop(who, None)
        if after is not None:
            rows[who] = Row(who, n, after, display)
        elif floor is not None and floor[2] == who:
            floor = (*floor[:2], NOBODY)
    ordered = sorted(rows.values(), key=lambda row: row.place)
    if floor is not None:
        ordered = [row for row in ordered if row.place <= floor]
    if len(ordered) > most:
        floor = ordered[most].place
        ordered = ordered[:most]
    return Candidates(tuple(ordered), floor if people > len(ordered) else None)


def ranked(rows: Sequence[Row], most: int) -> list[RankedRow]:
    """The best rows, each with 1 + the number of people who have more points."""
    shown: list[RankedRow] = []
    for number, row in enumerate(rows[:most]):
        same = shown and shown[-1].row.standing.points == row.standing.points
        shown.append(RankedRow(shown[-1].rank if same else number + 1, row))
    return shown
