"""How many people have how many points in a period: everybody's rank, without a row for everybody.

A small table is one document. A large one is cut into leaves, each an exact table of neighbouring scores; a directory
tells the best score of each leaf and how many people stand before it. So a rank is one document, or one and a leaf.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from quizcore.domain.leaderboard.moves import Step
from quizcore.domain.ranks import MOST_BYTES, Counted, RankTable, histogram_of, rank_in, rank_table, table_parts

Histogram = Mapping[int, int]  # points -> people


class TornRead(Exception):
    """More people leave a score than have it: the table and the moves are not of one moment. Read them again."""


class Leaf(NamedTuple):
    """`ahead` is how many people have more points than `best`, the leaf's best score."""

    best: int
    ahead: int
    data: bytes


class ScoreTable(NamedTuple):
    """`root` holds every score when it is small enough, and then there are no leaves."""

    root: RankTable
    leaves: tuple[Leaf, ...] = ()


def with_steps(histogram: Histogram, steps: Iterable[Step]) -> dict[int, int]:
    """Raises TornRead."""
    changes: Counter[int] = Counter()
    for step in steps:
        if step.before is not None:
            changes[step.before.points] -= 1
        if step.after is not None:
            changes[step.after.points] += 1
    after = dict(histogram)
    for points, change in changes.items():
        people = after.get(points, 0) + change
        if people < 0:
            raise TornRead(f"{people} people with {points} points")
        after[points] = people
        if not people:
            del after[points]
    return after


def score_table(histogram: Histogram, most_bytes: int = MOST_BYTES) -> ScoreTable:
    best_first = sorted(histogram.items(), reverse=True)
    root = rank_table(best_first, most_bytes)
    return ScoreTable(root, tuple(_leaves(best_first, most_bytes)) if root.error else ())


def histogram_from(tables: Iterable[bytes]) -> dict[int, int]:
    """The content of one whole table, or of all leaves of a large table."""
    return {points: people for data in tables for points, people in histogram_of(data)}


def rank_from(table: ScoreTable, points: int) -> int:
    """The exact rank."""
    leaf = leaf_of([leaf.best for leaf in table.leaves], points)
    if leaf is None:
        return 1 if table.leaves else rank_in(table.root.data, points)
    return table.leaves[leaf].ahead + rank_in(table.leaves[leaf].data, points)


def leaf_of(bests: list[int], points: int) -> int | None:
    """The number of the leaf that tells the rank of these points; None when nobody has more, or nothing is cut."""
    return next((number for number in reversed(range(len(bests))) if bests[number] >= points), None)


def _leaves(best_first: list[Counted], most_bytes: int) -> Iterator[Leaf]:
    ahead = 0
    for part, data in table_parts(best_first, most_bytes):
        yield Leaf(part[0][0], ahead, data)
        ahead += sum(people for _, people in part)
