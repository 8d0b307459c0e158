"""Workers adopt all sessions that have lost their worker, beside any broken sessions."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryStore
from quizcore.ports import Delete, OutcomeUnknown, Put, Update, Write
from quizcore.telemetry import Telemetry
from tests.support.world import END, HOST, OPENED, QUIZ_ID, Person, Running, World, until
from workers import adoption
from workers.adoption import PAGE, Adoption, Orphan

EVERY_S = 5.0
ONE_LOOK = {"interval_50_ms": 0, "give_up_pause_s": 0, "orphan_check_s": 3_600}


class Shop:
    """A store with overdue sessions, and a worker that checks for them."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = ManualClock()
        self.telemetry = Telemetry()
        self.adoption = Adoption(self.store, self.clock, EVERY_S, self.telemetry)

    def overdue(self, name: str, due_at: int | None, **more: Any) -> None:
        self.store.commit([Put(documents.session_path(name), {"due_at": due_at, "shards": 1} | more)])

    def look(self, now: float) -> list[str]:
        return [orphan.session_id for orphan in asyncio.run(self.adoption.overdue(now))]

    @property
    def quarantined(self) -> int:
        return self.telemetry.snapshot()["sessions_quarantined"]


@pytest.fixture(name="shop")
def _shop() -> Shop:
    return Shop()


def test_one_check_finds_four_hundred_sessions_the_longest_overdue_first(shop: Shop) -> None:
    for number in range(400):
        shop.overdue(f"s{number:03}", 1_000 - number)
    shop.overdue("in time", shop.clock.now_ms())
    shop.overdue("without a clock", None)

    assert shop.look(0) == [f"s{number:03}" for number in reversed(range(400))]


@pytest.mark.parametrize("before", [0, 1, PAGE - 1, PAGE, PAGE + 1])
def test_sessions_with_equal_due_times_are_all_found_across_pages(shop: Shop, before: int) -> None:
    for number in range(before):
        shop.overdue(f"a{number}", number)
    for number in range(3 * PAGE + 1):
        shop.overdue(f"b{number}", 500)
    shop.overdue("c", 501)

    found = shop.look(0)

    assert len(found) == len(set(found)) == before + 3 * PAGE + 2


def test_a_session_that_stays_overdue_is_checked_after_growing_pauses(shop: Shop) -> None:
    shop.overdue("broken", 1)
    looks = [now for now in range(0, 2_000, 5) if shop.look(now)]

    pauses = [after - before for before, after in pairwise(looks)]
    assert pauses[:6] == [10, 20, 40, 80, 160, 300]
    assert set(pauses[6:]) == {300}
    assert shop.quarantined == 1


def test_a_session_that_cannot_be_loaded_delays_no_other(shop: Shop) -> None:
    for number in range(3 * PAGE):
        shop.overdue(f"broken{number}", number)
    for now in range(0, 100, 5):
        shop.look(now)
    assert shop.quarantined == 3 * PAGE

    shop.overdue("good", 10_000)
    assert "good" in shop.look(100)


def test_a_session_whose_clock_has_moved_is_checked_at_once(shop: Shop) -> None:
    shop.overdue("s", 1)
    for now in range(0, 100, 5):
        shop.look(now)
    assert shop.look(100) == []

    shop.overdue("s", 2)
    assert shop.look(100) == ["s"]


def test_a_session_that_is_no_longer_overdue_is_forgotten(shop: Shop) -> None:
    for number in range(50):
        shop.overdue(f"s{number}", 1)
    shop.look(0)
    shop.store.commit([Delete(documents.session_path(f"s{number}")) for number in range(49)])
    shop.look(5)

    assert list(shop.adoption._looked) == ["s49"]


def test_a_bounded_number_of_sessions_is_remembered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "REMEMBERED_MOST", 10)
    for number in range(50):
        shop.overdue(f"s{number}", 1)

    assert len(shop.look(0)) == 50
    assert len(shop.adoption._looked) == 10


def test_when_the_store_fails_between_pages_the_sessions_found_are_adopted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2 * PAGE):
        shop.overdue(f"s{number}", number)
    known, asked = shop.store.list, []

    def fails(*args: Any) -> Any:
        asked.append(args)
        if len(asked) != 1:
            raise OutcomeUnknown("away")
        return known(*args)

    monkeypatch.setattr(shop.store, "list", fails)

    assert len(shop.look(0)) == PAGE
    with pytest.raises(OutcomeUnknown):
        shop.look(5)


