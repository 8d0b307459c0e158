"""What the board of one shard and the public board of many have in common."""

RANKS_INTERVAL_MS = 1_000  # the ranks are written no more often than this, and at each reveal
