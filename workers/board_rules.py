"""Rules for both the board of one shard and the public board of many shards."""

RANKS_INTERVAL_MS = 1_000  # the shortest time between two rank tables, except at a reveal
