"""The first receiver of final sessions: it writes to the log and the ledger."""

from dataclasses import asdict

import structlog

from quizcore.ports import FinalSession
from quizcore.telemetry import Telemetry


class CompletedLog:
    """One line `session_completed` for each version that is handed on: ids, times and counts, without any text that a
    person has typed."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def receive(self, final: FinalSession) -> None:
        structlog.get_logger("sessions").info("session_completed", **asdict(final))
        self._telemetry.add("sessions_completed")
        self._telemetry.spend("sessions", 1)
