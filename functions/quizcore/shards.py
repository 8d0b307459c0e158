"""Assigns a session's players to shards.

A player's slot never changes. A shard is a run of neighbouring slots, so a session gets more shards without a player's
document changing; a group is a run of neighbouring shards.
"""

from zlib import crc32

PLAYERS_A_SHARD = 2_000  # the reveal of a shard is one commit, and a commit has at most 10 MiB
MOST_SHARDS = 1_024
GROUP_SHARDS = 64  # with more shards, they are merged in groups
SLOTS = 1_024


def slot_of(player_id: str) -> int:
    """Stable across processes and releases (CRC-32), unlike Python's own hash."""
    return crc32(player_id.encode()) % SLOTS


def shard_of(player_id: str, shards: int) -> int:
    return slot_of(player_id) * shards // SLOTS


def slots_of(shard: int, shards: int) -> range:
    """The slots of a shard: `shard_of` assigns their players to the shard."""
    return run_of(shard, shards, SLOTS)


def shards_with(slots: range, shards: int) -> range:
    """The shards that have these slots, in a session of `shards` shards."""
    return range(slots.start * shards // SLOTS, (slots.stop - 1) * shards // SLOTS + 1)


def run_of(part: int, parts: int, of: int) -> range:
    """The numbers n of 0 to `of` - 1 with `n * parts // of == part`: one of `parts` runs of neighbours, of equal size
    as far as possible."""
    first, end = (-(-number * of // parts) for number in (part, part + 1))
    return range(first, end)


def shards_for(expected_players: int) -> int:
    return min(MOST_SHARDS, max(1, -(-expected_players // PLAYERS_A_SHARD)))
