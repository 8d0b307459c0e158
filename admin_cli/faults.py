"""Faults of a file that an author writes or imports, with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 5 * 1024 * 1024  # 200 questions of the greatest length are a fifth of this size


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FileUnusable(Exception):
    """A file cannot be imported as it is; every fault is listed, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that an import skipped, and the reason."""

    row: int
    reason: str


def read_text(path: Path) -> str:
    """A text file as UTF-8, with or without a byte order mark. Raises FileUnusable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileUnusable(
                [Fault(str(path), 1, f"has more than {MOST_BYTES // 1024**2} MB; is it the right file?")]
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnusable([Fault(str(path), 1, f"cannot be read as UTF-8 text: {error}")]) from error
