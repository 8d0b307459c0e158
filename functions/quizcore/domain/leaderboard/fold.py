"""One period of a board after some moves. Pure: the job reads, and writes what comes out in one commit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quizcore.domain.leaderboard.moves import Move, Step
from quizcore.domain.leaderboard.table import Histogram, with_steps
from quizcore.domain.leaderboard.top import Candidates, with_moves

CANDIDATES = 100

NOBODY = Candidates()

Moved = tuple[Move, Step]


@dataclass(frozen=True, slots=True)
class PeriodBoard:
    histogram: Histogram = field(default_factory=dict)
    candidates: Candidates = NOBODY

    @property
    def people(self) -> int:
        return sum(self.histogram.values())


def by_period(moves: Iterable[Move]) -> dict[str, list[Moved]]:
    periods: defaultdict[str, list[Moved]] = defaultdict(list)
    for move in moves:
        for step in move.steps:
            periods[step.period].append((move, step))
    return dict(periods)


def folded(board: PeriodBoard, moves: Sequence[Moved], most: int = CANDIDATES) -> PeriodBoard:
    """Raises TornRead when board and moves are not of one moment. `most` is how many rows are kept."""
    histogram = with_steps(board.histogram, (step for _, step in moves))
    people = sum(histogram.values())
    return PeriodBoard(histogram, with_moves(board.candidates, moves, people, most))


def independent(groups: Sequence[Sequence[Move]]) -> list[list[int]]:
    """The groups of moves, by number, in sets that have no period in common. Each set may be folded for itself: of one
    period all moves that are visible must be folded together."""
    sets: list[tuple[set[str], list[int]]] = []
    for number, moves in enumerate(groups):
        periods = {step.period for move in moves for step in move.steps}
        touching = [one for one in sets if not one[0].isdisjoint(periods)]
        sets = [one for one in sets if one[0].isdisjoint(periods)]
        sets.append((periods.union(*(one[0] for one in touching)), [n for one in touching for n in one[1]] + [number]))
    return [numbers for _, numbers in sets]
