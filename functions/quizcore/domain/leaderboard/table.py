"""How many people have how many points in a period: everybody's rank, without a row for everybody.

A small table is one document. A large one is cut into leaves, each an exact table of neighbouring scores; a directory
tells the best score of each leaf and how many people stand before it. So a rank is one document, or one and a leaf.

A fold changes only those parts of a table that somebody has left or come to, and looks at one part at a time: the table
of a month may have millions of scores.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from quizcore.domain.ranks import CONTINUED, MOST_BYTES, RankTable, decoded, encoded, histogram_of, rank_in

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


class _Part(NamedTuple):
    """`down` has the scores, negated, so that the best is first and the order rises."""

    down: list[int]
    people: list[int]


def with_changes(parts: Sequence[bytes], changes: Mapping[int, int], most_bytes: int = MOST_BYTES) -> tuple[bytes, ...]:
    """The parts of a table after so many people more (or fewer) have each score. Parts without a change stay as they
    are; one that grows too large is cut, and small neighbours become one. Raises TornRead."""
    falling = sorted((-points, change) for points, change in changes.items())
    found: list[bytes] = []
    at = 0
    for number in range(max(1, len(parts))):
        part = parts[number] if parts else b""
        end = len(falling)
        if number + 1 < len(parts):
            end = bisect_left(falling, (-_best(parts[number + 1]),), at)
        if at < end:
            found += _cut(_merged(_read(part), falling[at:end]), most_bytes)
        else:
            found += [part] if part else []
        at = end
    return tuple(_joined(found, most_bytes // 2))


def score_table(histogram: Histogram, most_bytes: int = MOST_BYTES) -> ScoreTable:
    return table_of(with_changes((), histogram, most_bytes), most_bytes)


def table_of(parts: Sequence[bytes], most_bytes: int = MOST_BYTES) -> ScoreTable:
    size = sum(map(len, parts))
    if size <= most_bytes or len(parts) == 1:
        whole = next(_joined(parts, size), b"")
        if len(whole) <= most_bytes or len(parts) == 1:  # the step to a part may take more bytes than its best score
            return ScoreTable(RankTable(whole))
    leaves = tuple(_leaves(parts))
    people = leaves[-1].ahead + sum(_read(parts[-1]).people)
    group = 1 + _GROUP_BYTES * people // most_bytes
    while len((root := _grouped(parts, group)).data) > most_bytes:
        group = 1 + group * len(root.data) // most_bytes
    return ScoreTable(root, leaves if root.error else ())


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


def _read(data: bytes) -> _Part:
    numbers = decoded(data)
    if numbers:
        numbers[0] = -numbers[0]
    return _Part(list(accumulate(numbers[::2])), numbers[1::2])


def _written(part: _Part) -> bytes:
    numbers = [0] * (2 * len(part.down))
    numbers[::2] = [-part.down[0], *map(sub, part.down[1:], part.down)]
    numbers[1::2] = part.people
    return encoded(numbers)


def _best(data: bytes) -> int:
    first = next(place for place, byte in enumerate(data) if byte < CONTINUED)
    return decoded(data[: first + 1])[0]


def _merged(part: _Part, falling: Iterable[tuple[int, int]]) -> _Part:
    """Raises TornRead. What lies between two changes is copied as it is."""
    found = _Part([], [])
    at = 0
    for down, change in falling:
        place = bisect_left(part.down, down, at)
        found.down.extend(part.down[at:place])
        found.people.extend(part.people[at:place])
        known = place < len(part.down) and part.down[place] == down
        people = change + (part.people[place] if known else 0)
        if people < 0:
            raise TornRead(f"{people} people with {-down} points")
        if people:
            found.down.append(down)
            found.people.append(people)
        at = place + known
    found.down.extend(part.down[at:])
    found.people.extend(part.people[at:])
    return found


def _cut(part: _Part, most_bytes: int) -> Iterator[bytes]:
    """In halves, and those again: a part that is just cut has room to grow."""
    if not part.down:
        return
    data = _written(part)
    if len(data) <= most_bytes or len(part.down) == 1:
        yield data
        return
    half = len(part.down) // 2
    yield from _cut(_Part(part.down[:half], part.people[:half]), most_bytes)
    yield from _cut(_Part(part.down[half:], part.people[half:]), most_bytes)


def _joined(parts: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Neighbours that are small enough together as one."""
    before = b""
    for data in parts:
        if before and len(before) + len(data) <= most_bytes:
            one, other = _read(before), _read(data)
            before = _written(_Part(one.down + other.down, one.people + other.people))
            continue
        if before:
            yield before
        before = data
    if before:
        yield before


def _leaves(parts: Iterable[bytes]) -> Iterator[Leaf]:
    ahead = 0
    for data in parts:
        part = _read(data)
        yield Leaf(-part.down[0], ahead, data)
        ahead += sum(part.people)


def _grouped(parts: Iterable[bytes], group: int) -> RankTable:
    """Neighbours with so many people together, each group under its lowest score."""
    found = _Part([], [])
    error = waiting = 0  # `waiting` people stand in the group that is not complete
    last = lowest = 0
    for data in parts:
        part = _read(data)
        sums = list(accumulate(part.people))
        before = 0
        while (end := bisect_left(sums, before + group - waiting)) < len(sums):
            waiting += sums[end] - before
            found.down.append(part.down[end])
            found.people.append(waiting)
            error = max(error, waiting - part.people[end])
            before, waiting = sums[end], 0
        waiting += sums[-1] - before
        lowest, last = part.down[-1], part.people[-1]
    if waiting:
        found.down.append(lowest)
        found.people.append(waiting)
        error = max(error, waiting - last)
    return RankTable(_written(found), error)


_GROUP_BYTES = 4  # of most groups of a large table
