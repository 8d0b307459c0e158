"""Which PIN a new session gets."""

import structlog

from http_api.door import Door
from http_api.problems import Refusal
from quizcore import documents
from quizcore.ports import Snapshot
from quizcore.usecases.open_session import Pin

DRAWN_AT_ONCE = 64  # with nine of ten PINs in use all of them are taken once in 850 times
REUSED_AFTER_MS = 24 * 60 * 60_000  # until then whoever comes late is told that the session is over

_log = structlog.get_logger("pins")


def unseen(door: Door) -> Pin:
    """Any PIN; nearly always nobody has it, and the commit tells."""
    return Pin(door.ids.pin())


def free(door: Door) -> Pin:
    """One of many that nobody has, else one whose session is over for long enough. Raises Refusal `no_free_pin`."""
    drawn = {documents.pin_path(digits): digits for digits in (door.ids.pin() for _ in range(DRAWN_AT_ONCE))}
    taken = door.store.get_many(list(drawn))
    for path, digits in drawn.items():
        if path not in taken:
            return Pin(digits)
    for path, holder in _given_up(door, taken).items():
        return Pin(drawn[path], holder.version)
    door.telemetry.add("pins_exhausted")
    _log.error("no PIN is free", looked_at=len(drawn))
    raise Refusal("no_free_pin", "too many sessions are open here; try again later", {"Retry-After": "60"})


def _given_up(door: Door, taken: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """Those whose session is gone, or final for so long that nobody looks for it any more."""
    boards = {path: documents.board_path(holder.data["session_id"]) for path, holder in taken.items()}
    found = door.store.get_many(list(boards.values()))
    before = door.clock.now_ms() - REUSED_AFTER_MS

    def is_over(board: Snapshot | None) -> bool:
        return board is None or bool(board.data["final"] and board.data["as_of"] <= before)

    return {path: holder for path, holder in taken.items() if is_over(found.get(boards[path]))}
