"""The types of values in documents. An import checks their bounds (`usecases/archive_check.py`); the product writes
only values within the bounds, so its writes are not checked.

Game times are integers: milliseconds since the epoch. Only `expires_at` is a Firestore timestamp, because the TTL
policy needs one.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from quizcore.domain.kinds import Kind

Count = Annotated[int, Field(ge=0, lt=2**53)]  # also times, in ms since the epoch
Whole = Annotated[int, Field(gt=-(2**53), lt=2**53)]
Index = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})$")]
Uid = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
KindName = Annotated[str, AfterValidator(lambda name: Kind.named(name).value)]


def one_of(names: type[StrEnum]) -> AfterValidator:
    return AfterValidator(lambda name: names(name).value)


class Expiring(TypedDict):
    """Part of every document of a session: TTL deletes the document after this time."""

    expires_at: datetime


class TableStamps(Expiring):
    """The `seq` and `as_of` of the board that a table belongs to."""

    seq: Count
    as_of: Count


def expiry(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
