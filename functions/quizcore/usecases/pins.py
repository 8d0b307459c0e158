"""Chooses the PIN of a new session."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from quizcore import documents
from quizcore.documents import BoardDocument, PinDocument
from quizcore.ports import Create, Replace, Snapshot, Version, Write
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services

DRAWN_AT_ONCE = 64  # with nine of ten PINs in use, all 64 are in use in one of 850 draws
REUSED_AFTER_MS = 24 * 60 * 60_000  # until then a late player gets the message that the session is over

_log = structlog.get_logger("pins")


@dataclass(frozen=True, slots=True)
class Pin:
    """`replaces` is the version of the PIN's document when a session that is over still has the PIN; else None."""

    digits: str
    replaces: Version = None

    def given_to(self, session_id: str, expires_at: datetime) -> Write:
        path, fields = documents.pin_path(self.digits), documents.pin_fields(session_id, expires_at)
        return Create(path, fields) if self.replaces is None else Replace(path, fields, self.replaces)


def unchecked(services: Services) -> Pin:
    """A random PIN, not looked up: it is nearly always free, and the commit fails when it is not."""
    return Pin(services.ids.pin())


def free(services: Services) -> Pin:
    """A free PIN, or a PIN whose session has been final for `REUSED_AFTER_MS`. Raises Rejected `no_free_pin`."""
    drawn = {documents.pin_path(digits): digits for digits in (services.ids.pin() for _ in range(DRAWN_AT_ONCE))}
    taken = services.store.get_many(list(drawn))
    for path, digits in drawn.items():
        if path not in taken:
            return Pin(digits)
    for path, holder in _given_up(services, taken).items():
        return Pin(drawn[path], holder.version)
    services.telemetry.add("pins_exhausted")
    _log.error("no PIN is free", looked_at=len(drawn))
    raise Rejected("no_free_pin", "too many sessions are open here; try again later", retry_after_s=60)


def _given_up(services: Services, taken: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """The PINs whose session is deleted, or has been final for `REUSED_AFTER_MS`."""
    boards = {path: documents.board_path(holder.read_as(PinDocument)["session_id"]) for path, holder in taken.items()}
    tops = services.store.get_many(list(boards.values()))
    before = services.clock.now_ms() - REUSED_AFTER_MS

    def is_over(top: Snapshot | None) -> bool:
        board = top.read_as(BoardDocument) if top else None
        return board is None or (board["final"] and board["as_of"] <= before)

    return {path: holder for path, holder in taken.items() if is_over(tops.get(boards[path]))}
