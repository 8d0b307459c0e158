"""The queries of counting, folding, refilling and the search for late moves. The in-memory twin knows which indexes
exist, and the emulator answers as Firestore does."""

import asyncio
from collections import Counter
from itertools import count

import pytest

from devstack.stack import Stack
from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.clock import RandomIds
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.memory import MemoryStore
from quizcore.documents.leaderboard import MOVES, period_path
from quizcore.documents.person import new_person, person_path
from quizcore.documents.school_class import class_member_path, class_path
from quizcore.domain.leaderboard.person import Rules
from quizcore.ports import DocumentStore, Put, Write
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from tests.support import indexes
from tests.support import people_oracle as oracle
from tests.support.final_sessions import DAY_MS, Session
from tests.support.games import START
from tests.support.people_boards import differences, stored_people
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob
from workers.leaderboard.runner import LATE_INTERVALS, Leaderboards

ZONE = "Asia/Ho_Chi_Minh"
PEOPLE = 40
_years = count()  # each test has a year of its own, so that nobody else stands in its days, weeks and months


class Clock:
    def __init__(self) -> None:
        self.ms = START + 400 * DAY_MS * next(_years)

    def now_ms(self) -> int:
        return self.ms

    def behind_most_ms(self) -> int | None:
        return 0


@pytest.fixture(params=["memory", "firestore"], name="store")
def _store(request: pytest.FixtureRequest) -> DocumentStore:
    if request.param == "memory":
        return MemoryStore(indexes.check)
    stack: Stack = request.getfixturevalue("stack")
    return FirestoreStore(FirestoreClient(project=stack.project), Telemetry())


class Worker:
    """Counting and folding of one process, by hand."""

    def __init__(self, store: DocumentStore) -> None:
        self.store, self.clock, self.moved = store, Clock(), set[str]()
        name = RandomIds().secret_id()[:8]
        self.class_id, self.quiz_id = f"c{name}", f"q{name}"
        self.people = [f"{name}-p{n:02}" for n in range(PEOPLE)]
        self.rows_most = 100

    def register(self) -> None:
        """Everybody has a profile, and two of three are in the class."""
        writes: list[Write] = [Put(class_path(self.class_id), {"zone": ZONE})]
        for n, who in enumerate(self.people):
            profile = {"nickname": f"Name {n}", "avatar": "fox", "listed": n % 2 == 0, "language": "en"}
            writes.append(Put(person_path(who), new_person(profile, 0)))  # type: ignore[arg-type]
            writes += [Put(class_member_path(self.class_id, who), {})] if n % 3 else []
        self.store.commit(writes)

    def session(self, days_ago: int = 0) -> Session:
        games: dict[str, int | None] = {who: 10 * n // 3 for n, who in enumerate(self.people)}
        at = self.clock.ms - days_ago * DAY_MS
        return Session(RandomIds().secret_id(), at, self.quiz_id, self.class_id, 1, games)

    def count(self, session: Session) -> None:
        self.store.commit(session.writes(self.clock.ms))
        counting = Counting(self.store, self.clock, RandomIds(), Rules(), 3, Telemetry(), self.moved.add)
        asyncio.run(counting.receive(session.final()))

    def fold(self) -> None:
        for board in sorted(self.moved):
            asyncio.run(self._job(board).run(None))
        self.moved.clear()

    def _job(self, board: str) -> FoldJob:
        job = FoldJob(board, self.store, self.clock, RandomIds(), 3, Telemetry())
        job.rows_most = max(job.rows_most, self.rows_most) if board.startswith("class-") else self.rows_most
        return job

    def leaderboards(self) -> Leaderboards:
        settings = WorkerSettings(project="demo-x", firestore_emulator="x:1", pubsub_emulator="x:1")
        return Leaderboards(self.store, self.clock, settings, self._job)

    def wrong(self) -> list[str]:
        boards = {f"quiz-{self.quiz_id}", f"class-{self.class_id}"}
        people = stored_people(self.store, {self.class_id: ZONE})
        assert all(people[who].games for who in self.people)
        return differences(self.store, people, boards)


@pytest.fixture(name="worker")
def _worker(store: DocumentStore) -> Worker:
    worker = Worker(store)
    worker.register()
    return worker


def test_sessions_are_counted_and_folded_with_their_corrections(worker: Worker) -> None:
    first, late = worker.session(), worker.session(days_ago=60)
    worker.count(first)
    worker.count(late)
    worker.fold()
    assert worker.wrong() == []

    worker.count(first.corrected(worker.people[7], 999).corrected(worker.people[39], None))
    assert worker.wrong() != []
    worker.fold()
    assert worker.wrong() == []


def test_a_board_that_has_lost_its_rows_is_refilled_from_the_people_s_index(worker: Worker) -> None:
    worker.rows_most = 25  # a board shows 20
    session = worker.session()
    worker.count(session)
    worker.fold()
    for who in worker.people[-10:]:
        session = session.corrected(who, None)
    worker.count(session)
    worker.fold()

    (day,) = [period for period in oracle.periods(oracle.local_date(session.at, "UTC")) if period.startswith("day")]
    found = worker.store.get(period_path("global", day))
    assert found is not None
    left = sorted((points for points in session.games.values() if points is not None), reverse=True)
    assert [row["points"] for row in found.data["top"]] == left[:20]
    assert oracle.histogram(found.data["scores"]) == Counter(left)


def test_moves_that_wait_too_long_are_found(worker: Worker) -> None:
    worker.count(worker.session())
    leaderboards = worker.leaderboards()
    assert not leaderboards._left_behind() & worker.moved

    worker.clock.ms += LATE_INTERVALS * 2_000
    assert (
        leaderboards._left_behind() >= worker.moved == {"global", f"quiz-{worker.quiz_id}", f"class-{worker.class_id}"}
    )

    worker.fold()
    assert worker.store.list(MOVES, where=[("queue", "==", f"class-{worker.class_id}")]) == []
