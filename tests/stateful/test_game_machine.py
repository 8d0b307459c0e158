"""Any order of what people do, with time passing and workers dying, over the in-memory twins: API and worker together.

The simulator (tests/simulation) knows every await of the worker and nothing of the API; this one has the real API.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from quizcore import documents
from quizcore.domain.session import PUBLISH_BOUND_MS, Game, Options, Reveal
from quizcore.domain.sheet import REFUSALS_KEPT
from quizcore.loading import shard_count
from quizcore.messages import AnswerSubmitted, QuestionClosed, QuestionOpened, decode
from quizcore.ports import FinalSession, OutcomeUnknown, Replace, Write
from quizcore.shards import PLAYERS_A_SHARD, shard_of
from quizcore.usecases.repeats import Asked
from tests.simulation.laws import Laws
from tests.support import games
from tests.support.stepping import Body, Process
from tests.support.world import HOST, QUIZ_ID, Person, World
from workers.fenced_job import FencedJob

TOP_K = 3
FIND = (Phase.generate,)  # the shortest history is not wanted here
QUESTIONS = (games.SINGLE, games.SINGLE, games.SINGLE)


class GameMachine(RuleBasedStateMachine):
    people = Bundle("people")
    requests = Bundle("requests")
    orders = Bundle("orders")

    @initialize(
        reveal=st.sampled_from(Reveal),
        shards=st.integers(1, 3),
        auto=st.booleans(),
        streak=st.booleans(),
        approval=st.booleans(),
    )
    def open_session(self, reveal: Reveal, shards: int, auto: bool, streak: bool, approval: bool) -> None:
        self.world = World()
        self.world.add_quiz(games.quiz(*QUESTIONS))
        self.client = self.world.client(session_cache_ms=1_000)
        self.host = Person(self.client, HOST)
        # Two instances of the API, which share the store and the bus; either may get a retry.
        self.instances = [self.client, self.world.client(session_cache_ms=1_000)]
        self.told: dict[str, dict[str, Any]] = {}  # of each accepted order, by its key
        self.ordered: dict[str, dict[str, Any]] = {}
        options: dict[str, Any] = {"reveal": reveal, "auto_advance": auto, "streak_bonus": streak, "approval": approval}
        body = {"quiz_id": QUIZ_ID, "options": options, "expected_players": shards * PLAYERS_A_SHARD}
        self.session = self.host.post("/sessions", body).json or {}
        self.session_id: str = self.session["session_id"]
        self.accepted: dict[str, tuple[Any, ...]] = {}
        self.joined = 0
        self.sent: list[Body] = []
        self.workers = [self._process() for _ in range(2)]
        game = Game(games.quiz(*QUESTIONS), Options(**options))
        self.laws = Laws(
            self.world.store,
            self.session_id,
            game,
            self.world.bus.published,
            [],
            self.world.clock.now_ms,
            lambda _: None,
            TOP_K,
        )

    @rule(target=people)
    def join(self) -> Any:
        self.joined += 1
        body = {"pin": self.session["pin"], "nickname": f"Player {self.joined}"}
        joined = Person(self.client).post("/join", body)
        assert joined.status_code in {201, 404, 409}, joined.json
        return (
            multiple()
            if joined.json is None or joined.status_code != 201
            else Person(self.client, joined.json["token"])
        )

    @rule(target=requests, person=people, index=st.integers(0, 3), choice=st.integers(0, 3), key=st.uuids(version=4))
    def answer(self, person: Person, index: int, choice: int, key: Any) -> Any:
        request = (person, {"question_index": index, "choices": [choice]}, str(key))
        self._send(*request)
        return request

    @rule(request=requests, instance=st.integers(0, 1))
    def repeat(self, request: Any, instance: int) -> None:
        """A retried request, maybe much later and elsewhere; it never makes a second answer."""
        person, body, key = request
        self._send(Person(self.instances[instance], person.token), body, key)

    @rule(person=people, request=requests, choice=st.integers(0, 3))
    def from_another_device(self, person: Person, request: Any, choice: int) -> None:
        self._send(request[0], request[1] | {"choices": [choice]}, None)

    @rule(person=people, index=st.integers(0, 3), count=st.integers(REFUSALS_KEPT, REFUSALS_KEPT + 10))
    def through_many_instances(self, person: Person, index: int, count: int) -> None:
        """Instances that have not heard of each other, nor of the answer that counts: more than a document refuses."""
        player_id = str(person.token).removeprefix("token-")
        world, shard = self.world, shard_of(player_id, shard_count(self.world.store, self.session_id))
        for number in range(count):
            answer = AnswerSubmitted(
                event_id=world.ids.event_id(),
                session_id=self.session_id,
                shard=shard,
                at=world.clock.now_ms() + number,
                player_id=player_id,
                question_index=index,
                choices=(number % 4,),
            )
            world.bus.publish([answer])

    def _send(self, person: Person, body: dict[str, Any], key: str | None) -> None:
        response = person.post(f"/sessions/{self.session_id}/answers", body, key)
        assert response.status_code in {202, 403, 404, 409}, response.json
        if response.status_code == 202:
            told = response.json or {}
            said = (person.token, body["question_index"], tuple(body["choices"]))
            assert self.accepted.setdefault(told["receipt"], said) == said, "one receipt, one answer"

    @rule(
        target=orders,
        command=st.sampled_from(["next", "next", "next", "close", "finish", "lock", "unlock"]),
        named=st.none() | st.integers(0, 2),
        key=st.uuids(version=4),
        up=st.sampled_from([True, True, True, False]),
    )
    def command(self, command: str, named: int | None, key: Any, up: bool) -> Any:
        body: dict[str, Any] = {"command": command}
        body |= {"question_index": named} if named is not None and command in {"next", "close"} else {}
        return self._order(str(key), body, 0, up)

    @rule(order=orders, instance=st.integers(0, 1), up=st.sampled_from([True, True, True, False]))
    def repeat_an_order(self, order: Any, instance: int, up: bool) -> None:
        """Whenever and wherever: it is the first one again, or was refused then and is judged now."""
        key, body = order
        self._order(key, body, instance, up)

    @rule(order=orders, instance=st.integers(0, 1))
    def use_a_key_again(self, order: Any, instance: int) -> None:
        key, body = order
        if key in self.told:
            other = {"command": "unlock" if body["command"] == "lock" else "lock"}
            response = self._post(key, other, instance)
            assert (response.status_code, (response.json or {}).get("code")) == (409, "key_reused")

    @rule(order=orders, key=st.uuids(version=4), instance=st.integers(0, 1))
    def an_order_comes_back_after_a_newer_one(self, order: Any, key: Any, instance: int) -> None:
        old_key, body = order
        other = {"lock": {"command": "unlock"}, "unlock": {"command": "lock"}, "rename": body | {"nickname": "Newer"}}
        if body["command"] in other:
            self.world.clock.advance(1)
            self._order(str(key), other[body["command"]], 0, up=True)
            self.world.clock.advance(1)
            self._order(old_key, body, instance, up=True)

    def _order(self, key: str, body: dict[str, Any], instance: int, up: bool) -> tuple[str, dict[str, Any]]:
        self.world.bus.up = up
        response = self._post(key, body, instance)
        self.world.bus.up = True
        assert response.status_code in ({202, 409} if up else {202, 409, 503}), response.json
        if response.status_code == 202:
            told = response.json or {}
            assert self.told.setdefault(key, told) == told, "one key, one answer"
            self.ordered[key] = body
        elif key in self.told:
            assert response.status_code == 503, "what was accepted is not refused afterwards"
        return key, body

    def _post(self, key: str, body: dict[str, Any], instance: int) -> Any:
        return Person(self.instances[instance], HOST).post(f"/sessions/{self.session_id}/commands", body, key)

    @precondition(lambda self: self._players())
    @rule(
        target=orders,
        which=st.integers(0, 9),
        command=st.sampled_from(["admit", "admit", "rename", "remove"]),
        n=st.integers(1, 5),
        key=st.uuids(version=4),
    )
    def one_player(self, which: int, command: str, n: int, key: Any) -> Any:
        """The host's commands about a player whom the documents know."""
        known = self._players()
        body = {"command": command, "player_id": known[which % len(known)].name}
        body |= {"nickname": f"Number {n}"} if command == "rename" else {}
        return self._order(str(key), body, 0, up=True)

    @rule(players=st.integers(1, 4 * PLAYERS_A_SHARD))
    def expect(self, players: int) -> None:
        body = {"command": "expect", "players": players}
        assert self.host.post(f"/sessions/{self.session_id}/commands", body).status_code in {202, 409}

    @rule(ms=st.sampled_from([50, 1_000, 3_001, 20_000, 26_000]))
    def time_passes(self, ms: int) -> None:
        self.world.clock.advance(ms)

    @rule(worker=st.integers(0, 1), most=st.integers(1, 10), again=st.booleans())
    def deliver(self, worker: int, most: int, again: bool) -> None:
        """The next messages of one key, in order; maybe once more afterwards."""
        waiting = self.world.bus.waiting
        if not waiting:
            return
        number = decode(waiting[0][0]).shard
        batch = [one for one in waiting if decode(one[0]).shard == number][:most]
        assert self._work(worker, batch) == batch, "what documents hold is acknowledged"
        for one in batch:
            waiting.remove(one)
        self.sent += batch
        if again:
            self._work(1 - worker, batch)

    @precondition(lambda self: self.sent)
    @rule(worker=st.integers(0, 1), data=st.data())
    def deliver_something_old(self, worker: int, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.sent), label="old")
        self._work(worker, [one])

    @precondition(lambda self: self.world.bus.waiting)
    @rule(worker=st.integers(0, 1), made=st.booleans())
    def die_at_the_commit(self, worker: int, made: bool) -> None:
        """Before or after it is made. What was not acknowledged stays on the bus; the memory is gone."""
        one = self.world.bus.waiting[0]
        commit = type(self.world.store).commit

        def deadly(store: Any, writes: Any) -> Any:
            if made:
                commit(store, writes)
            raise OutcomeUnknown("the process is gone")

        with patch.object(type(self.world.store), "commit", deadly):
            acknowledged = self._work(worker, [one])
        for done in acknowledged:
            self.world.bus.waiting.remove(done)
        self.sent += acknowledged
        self.workers[worker] = self._process()

    @rule(worker=st.integers(0, 1), number=st.integers(0, 3), overdue=st.booleans())
    def look_at_the_clock(self, worker: int, number: int, overdue: bool) -> None:
        number %= shard_count(self.world.store, self.session_id)
        if overdue:
            self.workers[worker].look_again(number)
        asyncio.run(self.workers[worker].look(number))

    def _work(self, worker: int, batch: list[Body]) -> list[Body]:
        with patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
            return asyncio.run(self.workers[worker].take(batch))

    def _process(self) -> Process:
        return Process(self.world, self.session_id, [self], top_k=TOP_K, commit_attempts=2)

    async def receive(self, final: FinalSession) -> None:
        """The machine gets the final sessions of its workers."""
        self.laws.hand_on.committed()
        self.laws.handed_on(final)

    @invariant()
    def the_laws_hold(self) -> None:
        if not hasattr(self, "laws"):
            return
        for shard in range(shard_count(self.world.store, self.session_id)):
            self.laws._check(self.laws._one_commit(shard))
        self.laws._check(self.laws._no_early_key(self.world.clock.now_ms()))
        assert self.laws.broken is None, self.laws.broken

    def teardown(self) -> None:
        """At the end every accepted answer is counted or refused, and all documents equal the fold."""
        if not hasattr(self, "laws"):
            return
        self._post("018f6b1e-0000-7000-8000-0000000000ff", {"command": "finish"}, 0)
        for _ in range(6):
            while self.world.bus.waiting:
                self.deliver(0, 1_000, again=False)
            self.world.clock.advance(25_000 + PUBLISH_BOUND_MS)
            for shard in range(shard_count(self.world.store, self.session_id)):
                self.look_at_the_clock(0, shard, overdue=True)
        self.laws.settled()
        self.laws.received()
        assert self.laws.broken is None, self.laws.broken
        answers = [m for m in self.world.bus.published if isinstance(m, AnswerSubmitted)]
        assert self.accepted.keys() <= {m.event_id for m in answers}
        kept = {receipt for player in self._players() for receipt in self.laws._receipts(player.name, player.data)}
        kept |= {m.event_id for m in answers if self.laws._crowded(m.player_id)}
        assert self.accepted.keys() <= kept
        self._orders_count_once()

    def _orders_count_once(self) -> None:
        """A key is one opening or closing; of lockings and names the latest counts, however late another comes back."""
        for kind in (QuestionOpened, QuestionClosed):
            meant = {(m.event_id, m.question_index) for m in self.world.bus.published if isinstance(m, kind)}
            assert len({event_id for event_id, _ in meant}) == len(meant)
        latest = {"lock": (0, "", False)} | {player.name: (0, "", "") for player in self._players()}
        for key, body in self.ordered.items():
            at = self.told[key]["received_at"]
            if body["command"] in {"lock", "unlock"}:
                latest["lock"] = max(latest["lock"], (at, key, body["command"] == "lock"))
            elif body["command"] == "rename":
                latest[body["player_id"]] = max(latest[body["player_id"]], (at, key, body["nickname"]))
        session = self.world.store.get(documents.session_path(self.session_id))
        assert session is not None
        assert session.data["locked"] == latest.pop("lock")[2]
        for player in self._players():
            assert ((player.data["renamed"] or {}).get("nickname") or "") == latest[player.name][2]

    def _players(self) -> Any:
        return self.world.store.list(documents.players_path(self.session_id))


