"""Sessions that become final, are corrected, lose players and people; and whether anything was lost or doubled."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devstack.stack import Stack
from quizcore import people
from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents.leaderboard import BOARDS, MOVES
from quizcore.documents.person import PEOPLE, months_path, new_person, person_path
from quizcore.documents.school_class import class_member_path, class_path
from quizcore.domain.leaderboard.person import Rules
from quizcore.ports import Conflict, FinalSession, Put, Write
from quizcore.telemetry import Telemetry
from tests.recount.points import POINTS, Point
from tests.recount.pool import Pool, shuffled
from tests.recount.watch import Watch
from tests.support import people_oracle as oracle
from tests.support.final_sessions import DAY_MS, Session
from tests.support.people_boards import differences, stored_people

ZONES = {"early": "Asia/Ho_Chi_Minh", "middle": "Europe/Berlin"}
QUIZZES = [f"words-{n}" for n in range(8)]
AGES_MS = (0, 0, 0, 3_600_000, DAY_MS, 3 * DAY_MS, 10 * DAY_MS, 60 * DAY_MS)
REST_S = 600.0
LATE_S = 8.0  # the second and third delivery of a version come within so many seconds
TRIES = 20
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`over_s`: how long sessions become final. With `kills` a worker is killed at each point."""

    sessions: int = 200
    players: int = 30
    people: int = 400
    deliveries: int = 3
    corrections: int = 300
    removals: int = 20
    erasures: int = 5
    over_s: float = 150.0
    kills: bool = True


@dataclass
class Report:
    plan: Plan
    killed: list[Point] = field(default_factory=list)
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong_boards: list[str] = field(default_factory=list)
    replay_writes: int = 0
    took_s: list[float] = field(default_factory=list)
    counted_s: list[float] = field(default_factory=list)
    results: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong_boards or self.replay_writes)


