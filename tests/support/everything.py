"""Games in which everything happens that the product knows of people, and everything that was written meanwhile."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryStore
from quizcore.documents.leaderboard import MOVES
from quizcore.messages import AnswerSubmitted
from quizcore.ports import Caller, Write
from tests.support import indexes
from tests.support.eventually import until
from tests.support.people import ANN_UID, BEN_UID, guest, person
from tests.support.world import HOST, QUIZ_ID, Person, Running, World, spread

GROUP_SHARDS = 2
DAY_MS = 24 * 60 * 60_000
KEEPER_UID = "keeper-uid"
STEP_MS = 50

# Texts that stand for a person: where one of them stands, the field concerns a person.
ANN, BEN, KEEPER, RENAMED, REMOVED = "Annabel Q", "Bendix Q", "Keeper Q", "Renamed Q", "Removed Q"
NAMES = (ANN, BEN, KEEPER, RENAMED, REMOVED)
TYPED = "zebrafinch"


@dataclass(frozen=True, slots=True)
class Written:
    """A state of a document, and when it was written (ms since the epoch)."""

    path: str
    data: Mapping[str, Any]
    at: int


class RecordingStore(MemoryStore):
    """Keeps every state of every document."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(indexes.check)
        self._clock = clock
        self.written: list[Written] = []

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        versions = super().commit(writes)
        now = self._clock.now_ms()
        self.written += [Written(path, found.data, now) for path, found in self.get_many(list(versions)).items()]
        return versions


