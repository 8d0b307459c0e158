"""A request with an Idempotency-Key is one request: at any instance, after a restart, late, and at the same time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.messages import QuestionClosed, QuestionOpened
from quizcore.ports import Caller, Conflict
from tests.support.api_calls import KEY, OTHER_KEY, answer, open_question, refused, set_state
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS
from tests.support.world import HOST, QUIZ_ID, Person, Running, World, until

OVER = LEAD_MS + LIMIT_MS + GRACE_MS + 10_000  # so long that a worker looks at the clock by itself


class Scene:
    """One session, a worker, and two instances of the API that share nothing but the store and the bus."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        self.a, self.b = (Person(world.client(session_cache_ms=0), HOST) for _ in range(2))
        opened = self.a.post("/sessions", {"quiz_id": QUIZ_ID, "options": options}).json or {}
        self.pin, self.id = opened["pin"], opened["session_id"]
        self.worker = Running(world)

    def send(self, to: Person, key: str | None, **body: Any) -> TestResponse:
        return to.post(f"/sessions/{self.id}/commands", body, key)

    def session(self) -> dict[str, Any]:
        return self.world.session(self.id)

    async def shows(self, **fields: Any) -> None:
        await until(lambda: all(self.session()[name] == value for name, value in fields.items()), f"{fields}")

    async def folded(self) -> None:
        """Wait until the worker has committed all messages on the bus: a later message shows it."""
        self.world.bus.publish([])
        await until(lambda: not self.world.bus.waiting and not self.worker.source._out, "an empty bus")

    def events(self, kind: type[Any]) -> set[tuple[str, int]]:
        return {(m.event_id, m.question_index) for m in self.world.bus.published if isinstance(m, kind)}


def play(world: World, story: Callable[[Scene], Any], **options: Any) -> None:
    async def main() -> None:
        scene = Scene(world, **options)
        await story(scene)
        await scene.worker.stop()

    asyncio.run(main())


def test_a_repeated_next_opens_no_second_question_at_any_instance_nor_after_a_restart(world: World) -> None:
    async def story(scene: Scene) -> None:
        first = scene.send(scene.a, KEY, command="next")
        await scene.shows(state="question", question_index=0)
        while_it_runs = [scene.send(to, KEY, command="next") for to in (scene.a, scene.b)]
        world.clock.advance(OVER)
        await scene.shows(state="closed")
        restarted = Person(world.client(session_cache_ms=0), HOST)
        later = [scene.send(to, KEY, command="next") for to in (scene.a, scene.b, restarted)]
        await scene.folded()

        assert [(r.status_code, r.json) for r in (*while_it_runs, *later)] == [(202, first.json)] * 5
        assert scene.events(QuestionOpened) == {(KEY, 0)}
        assert (scene.session()["state"], scene.session()["question_index"]) == ("closed", 0)

    play(world, story)


def test_a_repeated_close_closes_no_other_question(world: World) -> None:
    async def story(scene: Scene) -> None:
        scene.send(scene.a, OTHER_KEY, command="next")
        await scene.shows(question_index=0)
        world.clock.advance(LEAD_MS + 5_000)
        first = scene.send(scene.a, KEY, command="close")
        world.clock.advance(GRACE_MS + 1)
        await scene.shows(state="closed")
        world.clock.advance(6_000)
        await scene.shows(question_index=1, state="question")
        closes_at = scene.session()["closes_at"]

        again = scene.send(scene.b, KEY, command="close")
        await scene.folded()

        assert again.json == first.json
        assert scene.session()["closes_at"] == closes_at
        assert scene.events(QuestionClosed) == {(KEY, 0)}

    play(world, story, auto_advance=True)


def test_a_repeated_lock_does_not_undo_a_later_unlock(world: World) -> None:
    async def story(scene: Scene) -> None:
        first = scene.send(scene.a, KEY, command="lock")
        world.clock.advance(10)
        scene.send(scene.a, OTHER_KEY, command="unlock")
        await scene.folded()
        world.clock.advance(10)

        assert scene.send(scene.b, KEY, command="lock").json == first.json
        await scene.folded()
        assert scene.session()["locked"] is False

    play(world, story)