def test_a_check_adopts_a_bounded_number_and_the_next_checks_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "TAKEN_MOST", PAGE + 1)
    names = [f"s{number:03}" for number in range(5 * PAGE)]
    for number, name in enumerate(names):
        shop.overdue(name, number)

    looks = [shop.look(now) for now in range(3)]

    assert looks == [names[: 2 * PAGE], names[2 * PAGE : 4 * PAGE], names[4 * PAGE :]]


def test_a_session_that_a_check_does_not_reach_keeps_its_pause(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [f"broken{number}" for number in range(PAGE)]
    for name in broken:
        shop.overdue(name, 500)
    looks = [now for now in range(0, 40, 5) if shop.look(now)]
    assert looks == [0, 10, 30], "the next one is at 70"

    monkeypatch.setattr(adoption, "TAKEN_MOST", PAGE)
    fresh = [f"fresh{number}" for number in range(PAGE)]
    for name in fresh:
        shop.overdue(name, 1)
    assert set(shop.look(40)) == set(fresh)
    shop.store.commit([Delete(documents.session_path(name)) for name in fresh])

    assert shop.look(45) == []
    assert set(shop.look(70)) == set(broken)
    assert shop.quarantined == PAGE


def test_incomplete_checks_also_remember_a_bounded_number(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "REMEMBERED_MOST", 2 * PAGE - 10)
    monkeypatch.setattr(adoption, "TAKEN_MOST", PAGE)
    remembered = []
    for now in range(4):
        for number in range(PAGE):
            shop.overdue(f"s{now}-{number}", 1_000 - now)  # before those of the previous check
        assert len(shop.look(now)) == PAGE
        remembered.append(len(shop.adoption._looked))

    assert remembered == [PAGE, *[2 * PAGE - 10] * 3]


def running(world: World, host: Person) -> str:
    """A session in its first question, whose worker then dies."""
    s: str = (host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {})["session_id"]
    world.bus.publish([world.joined(s, "ann"), world.opened(s)])
    return s


async def died(world: World, sessions: list[str]) -> None:
    first = Running(world, **ONE_LOOK)
    await until(lambda: all(world.session(s)["state"] == "question" for s in sessions), "the questions")
    await until(lambda: not world.bus.waiting and not first.source._out, "no message comes again")
    await first.kill()


async def test_a_worker_adopts_all_sessions_of_a_dead_worker_in_its_first_check(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four hundred, of one host."""
    host = Person(world.client(open_sessions_per_host=400, commands_per_minute=10_000), HOST)
    overdue, looks = Adoption.overdue, list[set[str]]()

    async def look(self: Adoption, now: float) -> list[Orphan]:
        found = await overdue(self, now)
        looks.append({orphan.session_id for orphan in found})
        return found

    world.clock.ms = OPENED + 1
    sessions = [running(world, host) for _ in range(400)]
    await died(world, sessions)

    world.clock.ms = END + 60_000
    monkeypatch.setattr(Adoption, "overdue", look)
    second = Running(world, **ONE_LOOK)
    for s in sessions:
        await until(lambda s=s: world.session(s)["reveal"] is not None, "revealed")  # type: ignore[misc]
    await second.stop()
    assert looks == [set(sessions)]


async def test_incomplete_sessions_end_no_worker_and_stop_no_other_session(world: World, host: Person) -> None:
    world.clock.ms = OPENED + 1
    sessions = [running(world, host) for _ in range(52)]
    await died(world, sessions)
    *broken, good = sessions
    for number, s in enumerate(broken):
        head = documents.session_path(s)
        lost: list[Write] = [Delete(documents.session_quiz_path(s)), Delete(documents.board_path(s)), Put(head, {})]
        world.store.commit([lost[number % 3], Update(head, {"due_at": number})])

    world.clock.ms = END + 60_000
    second = Running(world, **ONE_LOOK | {"orphan_check_s": 0.02})
    await until(lambda: world.session(good)["reveal"] is not None, "revealed")
    await until(lambda: second.telemetry.snapshot()["sessions_quarantined"] == len(broken), "left alone")
    assert not second.task.done()
    await second.stop()
