"""Closes a question when all players have answered, in a session of one shard. With many shards no shard knows all
players, so the job that merges the boards closes the question (workers/public_board/job.py)."""

from quizcore.domain.commands import Facts, facts_of
from quizcore.domain.turnout import turnout_of
from quizcore.ports import Clock
from workers.closing import Closing
from workers.coordinator.duty import Outcome, Turn


class AutoClose:
    """Runs before the answers are acknowledged. When the worker dies in between, the bus redelivers the answers to
    another worker, which finds that all have answered."""

    def __init__(self, closing: Closing, clock: Clock) -> None:
        self._closing = closing
        self._clock = clock
        self._looked_again = False

    def wakes_at(self, turn: Turn) -> int | None:
        now = self._clock.now_ms()
        return self._closing.again_at(_facts(turn, now), now) if _may(turn) else None

    async def act(self, turn: Turn) -> Outcome:
        """Before a repetition the state is loaded again, as in `SessionClock`: the closing may have been delivered to
        another worker, which owns the shard now."""
        now = self._clock.now_ms()
        facts = _facts(turn, now)
        if not _may(turn) or not facts.running(now):
            return Outcome.DONE
        again_at = self._closing.again_at(facts, now)
        if again_at is not None and (now < again_at or not self._looked_again):
            self._looked_again = now >= again_at
            return Outcome.RELOAD if self._looked_again else Outcome.DONE
        self._looked_again = False
        await self._closing.close(facts, turnout_of(turn.state), turn.shards)
        return Outcome.DONE


def _may(turn: Turn) -> bool:
    return turn.state.game.options.auto_close and turn.shards == 1


def _facts(turn: Turn, now: int) -> Facts:
    return facts_of(turn.state.pacing, turn.state.game, now)
