"""Closes a question when all players whom it waits for have answered.

The closing is the event of the host's `close`, with an id that follows from the session and the question. So when two
workers close the question, or one worker closes it twice, all events have the same id, and the earliest counts.
"""

import asyncio
from uuid import NAMESPACE_OID, uuid5

import structlog

from quizcore.domain.commands import Command, Facts, Order, decide
from quizcore.domain.events import Mark
from quizcore.domain.turnout import Turnout
from quizcore.ledger import spent_on
from quizcore.messages import commanded
from quizcore.ports import BusUnavailable, Clock, Publisher
from quizcore.telemetry import Telemetry

REPEAT_AFTER_MS = 2_000


class Closing:
    """The closings of one session in one process: publishes the closing of a question once, and again only when its
    event was not delivered within a while."""

    def __init__(self, session_id: str, publisher: Publisher, clock: Clock, telemetry: Telemetry) -> None:
        self._session_id = session_id
        self._publisher = publisher
        self._clock = clock
        self._telemetry = telemetry
        self._closed: tuple[int, int] | None = None  # the question, and the moment of its closing
        self._published_at = 0

    def again_at(self, facts: Facts, now: int) -> int | None:
        """When the closing of the current question may be published again (ms since the epoch); None when it was not
        published, when its event was delivered, or when the question is over."""
        if self._closed is None or not facts.running(now):
            return None
        question, at = self._closed
        return self._published_at + REPEAT_AFTER_MS if question == facts.question_index and facts.running(at) else None

    async def close(self, facts: Facts, turnout: Turnout | None, shards: int) -> None:
        """Publish the closing of the current question if the question is running and all awaited players have answered
        it. When the bus is unavailable, the closing is published again at `again_at`."""
        now = self._clock.now_ms()
        again_at = self.again_at(facts, now)
        if turnout is None or turnout.question_index != facts.question_index or not turnout.complete(shards):
            self._closed = None
            return
        # The clock of the process that stamped an answer may be ahead; the closing comes after every counted answer.
        at = max(now, turnout.last_at)
        if not facts.running(at) or (again_at is not None and now < again_at):
            return
        self._closed, self._published_at = (turnout.question_index, at), now
        mark = Mark(at, closing_id(self._session_id, turnout.question_index))
        event = decide(facts, Order(Command.CLOSE, turnout.question_index), mark)
        try:
            with spent_on("clock"):
                await asyncio.to_thread(self._publisher.publish, [commanded(event, self._session_id, 0)])
            self._telemetry.add("clock_actions")
        except BusUnavailable as error:
            structlog.get_logger("closing").warning(
                "the closing of a question was not published", session_id=self._session_id, error=str(error)
            )


def closing_id(session_id: str, question_index: int) -> str:
    """The event id of the engine's closing of a question."""
    return str(uuid5(NAMESPACE_OID, f"{session_id}/{question_index}/everybody-has-answered"))
