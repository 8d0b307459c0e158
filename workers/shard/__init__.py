"""One shard of one session: its messages in, its players' documents and its board out."""