MANY = settings(
    max_examples=max(150, settings().max_examples),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
GameMachine.TestCase.settings = MANY
# Hypothesis shrinks a failing history for minutes before it reports the history.
TestGame = pytest.mark.timeout(3_000)(GameMachine.TestCase)


async def _deaf(made_by: FencedJob[Any, Any], writes: Sequence[Write], fence: str, _commit_id: str) -> Any:
    """A worker that takes silence for success."""
    try:
        versions = await asyncio.to_thread(made_by.store.commit, writes)
    except OutcomeUnknown:
        return next(write.version for write in writes if isinstance(write, Replace) and write.path == fence)
    return versions[fence]


def test_the_machine_detects_a_worker_that_takes_silence_for_success() -> None:
    with patch.object(FencedJob, "commit", _deaf), pytest.raises(BaseException, match="law"):
        run_state_machine_as_test(GameMachine, settings=settings(MANY, max_examples=400, database=None, phases=FIND))


@pytest.mark.parametrize("forgets", ["the key", "the moment"])
def test_the_machine_detects_an_api_that_forgets_the_use_of_a_key(forgets: str) -> None:
    def nothing(_: Asked, __: Any) -> None:
        return None

    def renewed(first: Any, _: Any, ordered: Any) -> Any:
        return first.model_copy(update={"at": ordered.mark.at})

    with ExitStack() as broken:
        if forgets == "the key":
            broken.enter_context(patch.object(Asked, "first_event", nothing))
            broken.enter_context(patch.object(Asked, "remember", lambda _, __, event, ___: event))
        else:
            broken.enter_context(patch("quizcore.usecases.command._again", renewed))
        broken.enter_context(pytest.raises(AssertionError))
        run_state_machine_as_test(GameMachine, settings=settings(MANY, max_examples=400, database=None, phases=FIND))