def test_a_repeated_rename_does_not_undo_a_later_one(world: World) -> None:
    async def story(scene: Scene) -> None:
        joined = Person(scene.a.client).post("/join", {"pin": scene.pin, "nickname": "Ann"}).json or {}
        ann = joined["player_id"]
        await until(lambda: world.sheet(scene.id, ann), "the player's document")
        rename = {"command": "rename", "player_id": ann}
        first = scene.send(scene.a, KEY, **rename, nickname="First")
        world.clock.advance(10)
        scene.send(scene.a, OTHER_KEY, **rename, nickname="Second")
        await until(lambda: world.sheet(scene.id, ann)["nickname"] == "Second", "the second name")
        world.clock.advance(10)

        assert scene.send(scene.b, KEY, **rename, nickname="First").json == first.json
        await scene.folded()
        assert world.sheet(scene.id, ann)["nickname"] == "Second"

    play(world, story)


def test_a_retried_next_that_was_not_published_opens_its_question_for_its_whole_time(world: World) -> None:
    async def story(scene: Scene) -> None:
        world.bus.up = False
        assert refused(scene.send(scene.a, KEY, command="next")) == (503, "try_again")
        world.bus.up = True
        world.clock.advance(LIMIT_MS * 2)

        assert scene.send(scene.b, KEY, command="next").status_code == 202
        await scene.shows(question_index=0, opened_at=world.clock.now_ms() + LEAD_MS)

    play(world, story)


def test_a_retried_next_does_not_move_an_open_question(world: World) -> None:
    async def story(scene: Scene) -> None:
        world.bus.up = False
        scene.send(scene.a, KEY, command="next")
        world.bus.up = True
        world.clock.advance(7_000)
        scene.send(scene.b, OTHER_KEY, command="next")
        await scene.shows(question_index=0)
        opened_at = scene.session()["opened_at"]

        assert scene.send(scene.a, KEY, command="next").status_code == 202
        await scene.folded()
        assert scene.session()["opened_at"] == opened_at

    play(world, story)


@contextmanager
def just_before(path: str, other: Callable[[], None]) -> Iterator[None]:
    """`other` runs to its end just before a write of `path`: the narrowest possible race."""
    commit, raced = MemoryStore.commit, list[bool]()

    def racing(store: MemoryStore, writes: Any) -> Any:
        if not raced and any(write.path == path for write in writes):
            raced.append(True)
            other()
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", racing):
        yield
    assert raced, f"nobody wrote {path}"


def test_two_instances_that_get_one_key_at_the_same_time_publish_one_event(world: World) -> None:
    async def story(scene: Scene) -> None:
        told: list[Any] = []
        with just_before(
            f"sessions/{scene.id}/requests/{KEY}", lambda: told.append(scene.send(scene.b, KEY, command="lock"))
        ):
            world.clock.advance(3)
            told.append(scene.send(scene.a, KEY, command="lock"))

        assert [r.status_code for r in told] == [202, 202]
        assert told[0].json == told[1].json
        assert len({m.model_dump_json() for m in world.bus.published}) == 1, "the very same event"

    play(world, story)


def test_a_slow_instance_does_not_move_the_opening_of_a_faster_one_with_the_same_key(world: World) -> None:
    async def story(scene: Scene) -> None:
        told: list[Any] = []

        def quicker() -> None:
            world.clock.advance(4_000)
            told.append(scene.send(scene.a, KEY, command="next", question_index=0))

        with just_before(f"sessions/{scene.id}/requests/{KEY}", quicker):
            told.append(scene.send(scene.b, KEY, command="next", question_index=0))

        assert [r.status_code for r in told] == [202, 202]
        openings = [m for m in world.bus.published if isinstance(m, QuestionOpened)]
        assert {m.at for m in openings} == {told[0].json["received_at"]}

    play(world, story)


