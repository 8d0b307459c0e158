"""The duties of shard 0 for its whole session."""
