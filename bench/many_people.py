"""Leaderboards of tens of millions of people: the product's fold on tables of that size, in one process."""

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from quizcore.domain.leaderboard.calendar import date_of, periods_of
from quizcore.domain.leaderboard.fold import Moved, PeriodBoard, by_period, folded
from quizcore.domain.leaderboard.moves import Move, Standing, Step, batch, pack, unpack
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.table import ScoreTable, rank_from, table_of, with_changes
from quizcore.domain.leaderboard.top import Candidates

RATE = 10_000  # results a second at the peak
INTERVAL_S = 10
MOVES_A_COMMIT = 200
RANKS = 2_000
BEST = 20_000_000
NOW = 1_795_608_000_000
# People and the spread of their points on a day, in a week, in a month, and in all.
SIZES = {"day": (10e6, 9.5), "week": (30e6, 10.9), "month": (50e6, 12.1), "all": (60e6, 12.6)}
SPREAD = 1.1


@dataclass(frozen=True, slots=True)
class Fold:
    """Of one period: a fold of ten seconds of results. `wrong` is how many of 2,000 ranks differ."""

    scores: int
    leaves: int
    largest: int
    written: int
    cpu_s: float
    error: float
    wrong: int


@dataclass(frozen=True, slots=True)
class Peak:
    """`reading_s`: reading the moves once for all periods."""

    folds: dict[str, Fold]
    reading_s: float
    move_bytes: float


def peak() -> Peak:
    """Ten seconds of results at the peak, folded into each period of the board of everybody."""
    rng = random.Random(1)  # noqa: S311 (a seed, no secret)
    names = dict(zip(SIZES, periods_of(date_of(NOW)), strict=True))
    packed = list(_moves(rng, names))
    began = time.process_time()
    batches = [unpack(data) for data in packed]
    moved = by_period(batches)
    reading_s = time.process_time() - began
    folds = {span: _fold(rng, span, moved[names[span]]) for span in SIZES}
    return Peak(folds, reading_s, sum(map(len, packed)) / (RATE * INTERVAL_S))


def _moves(rng: random.Random, names: dict[str, str]) -> Iterator[bytes]:
    for start in range(0, RATE * INTERVAL_S, MOVES_A_COMMIT):
        moves = []
        for number in range(start, start + MOVES_A_COMMIT):
            steps = []
            for span, name in names.items():
                before = _points(rng, span)
                steps.append(Step(name, Standing(before, NOW - 9), Standing(before + rng.randrange(2_000), NOW)))
            moves.append(Move(f"{rng.getrandbits(112):028x}", 5, Display(f"Name {number}", "fox"), tuple(steps)))
        yield pack(batch(moves))


def _points(rng: random.Random, span: str) -> int:
    return min(BEST, int(rng.lognormvariate(SIZES[span][1], SPREAD)))


def _fold(rng: random.Random, span: str, moved: list[Moved]) -> Fold:
    histogram = _histogram(rng, span)
    for _, steps in moved:  # everybody who moves was there before
        for before in steps.before:
            histogram[before or 0] = histogram.get(before or 0, 0) + 1
    scores = len(histogram)
    parts = with_changes((), histogram)
    floor = (-sorted(histogram, reverse=True)[100], 0, "z")
    board = PeriodBoard(parts, sum(histogram.values()), Candidates((), floor))
    del histogram
    began = time.process_time()
    after = folded(board, moved)
    table = table_of(after.parts)
    cpu_s = time.process_time() - began
    kept = set(parts)
    written = sum(len(leaf.data) for leaf in table.leaves if leaf.data not in kept) + len(table.root.data)
    largest = max(len(leaf.data) for leaf in table.leaves)
    wrong = _wrong(rng, after, table)
    return Fold(scores, len(table.leaves), largest, written, cpu_s, table.root.error / after.people, wrong)


def _histogram(rng: random.Random, span: str) -> dict[int, int]:
    """So many people whose points are spread log-normally: the expected number of each score, rounded up or down."""
    people, middle = SIZES[span]
    found = {}
    for score in range(1, BEST):
        log = math.log(score) - middle
        expected = people / (score * SPREAD * math.sqrt(2 * math.pi)) * math.exp(-(log**2) / (2 * SPREAD**2))
        number = int(expected + rng.random())
        if number:
            found[score] = number
        elif log > 0 and expected < 1e-4:
            break
    return found


def _wrong(rng: random.Random, board: PeriodBoard, table: ScoreTable) -> int:
    """How many of the ranks from the root's directory and one leaf differ from those that follow from everybody."""
    histogram = board.histogram
    asked = sorted(rng.sample(sorted(histogram), RANKS), reverse=True)
    wrong, rank, rest = 0, 1, iter(sorted(histogram.items(), reverse=True))
    score, people = next(rest)
    for points in asked:
        while score > points:
            rank += people
            score, people = next(rest)
        wrong += rank_from(table, points) != rank
    return wrong
