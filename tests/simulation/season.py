"""One seed of a season: sessions become final in versions; people are counted, renamed and erased; boards follow.

The product's own counting and folding run in two processes on the simulated loop, store and network. The truth is what
the seed has decided; `people_oracle` says from it what the boards must show.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from quizcore import people
from quizcore.documents.leaderboard import BOARDS, MOVES
from quizcore.documents.person import months_path, new_person, person_path
from quizcore.documents.school_class import class_member_path, class_path
from quizcore.domain.leaderboard.contribution import class_of
from quizcore.domain.leaderboard.person import Display, Rules
from quizcore.ports import FinalSession, NotReceived, Put, Write
from quizcore.telemetry import Telemetry
from tests.simulation.faults import Fault, Faults, mixture
from tests.simulation.loop import NOBODY, Process, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.store import RemoteStore, SharedStore
from tests.simulation.worker import SETTINGS, SeededIds
from tests.support import people_oracle as oracle
from tests.support.final_sessions import DAY_MS, Session
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob
from workers.leaderboard.runner import Leaderboards

NOWS = [  # a year of 53 weeks, days of 23 and of 25 hours, and any day
    datetime(2027, 1, 3, 22, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 17, 1, tzinfo=UTC),
]
ZONES = {"early": "Asia/Ho_Chi_Minh", "middle": "Europe/Berlin"}
QUIZZES = ("easy", "hard")
CALM_AFTER_S = 60.0
REST_S = 900.0
RULES = Rules()
SOON_MS = 500
MANY = 10  # more than the people of a seed
AGES_MS = (0, 3_600_000, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 40 * DAY_MS, 90 * DAY_MS)


@dataclass
class Outcome:
    seed: int
    broken: str | None
    history: list[str]
    faults: Counter[Fault]
    counts: int
    folds: int


@dataclass
class Worker:
    process: Process
    counting: Counting
    leaderboards: Leaderboards
    store: RemoteStore


class Season:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.history: list[str] = []
        self.broken: str | None = None
        rng = self.rng = random.Random(f"{seed}/season")  # noqa: S311 (a seed, no secret)
        self.loop = SimulatedLoop()  # type: ignore[abstract] # what the worker uses of one is there
        self.start_ms = int(rng.choice(NOWS).timestamp() * 1_000)
        self.faults = Faults(random.Random(f"{seed}/faults"), mixture(rng), None, self.tell)  # noqa: S311
        self.network = Network(self.loop, random.Random(f"{seed}/net"), self.faults, self._kill, self._kill)  # noqa: S311
        self.shared = SharedStore()
        self.ids = SeededIds(random.Random(f"{seed}/ids"))  # noqa: S311
        self.people = {f"p{n}": oracle.Person(f"Name {n}", rng.random() < 0.5) for n in range(rng.randint(1, 7))}
        self.members = {c: {who for who in self.people if rng.random() < 0.7} for c in ZONES}
        self.rows_most, self.leaf_bytes = rng.choice((2, 3, 100)), rng.choice((6, 65_536))
        self.sessions: dict[str, Session] = {}
        self.open_work = 0
        self.workers: list[Worker] = []
        self.counts = self.folds = self.started = 0
        self.closed = False

    def now_ms(self) -> int:
        return self.start_ms + int(self.loop.time() * 1_000)

    def behind_most_ms(self) -> int | None:
        return 0

    def tell(self, line: str) -> None:
        self.history.append(f"{self.loop.time():9.3f}  {line}")

    def breaks(self, law: str) -> None:
        self.tell(f"BROKEN: {law}")
        self.broken = self.broken or law

    # --- what happens ------------------------------------------------------------------------------

    def play(self) -> Outcome:
        self._open()
        for _ in range(2):
            self._start()
        for name in [f"s{n}" for n in range(self.rng.randint(1, 6))]:
            self._later(self.rng.uniform(0, 40), self._first_version, name)
        for who in self.people:
            if self.rng.random() < 0.3:
                self._later(self.rng.uniform(0, 50), self._show_anew, who)
            if self.rng.random() < 0.15:
                self._later(self.rng.uniform(5, 50), self._erase, who)
        self.loop.call_later(CALM_AFTER_S, self._calm, context=NOBODY)
        self.loop.run(lambda: self.broken is not None, CALM_AFTER_S)
        rests = self.loop.run(self._quiet, REST_S)
        for error in self.loop.faults:
            self.breaks(f"a fault that nobody expected: {error!r}")
        if not rests and not self.broken:
            self.breaks(f"never at rest: {self.open_work} deliveries open, {len(self.shared.list(MOVES))} moves")
        if not self.broken:
            self._check_boards()
            self._check_a_replay()
        self.closed = True
        self.loop.close()
        return Outcome(self.seed, self.broken, self.history, self.faults.counts, self.counts, self.folds)

    def _open(self) -> None:
        writes: list[Write] = []
        for who, person in self.people.items():
            profile: Any = {"nickname": person.nickname, "avatar": "fox", "listed": person.listed, "language": "en"}
            writes.append(Put(person_path(who), new_person(profile, 0)))
        for class_id, zone in ZONES.items():
            writes.append(Put(class_path(class_id), {"zone": zone}))
            writes += [Put(class_member_path(class_id, who), {}) for who in self.members[class_id]]
        self.shared.commit(writes)

    def _first_version(self, name: str) -> None:
        rng = self.rng
        everybody = [*self.people, "guest"]
        players = rng.sample(everybody, rng.randint(1, len(everybody)))
        games: dict[str, int | None] = {who: rng.choice((0, 100, 100, 250, rng.randrange(1_000))) for who in players}
        at = self.now_ms() - rng.choice(AGES_MS) - rng.randrange(7_200_000)
        class_id = rng.choice((None, *ZONES))
        session = self.sessions[name] = Session(name, at, rng.choice(QUIZZES), class_id, rng.randint(1, 3), games)
        self._publish(session)
        for _ in range(rng.choice((0, 0, 1, 2))):
            self._later(rng.uniform(0.0, 15), self._next_version, session)

    def _next_version(self, session: Session) -> None:
        """A correction, a removal, or a change of nothing that concerns people."""
        who = self.rng.choice(sorted(session.games))
        what = self.rng.random()
        if what < 0.4:
            session.games[who] = None
        elif what < 0.8 and session.games[who] is not None:
            session.games[who] = self.rng.randrange(1_000)
        session.version += self.rng.randint(1, 2)
        self._publish(session)

    def _publish(self, session: Session) -> None:
        self.shared.commit(session.writes(self.now_ms()))
        self.tell(f"{session.name} is final: version {session.version}, {session.games}")
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self._deliver(session, session.version)

    def _deliver(self, session: Session, version: int) -> None:
        """At least once: until a process has received it."""
        self.open_work += 1
        self._later(self.rng.expovariate(1 / 2.0), self._hand, session, version)

    def _hand(self, session: Session, version: int) -> None:
        worker = self.rng.choice(self.workers)
        if not worker.process.alive or worker.process.paused:
            self._later(1.0, self._hand, session, version)
            return
        task = self.loop.create_task(self._receive(worker, session.final(version)), context=worker.process.context)
        self._watch(worker, task, session, version)

    def _watch(self, worker: Worker, task: "asyncio.Task[bool]", session: Session, version: int) -> None:
        if task.done() and task.exception() is None and task.result():
            self.open_work -= 1
        elif task.done() or not worker.process.alive:
            if task.done() and task.exception() is not None:
                self.breaks(f"a fault in counting: {task.exception()!r}")
            self._later(0.5, self._hand, session, version)
        else:
            self._later(0.5, self._watch, worker, task, session, version)

    async def _receive(self, worker: Worker, final: FinalSession) -> bool:
        try:
            await worker.counting.receive(final)
        except NotReceived as error:
            self.tell(f"{worker.process.name}: {error}")
            return False
        return True

    def _show_anew(self, who: str) -> None:
        person = self.people.get(who)
        if person is None:
            return
        person.nickname, person.listed = f"{person.nickname}!", not person.listed
        display = Display(person.nickname, "fox", person.listed)

        def shown(known: people.Known) -> people.Change:
            document = known.document.copy()
            document["nickname"], document["listed"] = display.nickname, display.listed
            return people.shown_as(known, display, document, self.now_ms(), RULES)

        self._as_the_api(who, shown)

    def _erase(self, who: str) -> None:
        """The player is removed from the sessions first, which makes new versions."""
        self.tell(f"{who} is erased")
        self.people.pop(who, None)
        for session in self.sessions.values():
            if session.games.get(who) is not None:
                session.games[who] = None
                session.version += 1
                self._publish(session)
        self._as_the_api(who, lambda known: people.erased(known, RULES))

    def _as_the_api(self, who: str, change: Any) -> None:
        """One request: it reads, and commits at once."""
        snapshot = self.shared.get(person_path(who))
        assert snapshot is not None
        known = people.known(self.shared, snapshot, self.now_ms(), whole=True)
        writes = people.writes_of([change(known)], self, self.ids)
        self.shared.commit(writes)
        self.committed(Process("api"), writes)

    # --- processes ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self.started += 1
        process = Process(f"worker {self.started}")
        store = RemoteStore(self.shared, process, self.network, self.committed, self.now_ms, lambda *_: None)
        settings = SETTINGS.model_copy(update={"leaderboard_interval_ms": SOON_MS})
        telemetry = Telemetry()
        leaderboards = Leaderboards(
            store,
            self,
            settings,
            lambda board: self._narrow(FoldJob(board, store, self, self.ids, settings.commit_attempts, telemetry)),
        )
        counting = Counting(store, self, self.ids, RULES, settings.commit_attempts, telemetry, leaderboards.moved)
        self.workers.append(Worker(process, counting, leaderboards, store))
        self.loop.create_task(leaderboards.run(), context=process.context)

    def _narrow(self, job: FoldJob) -> FoldJob:
        """Few rows and small leaves, so that rows fall off and tables are cut among a handful of people."""
        if class_of(job.board) is None:
            job.rows_most = self.rows_most
        job.leaf_bytes = self.leaf_bytes
        return job

    def _kill(self, process: Process) -> None:
        process.alive = False
        self.tell(f"{process.name} is killed")
        self.workers = [worker for worker in self.workers if worker.process is not process]
        if not self.closed:
            self._start()

    def _calm(self) -> None:
        self.faults.over = True

    def _later(self, seconds: float, call: Any, *args: Any) -> None:
        self.loop.call_later(seconds, call, *args, context=NOBODY)

    def _quiet(self) -> bool:
        if self.broken or self.loop.faults:
            return True
        return self.loop.time() > CALM_AFTER_S and not self.open_work and not self.shared.list(MOVES)

    # --- laws --------------------------------------------------------------------------------------

    def committed(self, process: Process, writes: Sequence[Write]) -> None:
        self.tell(f"{process.name} commits {', '.join(sorted(write.path for write in writes))}")
        folds = any(write.path.count("/") == 1 and write.path.startswith(BOARDS) for write in writes)
        self.folds += folds
        self.counts += not folds
        tables, moves, found = self._tables(), self._moves(), self._histograms()
        expected = {place: table for place, table in _sum(tables, moves).items() if table}
        if expected != found:
            self.breaks(f"tables and pending moves are not the people's totals: {_difference(expected, found)}")

    def _tables(self) -> dict[oracle.Place, dict[int, int]]:
        found = {}
        for board in self._boards():
            for period in self.shared.list(f"{BOARDS}/{board}/periods"):
                leaves = self.shared.list(f"{period.path}/leaves") if period.data["leaves"] else []
                parts = [leaf.data["scores"] for leaf in leaves] or [period.data["scores"]]
                found[board, period.name] = {k: v for part in parts for k, v in oracle.histogram(part).items()}
        return found

    def _moves(self) -> list[tuple[str, str, int | None, int | None]]:
        return [
            (moves.data["queue"], *step)
            for moves in self.shared.list(MOVES)
            for step in oracle.steps(moves.data["moves"])
        ]

    def _histograms(self) -> dict[oracle.Place, dict[int, int]]:
        found: dict[oracle.Place, Counter[int]] = {}
        for person in self.shared.list("people"):
            months = [month.data for month in self.shared.list(months_path(person.name))]
            for place, (points, _) in oracle.totals(oracle.games_of(person.data, months, ZONES)).items():
                found.setdefault(place, Counter())[points] += 1
        return {place: dict(table) for place, table in found.items()}

    def _boards(self) -> list[str]:
        return [board.name for board in self.shared.list(BOARDS)]

    def _check_boards(self) -> None:
        """At the end: what was counted is the truth, and every board shows it."""
        for who, person in self.people.items():
            person.games = {
                session.name: oracle.Game(session.name, session.at, session.quiz, points, *self._class(session, who))
                for session in self.sessions.values()
                if (points := session.games.get(who)) is not None
            }
        expected = oracle.boards(self.people)
        for place, table in self._tables().items():
            rows = expected.pop(place, [])
            if table != dict(Counter(of[0] for _, of in rows)):
                self.breaks(f"{place} has the table {table}, not that of {rows}")
            self._check_rows(place, rows)
        if expected:
            self.breaks(f"boards that are missing: {sorted(expected)}")

    def _class(self, session: Session, who: str) -> tuple[Any, ...]:
        if session.class_id is None or who not in self.members[session.class_id]:
            return ()
        return session.class_id, ZONES[session.class_id]

    def _check_rows(self, place: oracle.Place, rows: list[tuple[str, oracle.Total]]) -> None:
        board, period = place
        document = self.shared.look(f"{BOARDS}/{board}/periods/{period}")
        top = document["top"]
        named = board.startswith("class-")
        for shown, (who, (points, at)) in zip(top, rows, strict=False):
            person = self.people[who]
            name = person.nickname if named or person.listed else ""
            wanted = (oracle.rank(rows, points), who if name else "", name, points, at)
            found = tuple(shown[key] for key in ("rank", "who", "nickname", "points", "reached_at"))
            if found != wanted:
                self.breaks(f"{place} shows {found}, not {wanted}")
        # A person who fell off a board of few rows returns to the global board, where the people have an index.
        whole = named or self.rows_most > MANY or place == ("global", "all")
        least = min(20, 20 if named else self.rows_most, len(rows)) if whole else 0
        if not least <= len(top) <= len(rows) or document["people"] != len(rows):
            self.breaks(f"{place} shows {len(top)} rows of {document['people']}; there are {len(rows)}")
        if named:
            pages = [self.shared.look(f"{BOARDS}/{board}/pages/{period}-{n}") for n in range(document["pages"])]
            if [row["who"] for page in pages for row in page["rows"]] != [who for who, _ in rows]:
                self.breaks(f"the pages of {place} are not {rows}")

    def _check_a_replay(self) -> None:
        """Everything is received once more, and nothing is written."""
        before = self.counts + self.folds
        for session in self.sessions.values():
            self._deliver(session, session.version)
        self.loop.run(self._quiet, self.loop.time() + REST_S)
        if self.open_work or self.counts + self.folds != before:
            self.breaks(f"a replay wrote {self.counts + self.folds - before} commits")


def run(seed: int) -> Outcome:
    random.seed(seed)  # the back-off
    return Season(seed).play()


def _sum(tables: dict[oracle.Place, dict[int, int]], moves: list[Any]) -> dict[oracle.Place, dict[int, int]]:
    found = {place: Counter(table) for place, table in tables.items()}
    for board, period, before, after in moves:
        table = found.setdefault((board, period), Counter())
        if before is not None:
            table[before] -= 1
        if after is not None:
            table[after] += 1
    return {place: {points: n for points, n in table.items() if n} for place, table in found.items()}


def _difference(expected: dict[Any, Any], found: dict[Any, Any]) -> str:
    keys = sorted({*expected, *found})
    return "; ".join(f"{k}: {expected.get(k)} / {found.get(k)}" for k in keys if expected.get(k) != found.get(k))[:600]
