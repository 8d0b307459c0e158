"""Final sessions as documents, without the games that led to them."""

from dataclasses import dataclass, replace

from quizcore import documents
from quizcore.domain.session import Options
from quizcore.ports import FinalSession, Put, Write
from quizcore.shards import slot_of

DAY_MS = 86_400_000


@dataclass
class Session:
    """`games` has the players and their points in the newest version; None was removed."""

    name: str
    at: int
    quiz: str
    class_id: str | None
    version: int
    games: dict[str, int | None]

    def final(self, version: int | None = None) -> FinalSession:
        return FinalSession(
            session_id=self.name,
            seq=version or self.version,
            replaces=0,
            quiz_id=self.quiz,
            host_id="host",
            language="en",
            question_count=1,
            created_at=self.at,
            finished_at=self.at,
            final_at=self.at,
            players=len(self.games),
            answers=0,
            class_id=self.class_id,
        )

    def writes(self, now: int) -> list[Write]:
        """One commit: the newest version. Nobody holds a nickname twice, so the player's id will do."""
        head = {
            "shards": 1,
            "host_id": "host",
            "expires_at": documents.expiry(now + 30 * DAY_MS),
            "quiz_id": self.quiz,
            "result": {
                "seq": self.version,
                "as_of": self.at,
                "finished_at": self.at,
                "players": sum(points is not None for points in self.games.values()),
                "answers": 0,
            },
            "options": documents.options_fields(Options()),
            "title": self.quiz.title(),
        }
        players = (Put(documents.player_path(self.name, who), self._player(who)) for who in self.games)
        return [Put(documents.session_path(self.name), head), *players]

    def corrected(self, who: str, points: int | None) -> "Session":
        """The next version."""
        return replace(self, version=self.version + 1, games={**self.games, who: points})

    def _player(self, who: str) -> dict[str, object]:
        points = self.games[who]
        return {
            "nickname": who,
            "admitted": True,
            "removed": points is None,
            "score": points or 0,
            "slot": slot_of(who),
        }
