"""One period of a board after some moves. Pure: the job reads, and writes what comes out in one commit."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizcore.domain.leaderboard.moves import Batch, Steps, standing
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.table import Histogram, histogram_from, with_changes
from quizcore.domain.leaderboard.top import Candidates, Shift, with_shifts
from quizcore.domain.ranks import MOST_BYTES

CANDIDATES = 100

NOBODY = Candidates()

Moved = tuple[Batch, Steps]  # the steps of a batch in one period


@dataclass(frozen=True, slots=True)
class PeriodBoard:
    """`parts` are exact tables of neighbouring scores, best first; `people` is how many they count together."""

    parts: tuple[bytes, ...] = ()
    people: int = 0
    candidates: Candidates = NOBODY

    @property
    def histogram(self) -> Histogram:
        return histogram_from(self.parts)


def by_period(batches: Iterable[Batch]) -> dict[str, list[Moved]]:
    periods: defaultdict[str, list[Moved]] = defaultdict(list)
    for batch in batches:
        for period, steps in batch.steps.items():
            periods[period].append((batch, steps))
    return dict(periods)


def folded(
    board: PeriodBoard, moved: Sequence[Moved], most: int = CANDIDATES, part_bytes: int = MOST_BYTES
) -> PeriodBoard:
    """Raises TornRead when board and moves are not of one moment. `most` is how many rows are kept, `part_bytes` how
    large a part of the table may be."""
    changes = _changes(moved)
    people = board.people + sum(changes.values())
    return PeriodBoard(
        with_changes(board.parts, changes, part_bytes),
        people,
        with_shifts(board.candidates, _shifts(board.candidates, moved), people, most),
    )


def independent(groups: Sequence[Batch]) -> list[list[int]]:
    """The groups of moves, by number, in sets that have no period in common. Each set may be folded for itself: of one
    period all moves that are visible must be folded together."""
    sets: list[tuple[set[str], list[int]]] = []
    for number, moves in enumerate(groups):
        periods = set(moves.steps)
        touching = [one for one in sets if not one[0].isdisjoint(periods)]
        sets = [one for one in sets if one[0].isdisjoint(periods)]
        sets.append((periods.union(*(one[0] for one in touching)), [n for one in touching for n in one[1]] + [number]))
    return [numbers for _, numbers in sets]


def _changes(moved: Sequence[Moved]) -> dict[int, int]:
    """By how many people each score changes."""
    left, came = Counter[int | None](), Counter[int | None]()
    for _, steps in moved:
        left.update(steps.before)
        came.update(steps.after)
    came.subtract(left)
    return {points: change for points, change in came.items() if points is not None and change}


def _shifts(candidates: Candidates, moved: Sequence[Moved]) -> Iterator[Shift]:
    """The moves of everybody who may have a row before or after them, or is the floor. All moves of such a person: the
    last one counts, and nobody knows here which that is."""
    near = {row.who for row in candidates.rows}
    least = 0
    if candidates.floor is not None:
        least = -candidates.floor[0]
        near.add(candidates.floor[2])
    for batch, steps in moved:
        after = zip(steps.of, steps.after, strict=True)
        near.update(batch.who[number] for number, points in after if points is not None and points >= least)
    for batch, steps in moved:
        for number, points, at in zip(steps.of, steps.after, steps.after_at, strict=True):
            if (who := batch.who[number]) in near:
                yield Shift(who, batch.n[number], _display(batch, number), standing(points, at))


def _display(batch: Batch, number: int) -> Display:
    nickname, avatar, listed = batch.display[number]
    return Display(str(nickname), str(avatar), bool(listed))
