"""A seeded simulator: the product's worker on a simulated bus, store, network and clock.

`loop` is the time, `faults` what goes wrong, `network`, `store` and `bus` the outside world, `worker` the product's
engine in it, `crowd` the people, `laws` the checkers, `run` one seed, `shrink` the shortest history of a failing one.
"""
