"""What documents are made of. The bounds are those that an imported document must keep (`usecases/archive_check.py`);
what the product writes keeps them by itself, so nothing checks them then.

Game times are integers: milliseconds since the epoch. Only `expires_at` is a Firestore timestamp, because the TTL
policy asks for one.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from quizcore.domain.kinds import Kind

Count = Annotated[int, Field(ge=0, lt=2**53)]  # also a moment, ms since the epoch
Whole = Annotated[int, Field(gt=-(2**53), lt=2**53)]
Index = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})$")]
Uid = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
KindName = Annotated[str, AfterValidator(lambda name: Kind.named(name).value)]


def one_of(names: type[StrEnum]) -> AfterValidator:
    return AfterValidator(lambda name: names(name).value)


class Expiring(TypedDict):
    """Every document of a session: it is deleted at that time."""

    expires_at: datetime


class TableStamps(Expiring):
    """Which board a table belongs to: its `seq` and `as_of`."""

    seq: Count
    as_of: Count


def expiry(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
