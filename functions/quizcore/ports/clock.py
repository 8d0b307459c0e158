"""Time and ids."""

from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch."""

    def behind_most_ms(self) -> int | None:
        """How far this clock may be behind the store's clock (ms); None while that is unknown."""


class Ids(Protocol):
    def event_id(self) -> str:
        """A UUIDv7: unique, and sorted by the time of its creation."""

    def secret_id(self) -> str:
        """An unguessable id of letters and digits, fit for a document's name."""

    def pin(self) -> str:
        """Six random digits."""

    def code(self) -> str:
        """Six random characters of `quizcore/domain/codes.py`."""
