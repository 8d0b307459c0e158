"""The engine: receive → decode → route → fold → plan → commit → acknowledge.

`intake` receives, decodes and routes; `shard` folds, plans and commits what one shard's messages change, `public_board`
what follows for the session, `coordinator` what a session needs without a player. `fenced_job` commits and retries,
`pacer` says when, `deliveries` acknowledges. `engine` starts and ends all of them.
"""
