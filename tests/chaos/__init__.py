"""Faults on the real emulators: the product's own processes, with lines between them that break.

`line` is the wire, `cluster` the processes, `traffic` the sessions, `faults` what is done to them, `referee` checks.
"""