def test_a_command_that_names_another_question_is_refused(world: World) -> None:
    async def story(scene: Scene) -> None:
        assert refused(scene.send(scene.a, None, command="next", question_index=1)) == (409, "wrong_state")
        assert refused(scene.send(scene.a, None, command="lock", question_index=0)) == (400, "invalid")
        assert scene.send(scene.a, KEY, command="next", question_index=0).status_code == 202
        await scene.shows(question_index=0)
        assert refused(scene.send(scene.b, OTHER_KEY, command="next", question_index=0)) == (409, "wrong_state")
        assert scene.send(scene.b, KEY, command="next", question_index=0).status_code == 202
        assert refused(scene.send(scene.b, None, command="close", question_index=1)) == (409, "wrong_state")
        assert scene.send(scene.b, None, command="close", question_index=0).status_code == 202
        world.clock.advance(OVER)
        await scene.shows(state="closed")
        assert refused(scene.send(scene.b, None, command="next", question_index=0)) == (409, "wrong_state")
        assert scene.send(scene.b, None, command="next", question_index=1).status_code == 202

    play(world, story)


def test_a_refused_command_leaves_its_key_unused(world: World, session: dict[str, str], host: Person) -> None:
    path = f"/sessions/{session['session_id']}/commands"
    assert refused(host.post(path, {"command": "close"}, KEY)) == (409, "wrong_state")

    assert host.post(path, {"command": "next"}, KEY).status_code == 202


# --- one key, two bodies -------------------------------------------------------------------------


def test_a_command_s_key_with_another_body_is_refused_at_every_instance(
    world: World, session: dict[str, str], host: Person
) -> None:
    path, other = f"/sessions/{session['session_id']}/commands", Person(world.client(), HOST)
    assert host.post(path, {"command": "lock"}, KEY).status_code == 202
    published = len(world.bus.published)

    for to in (host, other):
        assert refused(to.post(path, {"command": "unlock"}, KEY)) == (409, "key_reused")
    assert len(world.bus.published) == published
    assert other.post(path, {"command": "unlock"}, OTHER_KEY).status_code == 202


def test_an_opening_s_key_with_another_body_is_refused_at_every_instance(world: World, host: Person) -> None:
    body, other = {"quiz_id": QUIZ_ID}, Person(world.client(), HOST)
    first = host.post("/sessions", body, KEY)
    assert first.status_code == 201

    for to in (host, other):
        assert refused(to.post("/sessions", body | {"options": {"approval": True}}, KEY)) == (409, "key_reused")
        assert to.post("/sessions", body, KEY).json == first.json


@pytest.mark.parametrize("token", [None, "t"])
@pytest.mark.parametrize("change", [{"nickname": "Ben"}, {"avatar": "owl"}, {"pin": "another"}])
def test_a_join_s_key_with_another_body_is_refused_at_every_instance(
    world: World, session: dict[str, str], host: Person, change: dict[str, str], token: str | None
) -> None:
    world.identity.callers["t"] = Caller("teacher-7")
    if "pin" in change:
        change = {"pin": (host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {})["pin"]}
    body = {"pin": session["pin"], "nickname": "Ann"}
    here, there = Person(host.client, token), Person(world.client(), token)
    first = here.post("/join", body, KEY)
    assert first.status_code == 201
    published = len(world.bus.published)

    for to in (here, there):
        assert refused(to.post("/join", body | change, KEY)) == (409, "key_reused")
    assert len(world.bus.published) == published
    assert there.post("/join", body, KEY).json == first.json
    assert Person(world.client()).post("/join", {**body, "nickname": "Cem"} | change, OTHER_KEY).status_code == 201


