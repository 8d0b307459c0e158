"""How many of the players whom the current question waits for have answered it.

A question waits for all players who joined before its choices were shown, are admitted and not removed. It does not
wait for players who joined later: their answers count, but do not delay the others. The engine cannot know which
players have left. For them the question runs until its time is over, until the host closes it, or until the host
removes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from quizcore.domain.fold import State


@dataclass(frozen=True, slots=True)
class Turnout:
    """The turnout of the given number of shards. `awaited` is the number of players whom the question waits for,
    `answered` the number of those who have an answer that counts; `last_at` is the time of the latest counted answer
    (ms since the epoch), 0 for none."""

    question_index: int
    awaited: int
    answered: int
    last_at: int
    shards: int = 1

    def complete(self, shards: int) -> bool:
        """Whether all awaited players have answered, in a session with this number of shards. A shard that does not
        know the question yet is not counted in `shards`. A question without awaited players is not complete."""
        return self.shards == shards and 0 < self.awaited == self.answered


def turnout_of(state: State) -> Turnout | None:
    """The turnout of one shard. None before the first question, and when each player has a separate question."""
    if state.pacing.current is None:
        return None
    index, window = state.pacing.current
    awaited = answered = last_at = 0
    for player in state.ranked_players():
        joined, submission = player.facts.joined, player.sheet.counts(index)
        if submission is not None:
            last_at = max(last_at, submission.mark.at)
        if joined is not None and joined.mark.at < window.opened_at:
            awaited += 1
            answered += submission is not None
    return Turnout(index, awaited, answered, last_at)


def combined_turnout(parts: Iterable[Turnout | None]) -> Turnout | None:
    """The turnout of all shards of the parts, for the latest question that a part knows. None is the identity."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    index = max(part.question_index for part in known)
    current = [part for part in known if part.question_index == index]
    return Turnout(
        index,
        awaited=sum(part.awaited for part in current),
        answered=sum(part.answered for part in current),
        last_at=max(part.last_at for part in current),
        shards=sum(part.shards for part in current),
    )
