"""Which slice of a session a player belongs to."""

from zlib import crc32


def shard_of(player_id: str, shards: int) -> int:
    """Stable across processes and releases (CRC-32), unlike Python's own hash."""
    return crc32(player_id.encode()) % shards
