"""Law 10: the engine closes a question when, and only when, all awaited players have answered. The law uses the
documents alone: the players who joined before the choices were shown, are admitted and not removed, and whose answer is
in the player's document or in the journal. A public board that is merged from groups sums up the groups of different
moments; there the law requires only that the closing happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from quizcore import documents
from quizcore.messages import Message, QuestionClosed
from quizcore.ports import DocumentStore
from quizcore.shards import shard_of
from tests.support.oracle import window_of

SOON_MS = 1_500  # where nothing goes wrong: two flushes, a merge, and the ways between them


@dataclass(slots=True)
class AutoCloseLaw:
    """`answered_at` is when everybody had answered a question for the first time, by the true time (ms)."""

    shared: DocumentStore
    session_id: str
    taken: Sequence[Message]
    answered_at: dict[int, int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    _seen: int = 0

    def committed(self, now: int) -> Iterator[str]:
        """The messages that were published before this commit followed from the documents before it."""
        yield from self.published()
        head = self._at(documents.session_path(self.session_id))
        index = head["question_index"]
        if index is not None and index not in self.answered_at and self._everybody_has_answered(index, head):
            self.answered_at[index] = now

    def published(self) -> Iterator[str]:
        for message in self.taken[self._seen :]:
            if isinstance(message, QuestionClosed) and _of_the_engine(message):
                self.closed.add(message.question_index)
                if message.question_index not in self.answered_at and not self._grouped():
                    yield f"law 10: closed before everybody had answered: {message!r}"
        self._seen = len(self.taken)

    def came(self) -> Iterator[str]:
        """At rest, after a history in which nothing went wrong."""
        head, quiz = (self._at(path) for path in self._told())
        if not head["options"]["auto_close"]:
            return
        events = [message.model_dump() for message in self.taken]
        for index, answered_at in self.answered_at.items():
            closed_at = window_of(index, quiz["questions"], head["options"], events)[1]
            if closed_at > answered_at + SOON_MS:
                yield f"law 10: everybody had answered question {index} at {answered_at}, it closed at {closed_at}"

    def _grouped(self) -> bool:
        return bool(self._at(documents.session_path(self.session_id)).get("groups", 1) > 1)

    def _told(self) -> tuple[str, str]:
        return documents.session_path(self.session_id), documents.session_quiz_path(self.session_id)

    def _everybody_has_answered(self, index: int, head: dict[str, Any]) -> bool:
        players = self.shared.list(documents.players_path(self.session_id))
        kept = self.shared.list(documents.journal_path(self.session_id))
        held = {e["player_id"] for entry in kept for e in entry.data["entries"] if e["question_index"] == index}
        shown_at = [self._shown_at(index, shard, head) for shard in range(head["shards"])]
        waited_for = [
            player
            for player in players
            if player.data["joined_at"] is not None and player.data["admitted"] and not player.data["removed"]
            if player.data["joined_at"] < shown_at[shard_of(player.name, head["shards"])]
        ]
        return bool(waited_for) and all(str(index) in p.data["answers"] or p.name in held for p in waited_for)

    def _shown_at(self, index: int, shard: int, head: dict[str, Any]) -> float:
        found = self.shared.get(documents.timeline_path(self.session_id, shard))
        opening = found.data["openings"].get(str(index)) if found is not None else None
        return float("inf") if opening is None else float(opening["at"] + head["options"]["lead_ms"])

    def _at(self, path: str) -> dict[str, Any]:
        found = self.shared.get(path)
        assert found is not None
        return found.data


def _of_the_engine(message: Message) -> bool:
    """People's ids have no dashes here (`SeededIds`)."""
    return "-" in message.event_id
