"""Which slice of a session a player belongs to."""

from zlib import crc32

PLAYERS_A_SHARD = 2_000  # the reveal of a shard is one commit, and a commit has at most 10 MiB
MOST_SHARDS = 64


def shard_of(player_id: str, shards: int) -> int:
    """Stable across processes and releases (CRC-32), unlike Python's own hash."""
    return crc32(player_id.encode()) % shards


def shards_for(expected_players: int) -> int:
    return min(MOST_SHARDS, max(1, -(-expected_players // PLAYERS_A_SHARD)))
