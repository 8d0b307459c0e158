"""A clock that the test moves, and ids in order."""

from dataclasses import dataclass
from itertools import count


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only by `advance`. `behind_ms` is what `behind_most_ms` returns."""

    ms: int = 1_700_000_000_000
    behind_ms: int | None = 0

    def now_ms(self) -> int:
        return self.ms

    def behind_most_ms(self) -> int | None:
        return self.behind_ms

    def advance(self, ms: int) -> None:
        self.ms += ms


_CODE_DIGITS = str.maketrans("01", "XZ")  # the two digits that no code has


class SequentialIds:
    """Ids numbered in the order of the calls, so that a test can name them."""

    def __init__(self) -> None:
        self._next = count(1)

    def event_id(self) -> str:
        return f"00000000-0000-7000-8000-{next(self._next):012}"

    def secret_id(self) -> str:
        return f"id{next(self._next):04}"

    def pin(self) -> str:
        return f"{next(self._next):06}"

    def code(self) -> str:
        return f"C{next(self._next):05}".translate(_CODE_DIGITS)