@dataclass(slots=True)
class Everything:
    """`people` are the uids and player ids of everybody but the host."""

    world: World
    store: RecordingStore
    host: Person
    people: set[str] = field(default_factory=set)
    seats: list[tuple[Person, str]] = field(default_factory=list)  # of the guests whose games a person keeps

    @classmethod
    def new(cls) -> "Everything":
        world = World()
        store = RecordingStore(world.clock)
        world.store = store
        world.add_quiz(visibility="public")
        world.identity.callers[HOST] = Caller("host-1", "host")
        return cls(world, store, Person(world.client(session_cache_ms=0, group_shards=GROUP_SHARDS), HOST))

    def key(self) -> str:
        return self.world.ids.event_id()

    def ok(self, response: TestResponse) -> dict[str, Any]:
        assert response.status_code < 300, response.json
        return dict(response.json or {})

    async def play(self) -> None:
        """A class plays a session of one shard, and a crowd one of many; then a person leaves."""
        worker = Running(self.world)
        ann = person(self.world, self.host, nickname=ANN, listed=True)
        ben = person(self.world, self.host, BEN_UID, nickname=BEN)
        keeper = person(self.world, self.host, KEEPER_UID, nickname=KEEPER)
        self.people |= {ANN_UID, BEN_UID, KEEPER_UID}
        made = self.ok(self.host.post("/classes", {"title": "7b", "zone": "Europe/Berlin"}, self.key()))
        for one in (ann, ben):
            self.ok(one.post("/classes/join", {"code": made["code"]}, self.key()))
        await self._session(ann, ben, {"class_id": made["class_id"]}, approval=True, late_join=True)
        await self._session(ann, ben, {"expected_players": 10_000}, reveal="on_answer")
        for seat, s in self.seats:
            kept = {"session_id": s, "guest_token": seat.token}
            self.ok(await asyncio.to_thread(keeper.post, "/me/kept", kept, self.key()))
        await self.in_time(lambda: not self.store.list(MOVES), "every move is folded")
        self.ok(ann.get(f"/boards/class-{made['class_id']}/range?from=2023-11-01&to=2023-11-30"))
        self.world.clock.advance(50 * DAY_MS)
        session = self.ok(self.host.post("/sessions", {"quiz_id": QUIZ_ID}, self.key()))
        for one, name in ((ann, ANN), (ben, BEN)):
            self.ok(one.post("/join", {"pin": session["pin"], "nickname": name}, self.key()))
        await self._question(session["session_id"], 0, [ann])
        self.command(session["session_id"], command="finish")
        await self.in_time(lambda: self._handed_on(session["session_id"]), "the late session is handed on")
        self.ok(await asyncio.to_thread(ben.delete, "/me"))
        await self.in_time(lambda: not self.naming(BEN_UID, BEN), "nothing names who has left")
        await worker.stop()

    async def _session(self, ann: Person, ben: Person, more: dict[str, Any], **options: Any) -> None:
        body = {"quiz_id": QUIZ_ID, "options": options, **more}
        session = self.ok(self.host.post("/sessions", body, self.key()))
        s = session["session_id"]
        for one, name in ((ann, ANN), (ben, BEN)):
            self.ok(one.post("/join", {"pin": session["pin"], "nickname": name}, self.key()))
        seats = {name: guest(self.host, session, name) for name in (KEEPER, "Before", REMOVED)}
        ids = {name: player_id for name, (_, player_id) in seats.items()}
        self.seats.append((seats[KEEPER][0], s))
        self.people |= set(ids.values())
        await self.in_time(lambda: self._known(s) >= {ANN_UID, BEN_UID, *ids.values()}, "everybody is known")
        for player_id in (ANN_UID, BEN_UID, *ids.values()) if options.get("approval") else ():
            self.command(s, command="admit", player_id=player_id)
        self.command(s, command="rename", player_id=ids["Before"], nickname=RENAMED)
        self.command(s, command="lock")
        self.command(s, command="unlock")
        self.command(s, command="expect", players=6_000)
        await self.in_time(lambda: self.world.board(s)["player_count"] == 5, "everybody is on the board")
        players = [ann, ben, *(one for one, _ in seats.values())]
        for index in range(3):
            await self._question(s, index, players[:-1])
            if index == 1:
                self.command(s, command="remove", player_id=ids[REMOVED])
            await self.in_time(lambda: self.world.session(s)["state"] == "closed", "the reveal")
        await self._late_answers(s, ids[KEEPER])
        self.command(s, command="finish")
        await self.in_time(lambda: self._handed_on(s), "the session is handed on")
        code = self.ok(seats[KEEPER][0].post(f"/sessions/{s}/return-code", {}, self.key()))["code"]
        self.ok(Person(self.host.client).post("/return", {"code": code}, self.key()))
        self.ok(ann.get("/me"))
        self.ok(self.host.get(f"/sessions/{s}/report?format=csv"))

    async def _question(self, s: str, index: int, players: Sequence[Person]) -> None:
        self.command(s, command="next", question_index=index)
        await self.in_time(lambda: self.world.session(s)["question_index"] == index, "the question")
        await self.in_time(lambda: self.world.clock.ms >= self.world.session(s)["opened_at"], "the choices")
        for one in players:
            self._answer(one, s, index)

    async def _late_answers(self, s: str, player_id: str) -> None:
        for answer in ({"choices": (0,)}, {"text": TYPED}):
            fields = {"player_id": player_id, "question_index": 0, **answer}
            late = self.world.message(AnswerSubmitted, s, self.world.clock.ms, **fields)
            self.world.bus.publish(spread([late], self.world.session(s)["shards"]))
        await self.in_time(lambda: len(self.world.sheet(s, player_id)["refused"]) == 2, "late answers are refused")

    def _answer(self, one: Person, s: str, index: int) -> None:
        given: dict[str, Any] = {"text": TYPED} if index == 2 else {"choices": [1]}
        self.ok(one.post(f"/sessions/{s}/answers", {"question_index": index, **given}, self.key()))

    def command(self, s: str, **body: Any) -> None:
        self.ok(self.host.post(f"/sessions/{s}/commands", body, self.key()))

    def _known(self, s: str) -> set[str]:
        return {found.name for found in self.store.list(documents.players_path(s))}

    def _handed_on(self, s: str) -> bool:
        session = self.world.session(s)
        return bool(self.world.board(s)["final"] and session["handed_seq"] == self.world.board(s)["seq"])

    def naming(self, *names: str) -> list[str]:
        """The documents in which one of these names stands now."""
        kept = self.store._documents.items()
        return [path for path, found in kept if any(name in path or name in str(found.data) for name in names)]

    async def in_time(self, true: Callable[[], object], what: str) -> None:
        def look() -> object:
            self.world.clock.advance(STEP_MS)
            return true()

        await until(look, what)
