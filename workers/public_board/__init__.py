"""The public board of a session of many shards: merges the shards' boards into `boards/top`, `boards/ranks` and the
pages."""
