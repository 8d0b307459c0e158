"""Moves: what a change of a person means for boards. A fold takes them to the boards, so a board has one writer."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

from quizcore.domain.leaderboard.person import Display, Person, Place, Rules, kept_places
from quizcore.domain.leaderboard.tally import Total


class Standing(NamedTuple):
    """Where a person stands in a period. Of two people with the same points the one with the earlier `reached_at` (ms
    since the epoch) is listed first."""

    points: int
    reached_at: int


class Step(NamedTuple):
    """From one place in a period to another; None where the person does not stand there."""

    period: str
    before: Standing | None
    after: Standing | None


class Steps(NamedTuple):
    """The steps in one period, a list a field: which move, the points before and when they were reached, the points
    after and when they were reached."""

    of: list[int]
    before: list[int | None]
    before_at: list[int | None]
    after: list[int | None]
    after_at: list[int | None]


class Move(NamedTuple):
    """`n` counts a person's moves: of two moves of a person the higher one says how the person is shown."""

    who: str
    n: int
    display: Display
    steps: tuple[Step, ...]


def moved(before: Person, after: Person, places: AbstractSet[Place], rules: Rules) -> tuple[Person, dict[str, Move]]:
    """The person that is written, and the person's move on each board. `places` are those that may have changed: the
    caller knows, and a look at all of them would cost more."""
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    totals = {board: dict(of_board) for board, of_board in after.totals.items()}
    renamed = before.display != after.display
    # Without the history every place is one of `counted`, so its total is kept.
    kept = kept_places(after) if after.history else places
    for board, period in sorted(places):
        was, now = before.known_total(board, period, rules), after.total(board, period, rules)
        if now is None or (board, period) not in kept:
            totals.get(board, {}).pop(period, None)
        else:
            totals.setdefault(board, {})[period] = now
        if _standing(was) != _standing(now) or (renamed and now is not None):
            steps[board].append(Step(period, _standing(was), _standing(now)))
    n = before.n + bool(steps)
    written = replace(after, n=n, totals={board: of_board for board, of_board in totals.items() if of_board})
    return written, {board: Move(after.who, n, after.display, tuple(of_board)) for board, of_board in steps.items()}


@dataclass(frozen=True, slots=True)
class Batch:
    """The moves of one commit on one board, a list a field: a fold reads very many, and looks closely at few."""

    who: list[str]
    n: list[int]
    display: list[list[str | bool]]
    steps: dict[str, Steps]


def batch(moves: Iterable[Move]) -> Batch:
    found = Batch([], [], [], {})
    for number, move in enumerate(moves):
        found.who.append(move.who)
        found.n.append(move.n)
        found.display.append([*move.display])
        for period, before, after in move.steps:
            steps = found.steps.setdefault(period, Steps([], [], [], [], []))
            steps.of.append(number)
            steps.before.append(before and before.points)
            steps.before_at.append(before and before.reached_at)
            steps.after.append(after and after.points)
            steps.after_at.append(after and after.reached_at)
    return found


def pack(moves: Batch) -> bytes:
    """As one value: a database that looks at every field of thousands of moves takes seconds over them."""
    return json.dumps(
        [moves.who, moves.n, moves.display, moves.steps], ensure_ascii=False, separators=(",", ":")
    ).encode()


def unpack(data: bytes) -> Batch:
    who, n, display, steps = json.loads(data)
    return Batch(who, n, display, {period: Steps(*of_period) for period, of_period in steps.items()})


def moves_of(moves: Batch) -> Iterator[Move]:
    """One by one; the steps of a move come by period."""
    steps: defaultdict[int, list[Step]] = defaultdict(list)
    for period, of_period in moves.steps.items():
        for number, before, before_at, after, after_at in zip(*of_period, strict=True):
            steps[number].append(Step(period, standing(before, before_at), standing(after, after_at)))
    for number, (who, n, (nickname, avatar, listed)) in enumerate(zip(moves.who, moves.n, moves.display, strict=True)):
        yield Move(who, n, Display(str(nickname), str(avatar), bool(listed)), tuple(steps[number]))


def standing(points: int | None, reached_at: int | None) -> Standing | None:
    return None if points is None or reached_at is None else Standing(points, reached_at)


def _standing(total: Total | None) -> Standing | None:
    return None if total is None else Standing(total.points, total.reached_at)
