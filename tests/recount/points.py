"""Where a worker is killed."""

from typing import Literal, get_args

Point = Literal[
    "read",  # a session or a board was read
    "before a count's commit",
    "after a count's commit",  # and before the session is acknowledged
    "before a fold's commit",
    "after a fold's commit",
]
POINTS: tuple[Point, ...] = get_args(Point)
