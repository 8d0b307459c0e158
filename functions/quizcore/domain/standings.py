"""The standings: an ordered collection of players with ranks.

Rank is 1 + the number of players with a higher score. Equal scores share a rank and are listed by the total time of
their right answers, then by nickname, then by id.

The keys are in sorted blocks of bounded size, so every operation takes O(log n) comparisons. Moving a block's keys and
summing the blocks' sizes is one sweep in C over a few hundred numbers, which up to some millions of players is faster
than a tree in Python.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import chain, groupby, islice
from typing import NamedTuple

BLOCK_MAX = 2_048


class SortKey(NamedTuple):
    """Sorts the best player first: a lower key is better."""

    minus_score: int
    right_elapsed_ms: int
    nickname: str
    player_id: str


class Standing(NamedTuple):
    rank: int
    player_id: str
    nickname: str
    score: int


_standing = Standing._make  # takes half the time of a call of the class


class Standings:
    def __init__(self) -> None:
        self._keys: dict[str, SortKey] = {}
        self._blocks: list[list[SortKey]] = []
        self._lasts: list[SortKey] = []
        self._sizes: list[int] = []

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        """The players' ids, in no particular order."""
        return iter(self._keys)

    def __contains__(self, player_id: str) -> bool:
        return player_id in self._keys

    def upsert(self, player_id: str, nickname: str, score: int, right_elapsed_ms: int) -> None:
        """Add a player, or move the player to the position of the new score."""
        key = SortKey(-score, right_elapsed_ms, nickname, player_id)
        if self._keys.get(player_id) == key:
            return
        self.remove(player_id)
        self._keys[player_id] = key
        self._insert(key)

    def remove(self, player_id: str) -> None:
        """Remove a player. A player who is not in the standings is no error."""
        key = self._keys.pop(player_id, None)
        if key is not None:
            self._delete(key)

    def score(self, player_id: str) -> int:
        """Raises KeyError for a player who is not in the standings."""
        return -self._keys[player_id].minus_score

    def rank(self, player_id: str) -> int:
        """Raises KeyError for a player who is not in the standings."""
        return self.rank_of_score(self.score(player_id))

    def rank_of_score(self, score: int) -> int:
        return 1 + self.count_above(score)

    def count_above(self, score: int) -> int:
        """The number of players with a higher score."""
        bound = (-score,)
        position = bisect_left(self._lasts, bound)
        if position == len(self._blocks):
            return len(self)
        return self._count_before(position) + bisect_left(self._blocks[position], bound)

    def right_elapsed_ms(self, player_id: str) -> int:
        """The time that orders equal scores. Raises KeyError for a player who is not in the standings."""
        return self._keys[player_id].right_elapsed_ms

    def top(self, k: int) -> list[Standing]:
        return self.page(0, k)

    def page(self, start: int, size: int) -> list[Standing]:
        """`size` standings from the 0-based place `start` on."""
        start = max(start, 0)
        keys = self._keys_from(start, max(size, 0))
        if not keys:
            return []
        score = keys[0].minus_score
        rank = self.rank_of_score(-score) if start else 1
        standings: list[Standing] = []
        for place, (minus_score, _, nickname, player_id) in enumerate(keys, start + 1):
            if minus_score != score:
                rank, score = place, minus_score
            standings.append(_standing((rank, player_id, nickname, -minus_score)))
        return standings

    def histogram(self) -> Iterator[tuple[int, int]]:
        """The distinct scores from the best down, with the number of players of each. O(n)."""
        keys = chain.from_iterable(self._blocks)
        for minus_score, same in groupby(keys, key=lambda key: key.minus_score):
            yield -minus_score, sum(1 for _ in same)

    def _keys_from(self, start: int, size: int) -> list[SortKey]:
        position, offset = self._locate(start)
        keys: list[SortKey] = []
        for block in islice(self._blocks, position, None):
            keys += block[offset : offset + size - len(keys)]
            if len(keys) >= size:
                break
            offset = 0
        return keys

    def _insert(self, key: SortKey) -> None:
        if not self._blocks:
            self._blocks, self._lasts, self._sizes = [[key]], [key], [1]
            return
        position = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[position]
        insort(block, key)
        self._lasts[position] = block[-1]
        self._sizes[position] += 1
        if len(block) > BLOCK_MAX:
            self._split(position)

    def _delete(self, key: SortKey) -> None:
        position = bisect_left(self._lasts, key)
        block = self._blocks[position]
        del block[bisect_left(block, key)]
        if block:
            self._lasts[position] = block[-1]
            self._sizes[position] -= 1
        else:
            del self._blocks[position], self._lasts[position], self._sizes[position]

    def _split(self, position: int) -> None:
        block = self._blocks[position]
        half = len(block) // 2
        self._blocks[position : position + 1] = [block[:half], block[half:]]
        self._lasts[position : position + 1] = [block[half - 1], block[-1]]
        self._sizes[position : position + 1] = [half, len(block) - half]

    def _count_before(self, position: int) -> int:
        return sum(self._sizes[:position])

    def _locate(self, place: int) -> tuple[int, int]:
        """The block and the offset in it of a 0-based place."""
        for position, size in enumerate(self._sizes):
            if place < size:
                return position, place
            place -= size
        return len(self._sizes), 0
