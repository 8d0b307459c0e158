"""Final sessions, and their receivers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FinalSession:
    """One final version of a session; times in ms since the epoch. The documents below the session contain the rest.

    `seq` is the version: the `seq` of the final board. `replaces` is the version that was handed on before, 0 for none.
    `players` is the number of players on the board, and `answers` the number of their answers that count. `finished_at`
    is the time of the session's end, `final_at` the time of this version. `class_id` is the class of the host that the
    session was opened for, or None; the class may be deleted by now.
    """

    session_id: str
    seq: int
    replaces: int
    quiz_id: str
    host_id: str
    language: str
    question_count: int
    created_at: int
    finished_at: int
    final_at: int
    players: int
    answers: int
    class_id: str | None


class NotReceived(Exception):
    """The receiver did not accept a final session. The worker hands the session on again."""


class FinalReceiver(Protocol):
    async def receive(self, final: FinalSession) -> None:
        """Receive a session that has become final, or whose final result has changed. Raises NotReceived.

        At least once: a version may arrive again, with the same content. A version may arrive after a later one; keep
        the highest `seq` of a session. A version that was soon replaced may never arrive.
        """
