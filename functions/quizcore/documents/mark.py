"""When something happened, as documents hold it."""

from collections.abc import Mapping
from typing import Any

from quizcore.documents.stamps import Document
from quizcore.domain.events import Mark


def mark_fields(mark: Mark) -> Document:
    return {"at": mark.at, "event_id": mark.event_id}


def read_mark(data: Mapping[str, Any]) -> Mark:
    return Mark(data["at"], data["event_id"])
