"""A seeded simulator: the product's worker on a simulated bus, store, network and clock.

`loop` is the time, `faults` what goes wrong, `network`, `store` and `bus` the outside world, `receiver` who gets final
sessions, `worker` the product's engine in it, `crowd` the people, `laws` and `hand_on_law` the checkers, `run` one
seed, `shrink` the shortest history of a failing one.
"""
