"""The ranks of all players from one small table: the distinct scores and the number of players with each score.

A player's rank is 1 + the number of players with a higher score, so the table and a player's own score give the
player's rank. Bytes: for each score from the best down, two unsigned LEB128 numbers (DWARF 5, section 7.6): the
difference to the score before (for the first: the score itself), and the number of players with this score.

A table that would be too large groups neighbouring scores under the lowest of each group; a rank is then the best
possible one, and too good by at most `error`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

MOST_BYTES = 64 * 1024

Counted = tuple[int, int]  # a score, and the number of players with it


@dataclass(frozen=True, slots=True)
class RankTable:
    """`error` is 0 when the table has every score."""

    data: bytes
    error: int = 0


def rank_table(histogram: Iterable[Counted], most_bytes: int = MOST_BYTES) -> RankTable:
    """`histogram` goes from the best score down, each score once."""
    counted = list(histogram)
    data, group = _encode(counted), 1
    while len(data) > most_bytes:
        group = max(group + 1, group * len(data) // most_bytes)
        data = _encode(_grouped(counted, group))
    return RankTable(data, max((_spread(part) for part in _parts(counted, group)), default=0))


def rank_in(data: bytes, score: int) -> int:
    """The rank of a score. Raises ValueError for bytes that are no table."""
    rank = 1
    for found, count in histogram_of(data):
        if found <= score:
            return rank
        rank += count
    return rank


def table_parts(counted: list[Counted], most_bytes: int) -> Iterator[tuple[list[Counted], bytes]]:
    """The whole histogram in exact tables of at most so many bytes each, best first: the scores of each, and its
    bytes."""
    size = len(counted)
    start = 0
    while start < len(counted):
        part = counted[start : start + size]
        data = _encode(part)
        if len(data) > most_bytes and len(part) > 1:
            size = max(1, size * most_bytes // (len(data) + most_bytes // 16))
            continue
        yield part, data
        start += len(part)


def _encode(counted: Iterable[Counted]) -> bytes:
    out = bytearray()
    before: int | None = None
    for score, count in counted:
        _put(out, score if before is None else before - score)
        _put(out, count)
        before = score
    return bytes(out)


def histogram_of(data: bytes) -> Iterator[Counted]:
    """The scores and counts of a table, best first. Raises ValueError for bytes that are no table."""
    numbers = _numbers(data)
    score: int | None = None
    for step, count in zip(numbers, numbers, strict=True):
        score = step if score is None else score - step
        yield score, count


def _put(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("the table ends in the middle of a number")


def _grouped(counted: list[Counted], group: int) -> Iterator[Counted]:
    for part in _parts(counted, group):
        yield part[-1][0], sum(count for _, count in part)


def _parts(counted: list[Counted], group: int) -> Iterator[list[Counted]]:
    rest = iter(counted)
    while part := list(islice(rest, group)):
        yield part


def _spread(part: list[Counted]) -> int:
    """The error of the rank of the lowest score of a group."""
    return sum(count for _, count in part[:-1])
