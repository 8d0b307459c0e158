"""`private/timeline-{shard}`: the control events that a shard has folded."""

from collections.abc import Mapping
from typing import Any

from quizcore.documents.mark import mark_fields, read_mark
from quizcore.documents.session import session_path
from quizcore.documents.stamps import Document
from quizcore.domain.events import SessionLocked
from quizcore.domain.session import Timeline


def timeline_path(session_id: str, shard: int) -> str:
    """The control events that a shard has folded."""
    return f"{session_path(session_id)}/private/timeline-{shard}"


def timeline_fields(timeline: Timeline) -> Document:
    return {
        "openings": {str(i): mark_fields(mark) for i, mark in timeline.openings.items()},
        "closings": {str(i): [mark_fields(m) for m in sorted(marks)] for i, marks in timeline.closings.items()},
        "finished": timeline.finished and mark_fields(timeline.finished),
        "settled_at": timeline.settled_at,
        "locking": timeline.locking and {**mark_fields(timeline.locking.mark), "locked": timeline.locking.locked},
        "expected_players": timeline.expected_players,
    }


def read_timeline(data: Mapping[str, Any]) -> Timeline:
    return Timeline(
        openings={int(i): read_mark(mark) for i, mark in data["openings"].items()},
        closings={int(i): frozenset(map(read_mark, marks)) for i, marks in data["closings"].items()},
        finished=data["finished"] and read_mark(data["finished"]),
        settled_at=data["settled_at"],
        locking=data["locking"] and SessionLocked(read_mark(data["locking"]), data["locking"]["locked"]),
        expected_players=data["expected_players"],
    )
