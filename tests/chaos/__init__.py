"""Faults on the real emulators: the product's own processes, with breaking connections between them.

`line` is a connection, `cluster` the processes, `traffic` the sessions, `faults` injects the faults, `referee` checks.
"""
