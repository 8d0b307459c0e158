"""A seeded simulator: the product's worker on a simulated bus, store, network and clock.

`loop` is the time, `faults` the injected faults, `network`, `store` and `bus` the services, `receiver` a receiver of
final sessions, `worker` the product's engine in a process, `crowd` the people, `laws` and `hand_on_law` the checkers,
`run` one seed, `shrink` the shortest history of a failing seed.
"""