class Play:
    def __init__(self, stack: Stack, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.rng = random.Random(seed)  # noqa: S311 (a seed, no secret)
        self.store = FirestoreStore(FirestoreClient(project=stack.project), Telemetry())
        self.clock, self.ids = SystemClock(), RandomIds()
        self.watch = Watch(self.store)
        points = shuffled(POINTS, self.rng) if plan.kills else []
        self.pool = Pool(stack, self.rng, points, max(1, plan.sessions // 10), self.watch.received)
        self.sessions: dict[str, Session] = {}
        self._written: list[Session] = []
        self.people = {f"p{n:03}": oracle.Person(f"Name {n}", n % 2 == 0) for n in range(plan.people)}
        self.members = {c: {who for who in self.people if self.rng.random() < 0.5} for c in ZONES}

    async def play(self, say: Say) -> Report:
        await asyncio.to_thread(self._settle)
        watching = asyncio.create_task(self.watch.run())
        self.pool.start()
        try:
            await self._happen()
            say("all has happened; waiting for rest ...")
            await self._rest()
            report = Report(self.plan, list(self.pool.killed), self.pool.refused, took_s=self.watch.took_s)
            report.counted_s = self.watch.counted_s
            await asyncio.to_thread(self._judge, report)
            say("once more everything, of which nothing may be written ...")
            report.replay_writes = await self._replay()
        finally:
            watching.cancel()
            await self.pool.stop()
        return report

    def _settle(self) -> None:
        writes: list[Write] = []
        for who, person in self.people.items():
            profile: Any = {"nickname": person.nickname, "avatar": "fox", "listed": person.listed, "language": "en"}
            writes.append(Put(person_path(who), new_person(profile, 0)))
        for class_id, zone in ZONES.items():
            writes.append(Put(class_path(class_id), {"zone": zone}))
            writes += [Put(class_member_path(class_id, who), {}) for who in self.members[class_id]]
        self.store.commit(writes)

    async def _happen(self) -> None:
        began = time.monotonic()
        for moment, act, args in sorted(self._deck(), key=lambda one: one[0]):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            await asyncio.to_thread(act, *args)
            self.pool.check()
            for session in self._written:
                self._tell(session)
            self._written.clear()

    def _deck(self) -> list[tuple[float, Callable[..., None], tuple[Any, ...]]]:
        plan, rng = self.plan, self.rng
        finals = {f"s{n:03}": rng.uniform(0, plan.over_s) for n in range(plan.sessions)}
        deck: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = [
            (moment, self._end, (name,)) for name, moment in finals.items()
        ]
        for what, times in ((self._correct, plan.corrections), (self._remove, plan.removals)):
            names = rng.choices(list(finals), k=times)
            deck += [(finals[name] + rng.uniform(0.1, plan.over_s / 3), what, (name,)) for name in names]
        erased = rng.sample(sorted(self.people), plan.erasures)
        deck += [(rng.uniform(plan.over_s / 3, 1.2 * plan.over_s), self._erase, (who,)) for who in erased]
        return deck

    # --- what happens ----------------------------------------------------------------------------------

    def _end(self, name: str) -> None:
        rng = self.rng
        everybody = [*self.people, *(f"guest-{n}" for n in range(self.plan.people // 10))]
        players = rng.sample(everybody, self.plan.players)
        games: dict[str, int | None] = {who: rng.choice((0, 500, 1_000, rng.randrange(3_000))) for who in players}
        at = self.clock.now_ms() - rng.choice(AGES_MS)
        self._write(Session(name, at, rng.choice(QUIZZES), rng.choice((None, *ZONES)), 1, games))

    def _correct(self, name: str) -> None:
        session = self.sessions[name]
        playing = [who for who, points in session.games.items() if points is not None]
        self._write(session.corrected(self.rng.choice(playing), self.rng.randrange(3_000)))

    def _remove(self, name: str) -> None:
        session = self.sessions[name]
        playing = [who for who, points in session.games.items() if points is not None]
        self._write(session.corrected(self.rng.choice(playing), None))

    def _erase(self, who: str) -> None:
        """As the API does: out of the sessions, then everything that the product keeps of the person."""
        del self.people[who]
        for session in list(self.sessions.values()):
            if session.games.get(who) is not None:
                self._write(session.corrected(who, None))
        for _ in range(TRIES):
            snapshot = self.store.get(person_path(who))
            assert snapshot is not None
            known = people.known(self.store, snapshot, self.clock.now_ms(), whole=True)
            try:
                self.store.commit(people.writes_of([people.erased(known, Rules())], self.clock, self.ids))
            except Conflict:
                continue
            return
        raise AssertionError(f"{who} could not be erased")

    def _write(self, session: Session) -> None:
        self.store.commit(session.writes(self.clock.now_ms()))
        self.sessions[session.name] = session
        self._written.append(session)
        self.watch.final(session.name, session.version)

    def _tell(self, session: Session) -> None:
        """Deliver this version several times, the later ones in any order among others."""
        self.pool.deliver(session.final())
        for _ in range(self.plan.deliveries - 1):
            self.pool.open += 1
            self._later(self.rng.uniform(0, LATE_S), session.final())

    def _later(self, seconds: float, final: FinalSession) -> None:
        asyncio.get_running_loop().call_later(seconds, self.pool.waiting.put_nowait, final)

    # --- the end -----------------------------------------------------------------------------------------

    async def _rest(self) -> None:
        ends_at = time.monotonic() + REST_S
        while self.pool.open or await asyncio.to_thread(self._moves):
            self.pool.check()
            assert time.monotonic() < ends_at, f"no rest: {self.pool.open} deliveries open"
            await asyncio.sleep(0.5)

    def _moves(self) -> int:
        return len(self.store.list(MOVES))

    def _judge(self, report: Report) -> None:
        for session in self.sessions.values():
            for who, points in session.games.items():
                if points is not None and who in self.people:
                    in_class = session.class_id is not None and who in self.members[session.class_id]
                    of_class = (session.class_id, ZONES[session.class_id or ""]) if in_class else ()
                    game = oracle.Game(session.name, session.at, session.quiz, points, *of_class)
                    self.people[who].games[session.name] = game
        stored = stored_people(self.store, ZONES)
        truth, found = _results(self.people), _results(stored)
        report.results = len(truth)
        report.lost = [f"{one}" for one in sorted(truth - found, key=str)]
        report.doubled = [f"{one}" for one in sorted(found - truth, key=str)]
        report.wrong_boards = differences(self.store, self.people)
        if stored.keys() != self.people.keys():
            report.wrong_boards.append(f"people: {sorted(stored.keys() ^ self.people.keys())}")

    async def _replay(self) -> int:
        """How many documents of people and boards change when every session comes once more."""
        before = await asyncio.to_thread(self._versions)
        for session in self.sessions.values():
            self.pool.deliver(session.final())
        await self._rest()
        after = await asyncio.to_thread(self._versions)
        return sum(before.get(path) != after.get(path) for path in before.keys() | after.keys())

    def _versions(self) -> dict[str, str]:
        found = [*self.store.list(PEOPLE), *self.store.list(BOARDS), *self.store.list(MOVES)]
        for person in self.store.list(PEOPLE):
            found += self.store.list(months_path(person.name))
        for board in self.store.list(BOARDS):
            found += self.store.list(f"{board.path}/periods")
        return {snapshot.path: str(snapshot.version) for snapshot in found}


def _results(found: dict[str, oracle.Person]) -> set[tuple[str, oracle.Game]]:
    return {(who, game) for who, person in found.items() for game in person.games.values()}
