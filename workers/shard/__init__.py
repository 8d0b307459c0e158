"""One shard of one session: folds its messages into its players' documents and its board."""
