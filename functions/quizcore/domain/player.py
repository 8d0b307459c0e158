"""One player: the facts from messages, the answers that were sent, and the sheet that follows from both."""

from dataclasses import dataclass, field
from typing import NamedTuple

from quizcore.domain.events import (
    Answer,
    AnswerSubmitted,
    FactEvent,
    PlayerAdmitted,
    PlayerJoined,
    PlayerRemoved,
    PlayerRenamed,
)
from quizcore.domain.sheet import Sheet

SubmissionKey = tuple[int, str, Answer]


class PlayerFacts(NamedTuple):
    """The facts of a player apart from answers. The state, the worker's baseline and the player's document share this
    record, so a comparison of two records covers a new fact without a change."""

    joined: PlayerJoined | None = None
    renamed: PlayerRenamed | None = None
    admitted: bool = True
    removed: bool = False

    @property
    def ranked(self) -> bool:
        return self.joined is not None and self.admitted and not self.removed

    @property
    def nickname(self) -> str | None:
        """The nickname as all users see it; None while only answers have arrived."""
        if self.joined is None:
            return None
        return self.joined.nickname if self.renamed is None else self.renamed.nickname

    @property
    def avatar(self) -> str:
        return self.joined.avatar if self.joined else ""

    def after(self, event: FactEvent) -> "PlayerFacts":
        """The facts after this event. Independent of the order of events and of repetitions."""
        match event:
            case PlayerJoined():
                return self._replace(joined=event) if self._is_first(event) else self
            case PlayerRenamed():
                return self._replace(renamed=event) if self._is_last(event) else self
            case PlayerAdmitted():
                return self._replace(admitted=True)
            case PlayerRemoved():
                return self._replace(removed=True)

    def _is_first(self, event: PlayerJoined) -> bool:
        return self.joined is None or event.mark < self.joined.mark

    def _is_last(self, event: PlayerRenamed) -> bool:
        known = self.renamed
        return known is None or (known.mark, known.nickname) < (event.mark, event.nickname)


UNKNOWN = PlayerFacts()
WAITING = PlayerFacts(admitted=False)  # with the option `approval`


@dataclass(slots=True)
class Player:
    player_id: str
    facts: PlayerFacts = UNKNOWN
    submissions: dict[SubmissionKey, AnswerSubmitted] = field(default_factory=dict)
    sheet: Sheet = field(default_factory=Sheet)

    def submit(self, submission: AnswerSubmitted) -> None:
        """A retry has the same event id: of its copies the earliest stays. Another answer under the same id is a
        separate answer, so that its refusal is visible."""
        key = submission_key(submission)
        known = self.submissions.get(key)
        if known is None or submission.order < known.order:
            self.submissions[key] = submission


def submission_key(submission: AnswerSubmitted) -> SubmissionKey:
    return submission.question_index, submission.mark.event_id, submission.answer
