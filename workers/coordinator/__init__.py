"""What shard 0 does for its whole session, besides counting."""
