"""The ranks of all players from one small table: the distinct scores and the number of players with each score.

A player's rank is 1 + the number of players with a higher score, so the table and a player's own score give the
player's rank. Bytes: for each score from the best down, two unsigned LEB128 numbers (DWARF 5, section 7.6): the
difference to the score before (for the first: the score itself), and the number of players with this score.

A table that would be too large groups neighbouring scores under the lowest of each group; a rank is then the best
possible one, and too good by at most `error`.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice

MOST_BYTES = 64 * 1024
CONTINUED = 0x80  # the bit of a byte that is not the last of its number

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


def rank_by(counted: Sequence[Counted]) -> Callable[[int], int]:
    """The ranks of many scores by one table, which goes from the best score down."""
    descending, ahead = [-score for score, _ in counted], list(accumulate((n for _, n in counted), initial=0))
    return lambda score: 1 + ahead[bisect_left(descending, -score)]


def _encode(counted: Iterable[Counted]) -> bytes:
    numbers: list[int] = []
    before: int | None = None
    for score, count in counted:
        numbers += (score if before is None else before - score, count)
        before = score
    return encoded(numbers)


def histogram_of(data: bytes) -> Iterator[Counted]:
    """The scores and counts of a table, best first. Raises ValueError for bytes that are no table."""
    numbers = decoded(data)
    score: int | None = None
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        score = step if score is None else score - step
        yield score, count


def encoded(numbers: Sequence[int]) -> bytes:
    """Almost all numbers of a large table are small, so a block of them is encoded at once."""
    blocks = (numbers[start : start + _BLOCK] for start in range(0, len(numbers), _BLOCK))
    return b"".join(bytes(block) if max(block) < CONTINUED else b"".join(map(_leb128, block)) for block in blocks)


def decoded(data: bytes) -> list[int]:
    """Raises ValueError for bytes that end in the middle of a number."""
    if data.isascii():
        return list(data)
    numbers: list[int] = []
    for match in _RUNS.finditer(data):
        run = match[0]
        if run[0] < CONTINUED:
            numbers += run
        elif run[-1] < CONTINUED:
            numbers.append(sum((byte & 0x7F) << 7 * place for place, byte in enumerate(run)))
        else:
            raise ValueError("the table ends in the middle of a number")
    return numbers


_BLOCK = 256
_RUNS = re.compile(rb"[\x00-\x7f]+|[\x80-\xff]+[\x00-\x7f]?")  # one-byte numbers, or one longer number


@lru_cache(maxsize=4_096)
def _leb128(number: int) -> bytes:
    out = bytearray()
    while number >= CONTINUED:
        out.append(number & 0x7F | CONTINUED)
        number >>= 7
    out.append(number)
    return bytes(out)


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
