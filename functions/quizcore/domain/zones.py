"""The time zones that a class may have: the names of the pinned `tzdata`, the same on every machine.

`zoneinfo` itself takes what the machine has installed: names that another machine may lack, and names such as
`localtime` that mean another zone there."""

from functools import cache
from importlib.resources import files


@cache
def zones() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())


def is_zone(name: str) -> bool:
    return name in zones()
