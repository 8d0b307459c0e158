"""What every document of a session bears.

Game times are integers: milliseconds since the epoch. Only `expires_at` is a Firestore timestamp, because the TTL
policy asks for one.
"""

from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]


def expiry(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
