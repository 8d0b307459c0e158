"""The worker's actions on a session without its host: it opens questions, finishes the session, and makes it final. It
publishes the same events as the host's commands, so the fold needs no other rules. Two workers that both act give two
events, and the earlier one counts."""

import asyncio

import structlog

from quizcore.domain.commands import Command, Commanded, Order, decide, facts_of
from quizcore.domain.events import Mark, SessionFinished
from quizcore.domain.fold import State
from quizcore.domain.schedule import Action, Due, next_due
from quizcore.ledger import spent_on
from quizcore.messages import commanded
from quizcore.ports import BusUnavailable, Clock, Ids, Publisher
from quizcore.telemetry import Telemetry
from workers.coordinator.duty import Outcome, Turn

REPEAT_AFTER_MS = 2_000
_COMMANDS = {Action.OPEN_NEXT: Command.NEXT, Action.FINISH: Command.FINISH}


class SessionClock:
    """Acts once for each due action, and again only when its event was not delivered within a while."""

    def __init__(self, session_id: str, publisher: Publisher, clock: Clock, ids: Ids, telemetry: Telemetry) -> None:
        self._session_id = session_id
        self._publisher = publisher
        self._clock = clock
        self._ids = ids
        self._telemetry = telemetry
        self._acted: tuple[Due, int] | None = None
        self._looked_again = False

    def wakes_at(self, turn: Turn) -> int | None:
        due = next_due(turn.state.pacing, turn.state.game, turn.state.now)
        if due is None:
            return None
        acted_at = self._acted_at(due)
        return due.at if acted_at is None else acted_at + REPEAT_AFTER_MS

    async def act(self, turn: Turn) -> Outcome:
        """Publish the event that is due. When the bus is unavailable, the next try comes after `REPEAT_AFTER_MS`.
        Before a repetition the state must be loaded again: another worker may own the shard now and have received the
        event, and this worker's stale state would repeat the event without end."""
        now = self._clock.now_ms()
        due = next_due(turn.state.pacing, turn.state.game, now)
        if due is None or due.at > now or due.action is Action.REVEAL:
            return Outcome.DONE
        acted_at = self._acted_at(due)
        if acted_at is not None and now < acted_at + REPEAT_AFTER_MS:
            return Outcome.DONE
        if acted_at is not None and not self._looked_again:
            self._looked_again = True
            return Outcome.RELOAD
        self._acted, self._looked_again = (due, now), False
        try:
            event = _event(turn.state, due, Mark(now, self._ids.event_id()))
            with spent_on("clock"):
                await asyncio.to_thread(self._publisher.publish, [commanded(event, self._session_id, 0)])
            self._telemetry.add("clock_actions")
        except BusUnavailable as error:
            structlog.get_logger("clockwork").warning(
                "a clock event was not published", session_id=self._session_id, error=str(error)
            )
        return Outcome.DONE

    def _acted_at(self, due: Due) -> int | None:
        if self._acted is not None and self._acted[0] == due:
            return self._acted[1]
        return None


def _event(state: State, due: Due, mark: Mark) -> Commanded:
    """The event of the corresponding command. Making a session final is not a command: the event repeats the known
    end."""
    if due.action is Action.MAKE_FINAL:
        return SessionFinished(mark)
    return decide(facts_of(state.pacing, state.game, mark.at), Order(_COMMANDS[due.action], due.question_index), mark)
