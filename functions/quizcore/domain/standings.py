"""Who stands where: an ordered collection with ranks.

Rank is 1 + the number of players with a higher score. Equal scores share a rank and are listed by
the total time of their right answers, then by nickname, then by id.

The keys lie in sorted blocks, and a Fenwick tree counts the keys in the blocks before each one
(P. M. Fenwick, "A new data structure for cumulative frequency tables", 1994). With blocks of
bounded size every operation takes O(log n) comparisons; moves inside a block are one memmove.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import NamedTuple

BLOCK_MAX = 1_024


class SortKey(NamedTuple):
    """Best first: a lower key is a better place."""

    minus_score: int
    right_elapsed_ms: int
    nickname: str
    player_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    rank: int
    player_id: str
    nickname: str
    score: int


class Standings:
    def __init__(self) -> None:
        self._keys: dict[str, SortKey] = {}
        self._blocks: list[list[SortKey]] = []
        self._lasts: list[SortKey] = []
        self._tree: list[int] = [0]

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, player_id: str) -> bool:
        return player_id in self._keys

    def place(self, player_id: str, nickname: str, score: int, right_elapsed_ms: int) -> None:
        """Add a player, or move one to the place that the new score gives."""
        key = SortKey(-score, right_elapsed_ms, nickname, player_id)
        if self._keys.get(player_id) == key:
            return
        self.remove(player_id)
        self._keys[player_id] = key
        self._insert(key)

    def remove(self, player_id: str) -> None:
        """Take a player out; one who is not there is no error."""
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
        """How many players have a higher score."""
        bound = (-score,)
        position = bisect_left(self._lasts, bound)
        if position == len(self._blocks):
            return len(self)
        return self._count_before(position) + bisect_left(self._blocks[position], bound)

    def right_elapsed_ms(self, player_id: str) -> int:
        """What orders equal scores. Raises KeyError for a player who is not in the standings."""
        return self._keys[player_id].right_elapsed_ms

    def top(self, k: int) -> list[Standing]:
        return self.page(0, k)

    def page(self, start: int, size: int) -> list[Standing]:
        """`size` standings from the 0-based place `start` on."""
        standings: list[Standing] = []
        rank, score = 0, None
        for place, key in enumerate(islice(self._from_place(start), max(size, 0)), max(start, 0)):
            if key.minus_score != score:
                score = key.minus_score
                rank = place + 1 if standings else self.rank_of_score(-score)
            standings.append(Standing(rank, key.player_id, key.nickname, -score))
        return standings

    def histogram(self) -> Iterator[tuple[int, int]]:
        """The distinct scores from the best down, with how many players have each. O(n)."""
        keys = chain.from_iterable(self._blocks)
        for minus_score, same in groupby(keys, key=lambda key: key.minus_score):
            yield -minus_score, sum(1 for _ in same)

    def _from_place(self, start: int) -> Iterator[SortKey]:
        position, offset = self._locate(max(start, 0))
        for block in islice(self._blocks, position, None):
            yield from islice(block, offset, None)
            offset = 0

    def _insert(self, key: SortKey) -> None:
        if not self._blocks:
            self._blocks, self._lasts = [[key]], [key]
            self._rebuild()
            return
        position = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[position]
        insort(block, key)
        self._lasts[position] = block[-1]
        if len(block) > BLOCK_MAX:
            self._split(position)
        else:
            self._add(position, 1)

    def _delete(self, key: SortKey) -> None:
        position = bisect_left(self._lasts, key)
        block = self._blocks[position]
        del block[bisect_left(block, key)]
        if block:
            self._lasts[position] = block[-1]
            self._add(position, -1)
        else:
            del self._blocks[position], self._lasts[position]
            self._rebuild()

    def _split(self, position: int) -> None:
        block = self._blocks[position]
        half = len(block) // 2
        self._blocks[position : position + 1] = [block[:half], block[half:]]
        self._lasts[position : position + 1] = [block[half - 1], block[-1]]
        self._rebuild()

    def _rebuild(self) -> None:
        """O(blocks), once per split or emptied block."""
        tree = [0, *map(len, self._blocks)]
        for i in range(1, len(tree)):
            parent = i + (i & -i)
            if parent < len(tree):
                tree[parent] += tree[i]
        self._tree = tree

    def _add(self, position: int, amount: int) -> None:
        i = position + 1
        while i < len(self._tree):
            self._tree[i] += amount
            i += i & -i

    def _count_before(self, position: int) -> int:
        total, i = 0, position
        while i > 0:
            total += self._tree[i]
            i -= i & -i
        return total

    def _locate(self, place: int) -> tuple[int, int]:
        """The block and the offset in it of a 0-based place."""
        position, step = 0, 1 << len(self._tree).bit_length()
        while step:
            nxt = position + step
            if nxt < len(self._tree) and self._tree[nxt] <= place:
                position, place = nxt, place - self._tree[nxt]
            step >>= 1
        return position, place
