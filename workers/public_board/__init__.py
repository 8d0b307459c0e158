"""The public board of a session of many shards: the shards' boards in, `boards/top`, `boards/ranks` and pages out."""
