"""The table of question kinds. All code that depends on the kind of a question asks a row's `rules`."""

from enum import StrEnum
from typing import Self

from quizcore.domain.kinds.choices import as_set
from quizcore.domain.kinds.kind import Rules
from quizcore.domain.kinds.multiple import Multiple
from quizcore.domain.kinds.single import Single
from quizcore.domain.kinds.text import Text

__all__ = ["Kind", "KindUnknown", "as_set"]


class KindUnknown(ValueError):
    """No row of the table has this name; the message lists the known names."""


class Kind(StrEnum):
    """A row: the name in documents, quiz files and the API, and the rules of the kind."""

    _value_: str
    rules: Rules

    def __new__(cls, name: str, rules: Rules) -> Self:
        row = str.__new__(cls, name)
        row._value_ = name
        row.rules = rules
        return row

    @classmethod
    def named(cls, name: str) -> "Kind":
        """Raises KindUnknown."""
        row = next((row for row in cls if row.value == name), None)
        if row is None:
            raise KindUnknown(f"kind is {', '.join(cls)}, not {name!r}")
        return row

    SINGLE = "single", Single()
    MULTIPLE = "multiple", Multiple()
    TEXT = "text", Text()
