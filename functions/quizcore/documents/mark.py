"""The mark of an event, as documents contain it."""

from typing_extensions import TypedDict

from quizcore.documents.values import Count
from quizcore.domain.events import Mark
from quizcore.messages import Id


class MarkFields(TypedDict):
    at: Count
    event_id: Id


def mark_fields(mark: Mark) -> MarkFields:
    return {"at": mark.at, "event_id": mark.event_id}


def read_mark(data: MarkFields) -> Mark:
    return Mark(data["at"], data["event_id"])
