"""`private/timeline-{shard}`: the control events that a shard has folded."""

from datetime import datetime

from typing_extensions import TypedDict

from quizcore.documents.mark import MarkFields, mark_fields, read_mark
from quizcore.documents.session import session_path
from quizcore.documents.values import Count, Expiring, Index
from quizcore.domain.events import SessionLocked
from quizcore.domain.session import Timeline


class LockingFields(MarkFields):
    locked: bool


class TimelineFields(TypedDict):
    openings: dict[Index, MarkFields]
    closings: dict[Index, list[MarkFields]]
    finished: MarkFields | None
    settled_at: Count | None
    locking: LockingFields | None
    expected_players: Count


class TimelineDocument(TimelineFields, Expiring):
    pass


def timeline_path(session_id: str, shard: int) -> str:
    return f"{session_path(session_id)}/private/timeline-{shard}"


def timeline_fields(timeline: Timeline) -> TimelineFields:
    return {
        "openings": {str(i): mark_fields(mark) for i, mark in timeline.openings.items()},
        "closings": {str(i): [mark_fields(m) for m in sorted(marks)] for i, marks in timeline.closings.items()},
        "finished": mark_fields(timeline.finished) if timeline.finished else None,
        "settled_at": timeline.settled_at,
        "locking": _locking_fields(timeline.locking) if timeline.locking else None,
        "expected_players": timeline.expected_players,
    }


def _locking_fields(locking: SessionLocked) -> LockingFields:
    return {**mark_fields(locking.mark), "locked": locking.locked}


def timeline_document(fields: TimelineFields, expires_at: datetime) -> TimelineDocument:
    return {**fields, "expires_at": expires_at}


def read_timeline(data: TimelineFields) -> Timeline:
    return Timeline(
        openings={int(i): read_mark(mark) for i, mark in data["openings"].items()},
        closings={int(i): frozenset(map(read_mark, marks)) for i, marks in data["closings"].items()},
        finished=data["finished"] and read_mark(data["finished"]),
        settled_at=data["settled_at"],
        locking=data["locking"] and SessionLocked(read_mark(data["locking"]), data["locking"]["locked"]),
        expected_players=data["expected_players"],
    )
