"""A final game of many people, as documents: a class plays a public quiz, and everybody has a profile."""

from datetime import UTC, datetime, timedelta
from typing import Any

from quizcore import documents
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.documents.person import new_person
from quizcore.domain.leaderboard.person import Rules
from quizcore.domain.session import Options
from quizcore.ports import DocumentStore, FinalSession, Put, Write
from quizcore.shards import slot_of
from quizcore.telemetry import Telemetry
from tests.support.games import quiz
from tests.support.people import PROFILE
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob

DOCUMENTS_A_COMMIT = 300


class FinalGame:
    """`name` is that of the session, the quiz and the class; `moved` are the boards that have moves."""

    def __init__(self, store: DocumentStore, telemetry: Telemetry, name: str, players: int) -> None:
        self._store = store
        self._telemetry = telemetry
        self._clock, self._ids = SystemClock(), RandomIds()
        self.moved: set[str] = set()
        now = self._clock.now_ms()
        self._final = FinalSession(
            session_id=name,
            seq=1,
            replaces=0,
            quiz_id=name,
            host_id="host",
            language="en",
            question_count=1,
            created_at=now,
            finished_at=now,
            final_at=now,
            players=players,
            answers=players,
            class_id=name,
        )
        writes = _writes(name, [f"{name}-p{n}" for n in range(players)], now)
        for start in range(0, len(writes), DOCUMENTS_A_COMMIT):
            store.commit(writes[start : start + DOCUMENTS_A_COMMIT])

    async def count(self) -> None:
        counting = Counting(self._store, self._clock, self._ids, Rules(), 3, self._telemetry, self.moved.add)
        await counting.receive(self._final)

    async def fold(self) -> None:
        for board in sorted(self.moved):
            await FoldJob(board, self._store, self._clock, self._ids, 3, self._telemetry).run(None)


def _writes(name: str, uids: list[str], now: int) -> list[Write]:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    head: dict[str, Any] = {"shards": 1, "host_id": "host", "expires_at": expires_at, "title": name}
    head |= {"result": {"seq": 1}, "options": documents.options_fields(Options())}
    made = documents.quiz_fields(quiz(), owner_id="host", visibility="public", version=1, updated_at=now)
    writes: list[Write] = [
        Put(documents.session_path(name), head),
        Put(documents.ranks_path(name), {"scores": b""}),
        Put(documents.quiz_path(name), made),
        Put(documents.class_path(name), {"zone": "Europe/Berlin"}),
    ]
    for n, uid in enumerate(uids):
        player = {"nickname": uid, "admitted": True, "removed": False, "score": n, "slot": slot_of(uid)}
        profile: Any = {**PROFILE, "nickname": uid}
        writes += [
            Put(documents.player_path(name, uid), player),
            Put(documents.person_path(uid), new_person(profile, now)),
            Put(documents.class_member_path(name, uid), {}),
        ]
    return writes
