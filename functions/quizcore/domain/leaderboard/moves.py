"""Moves: what a change of a person means for boards. A fold takes them to the boards, so a board has one writer."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
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


class Move(NamedTuple):
    """`n` counts a person's moves: of two moves of a person the higher one says how the person is shown."""

    who: str
    n: int
    display: Display
    steps: tuple[Step, ...]


def moved(before: Person, after: Person, places: Iterable[Place], rules: Rules) -> tuple[Person, dict[str, Move]]:
    """The person that is written, and the person's move on each board. `places` are those that may have changed: the
    caller knows, and a look at all of them would cost more."""
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    totals = {board: dict(of_board) for board, of_board in after.totals.items()}
    renamed = before.display != after.display
    kept = kept_places(after)
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


def pack(moves: Iterable[Move]) -> bytes:
    """As one value: a database that looks at every field of thousands of moves takes seconds over them."""
    return json.dumps(list(moves), ensure_ascii=False, separators=(",", ":")).encode()


def unpack(data: bytes) -> Iterator[Move]:
    for who, n, display, steps in json.loads(data):
        read = (Step(period, _read(before), _read(after)) for period, before, after in steps)
        yield Move(who, n, Display(*display), tuple(read))


def _standing(total: Total | None) -> Standing | None:
    return None if total is None else Standing(total.points, total.reached_at)


def _read(numbers: list[int] | None) -> Standing | None:
    return None if numbers is None else Standing(*numbers)
