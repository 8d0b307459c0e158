"""Which slice of a session a player belongs to.

A player's slot never changes. A shard is a run of neighbouring slots, so a session gets more shards without a player's
document changing.
"""

from zlib import crc32

PLAYERS_A_SHARD = 2_000  # the reveal of a shard is one commit, and a commit has at most 10 MiB
MOST_SHARDS = 64
SLOTS = 1_024


def slot_of(player_id: str) -> int:
    """Stable across processes and releases (CRC-32), unlike Python's own hash."""
    return crc32(player_id.encode()) % SLOTS


def shard_of(player_id: str, shards: int) -> int:
    return slot_of(player_id) * shards // SLOTS


def slots_of(shard: int, shards: int) -> range:
    """The slots of a shard: those whose players `shard_of` gives to it."""
    first, end = (-(-number * SLOTS // shards) for number in (shard, shard + 1))
    return range(first, end)


def shards_for(expected_players: int) -> int:
    return min(MOST_SHARDS, max(1, -(-expected_players // PLAYERS_A_SHARD)))
