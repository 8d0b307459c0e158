"""The engine: receive → decode → route → fold → plan → commit → acknowledge.

`intake` receives, decodes and routes; `shard` folds, plans and commits the messages of one shard; `public_board` merges
the boards of many shards; `coordinator` acts for the whole session. `fenced_job` commits and retries, `pacer` decides
when, `deliveries` acknowledges. `engine` starts and ends all of them.
"""