def test_a_join_that_was_refused_leaves_its_key_unused(session: dict[str, str], host: Person, player: Person) -> None:
    body = {"pin": session["pin"], "nickname": "Ann"}
    assert refused(Person(host.client).post("/join", body, OTHER_KEY)) == (409, "nickname_taken")

    assert Person(host.client).post("/join", body | {"nickname": "Ben"}, OTHER_KEY).status_code == 201


def test_the_document_that_remembers_a_join_does_not_contain_the_name(
    world: World, session: dict[str, str], host: Person
) -> None:
    Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ann"}, KEY)
    Person(host.client).post("/join", {"pin": session["pin"], "nickname": "Ben"}, OTHER_KEY)

    (one, other) = world.store.list("requests")
    assert {KEY, OTHER_KEY, "Ann", "Ben"} & set(map(str, [*one.data.values(), one.name, other.name])) == set()
    assert one.data["digest"] != other.data["digest"]


def test_an_answer_s_key_with_another_body_is_refused_at_the_same_instance(
    world: World, session: dict[str, str], player: Person
) -> None:
    open_question(world, session)
    body = {"question_index": 0, "choices": [1]}
    assert answer(player, session, body, KEY).status_code == 202

    assert refused(answer(player, session, body | {"choices": [2]}, KEY)) == (409, "key_reused")
    assert refused(answer(player, session, body, OTHER_KEY)) == (409, "already_answered")
    set_state(world, session, question_index=1, question={"kind": "single", "choices": ["a", "b"]})
    assert refused(answer(player, session, body | {"question_index": 1}, KEY)) == (409, "key_reused")
    assert answer(player, session, body | {"question_index": 1}, OTHER_KEY).status_code == 202


# --- openings and contention ---------------------------------------------------------------------


def test_simultaneous_openings_with_one_key_are_one_session(world: World) -> None:
    """Each of six commits when all others have looked and found nothing."""
    hosts, told = [Person(world.client(), HOST) for _ in range(6)], list[Any]()

    def open_at(number: int) -> None:
        told.append(hosts[number].post("/sessions", {"quiz_id": QUIZ_ID}, KEY))

    commit = MemoryStore.commit
    waiting = [1, 2, 3, 4, 5]

    def racing(store: MemoryStore, writes: Any) -> Any:
        if waiting:
            open_at(waiting.pop(0))
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", racing):
        open_at(0)

    assert [r.status_code for r in told] == [201] * 6
    assert len({str(r.json) for r in told}) == 1
    assert len(world.store.list(documents.SESSIONS)) == len(world.store.list("pins")) == 1


@contextmanager
def aborted(times: int) -> Iterator[list[int]]:
    """An abort as by Firestore for one of two writers: nothing was written, and no document conflicts."""
    commit, left = MemoryStore.commit, [times]

    def contended(store: MemoryStore, writes: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise Conflict("409 Aborted: too much contention")
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", contended):
        yield left


@pytest.mark.parametrize("times", [1, 3])
def test_an_aborted_write_is_retried_and_is_not_a_taken_name(world: World, times: int) -> None:
    host = Person(world.client(), HOST)
    with aborted(times):
        opened = host.post("/sessions", {"quiz_id": QUIZ_ID}, KEY)
    pin, session_id = (opened.json or {})["pin"], (opened.json or {})["session_id"]
    with aborted(times):
        joined = Person(host.client).post("/join", {"pin": pin, "nickname": "Ann"}, KEY)
    with aborted(times):
        command = host.post(f"/sessions/{session_id}/commands", {"command": "next"}, OTHER_KEY)

    assert [r.status_code for r in (opened, joined, command)] == [201, 201, 202]


def test_a_write_that_the_store_keeps_aborting_is_given_up(world: World, session: dict[str, str], host: Person) -> None:
    body = {"pin": session["pin"], "nickname": "Ann"}
    with aborted(10**6) as left:
        response = Person(host.client).post("/join", body, KEY)

    assert refused(response) == (503, "try_again")
    assert 10**6 - left[0] <= 10
    assert Person(host.client).post("/join", body, KEY).status_code == 201
