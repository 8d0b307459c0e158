"""A person leaves: no document names the person afterwards and no board is wrong, under any interruption."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryBus, MemoryStore
from quizcore.documents.leaderboard import period_path
from quizcore.documents.tallied import read_person
from quizcore.messages import PlayerRemoved
from quizcore.ports import BusUnavailable, Create, Delete, OutcomeUnknown, Put
from quizcore.usecases.verify import folded_again
from tests.support.api_calls import refused
from tests.support.cli import Cli
from tests.support.people import ANN_UID, BEN_UID, PROFILE, guest, person
from tests.support.sessions import ended, in_session, in_time, played, seated
from tests.support.world import Person, Running, World, until

DAY_MS = 24 * 60 * 60_000
WORKER = {"interval_500_ms": 0}
SHARDS = pytest.mark.parametrize("shards", [1, 3])
NAME = "Annabel"  # in no document but Ann's


def naming(world: World, *names: str) -> list[str]:
    """The documents that contain one of these names."""
    kept = world.store._documents.items()
    return [path for path, found in kept if any(name in path or name in str(found.data) for name in names)]


def people_on(world: World, board: str) -> int:
    period = world.store.get(period_path(board, "all"))
    return int(period.data["people"]) if period else 0


def unclean(world: World, *sessions: dict[str, str]) -> list[Any]:
    return [each for s in sessions for each in folded_again(world.store, s["session_id"])["differences"]]


@SHARDS
async def test_nothing_names_a_person_who_has_left_and_the_boards_are_right(
    world: World, host: Person, shards: int
) -> None:
    worker = Running(world, **WORKER)
    ann, ben = person(world, host, nickname=NAME), person(world, host, BEN_UID)
    own, other = in_session(world, shards), in_session(world, shards)
    seated(ann, own, f"{NAME} 1")
    seated(ben, own, "Ben")
    played_as, guest_id = guest(host, other, f"{NAME} 2")
    _, stays = guest(host, other, "Cho")
    await played(world, own, [ANN_UID, BEN_UID], shards)
    await played(world, other, [guest_id, stays], shards)
    await ended(world, own, shards)
    await ended(world, other, shards)
    body = {"session_id": other["session_id"], "guest_token": played_as.token}
    assert ann.post("/me/kept", body).status_code == 201
    assert played_as.post(f"/sessions/{other['session_id']}/return-code", {}).status_code == 201
    await in_time(world, lambda: people_on(world, "quiz-words") == 2, "both are on the leaderboards")

    left = await asyncio.to_thread(ann.delete, "/me")

    assert (left.status_code, left.json) == (202, {"pending": 2})
    await in_time(world, lambda: not naming(world, ANN_UID, guest_id, NAME), "no document names the person")
    assert world.identity.forgotten == {ANN_UID, guest_id}
    assert people_on(world, "global") == people_on(world, "quiz-words") == 1, "Ben is on the leaderboards, alone"
    assert [row["player_id"] for row in world.board(own["session_id"])["top"]] == [BEN_UID]
    assert [row["player_id"] for row in world.board(other["session_id"])["top"]] == [stays]
    await until(lambda: not unclean(world, own, other), "verify finds nothing")
    assert naming(world, BEN_UID), "the others stay"
    await worker.stop()


async def test_a_session_that_still_runs_loses_the_player_at_once_and_the_rest_at_its_end(
    world: World, host: Person
) -> None:
    worker = Running(world, **WORKER)
    ann, ben, session = person(world, host, nickname=NAME), person(world, host, BEN_UID), in_session(world)
    seated(ann, session, NAME)
    seated(ben, session, "Ben")
    await played(world, session, [ANN_UID, BEN_UID])

    left = await asyncio.to_thread(ann.delete, "/me")

    assert left.json == {"pending": 1}
    await until(lambda: world.board(session["session_id"])["player_count"] == 1, "the board is without Ann")
    assert world.store.get(documents.person_path(ANN_UID)) is None
    assert all(path.startswith(f"sessions/{session['session_id']}/") for path in naming(world, ANN_UID, NAME))
    await ended(world, session)
    await in_time(world, lambda: not naming(world, ANN_UID, NAME), "no document names the person")
    assert not unclean(world, session)
    await worker.stop()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, step: str, uid: str = ANN_UID) -> Iterator[None]:
    """The request ends at this step, as when its process dies there."""
    commit, publish = MemoryStore.commit, MemoryBus.publish

    def dying(store: MemoryStore, writes: Any) -> Any:
        mine = any(isinstance(write, Delete) and write.path == documents.person_path(uid) for write in writes)
        leavers = any("/leavers/" in write.path and isinstance(write, Put) for write in writes)
        if (step == "before the leavers" and leavers) or (step == "before the person's documents" and mine):
            raise OutcomeUnknown(step)
        done = commit(store, writes)
        if step == "after the person's documents" and mine:
            raise OutcomeUnknown(step)
        return done

    def away(bus: MemoryBus, messages: Any) -> None:
        if step == "before the removals" and any(isinstance(each, PlayerRemoved) for each in messages):
            raise BusUnavailable(step)
        publish(bus, messages)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryStore, "commit", dying)
        patch.setattr(MemoryBus, "publish", away)
        yield


STEPS = (
    "before the leavers",
    "before the removals",
    "before the person's documents",
    "after the person's documents",
)


@pytest.mark.parametrize("how", ["again", "operator"])
@pytest.mark.parametrize("step", STEPS)
async def test_an_erasure_that_was_cut_off_is_finished(
    world: World, host: Person, cli: Cli, monkeypatch: pytest.MonkeyPatch, step: str, how: str
) -> None:
    cli.impatient()

    worker = Running(world, **WORKER)
    ann, ben, session = person(world, host, nickname=NAME), person(world, host, BEN_UID), in_session(world)
    seated(ben, session, "Ben")
    played_as, guest_id = guest(host, session, NAME)
    await played(world, session, [BEN_UID, guest_id])
    await ended(world, session)
    body = {"session_id": session["session_id"], "guest_token": played_as.token}
    assert ann.post("/me/kept", body).status_code == 201
    with failing(monkeypatch, step):
        cut_off = await asyncio.to_thread(ann.delete, "/me")
    assert refused(cut_off) == (503, "try_again")

    if how == "again":
        assert (await asyncio.to_thread(ann.delete, "/me")).status_code == 202
    else:
        assert await asyncio.to_thread(cli.run, "user", "erase", ANN_UID, "--yes") == 0, cli.err

    await in_time(world, lambda: not naming(world, ANN_UID, guest_id, NAME), "no document names the person")
    assert not unclean(world, session)
    await worker.stop()


async def test_a_removal_that_was_lost_is_published_when_the_session_is_handed_on(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Running(world, **WORKER)
    ann, ben, session = person(world, host, nickname=NAME), person(world, host, BEN_UID), in_session(world)
    seated(ann, session, NAME)
    seated(ben, session, "Ben")
    await played(world, session, [ANN_UID, BEN_UID])
    with failing(monkeypatch, "before the removals"):
        assert refused(await asyncio.to_thread(ann.delete, "/me")) == (503, "try_again")

    await ended(world, session)

    in_it = f"sessions/{session['session_id']}/"
    await until(
        lambda: not [path for path in naming(world, ANN_UID, NAME) if path.startswith(in_it)],
        "the session is clean",
    )
    await worker.stop()


async def test_a_player_whom_the_host_had_removed_is_erased_at_once(world: World, host: Person) -> None:
    """Such a session gets no further version, so no worker would erase the player."""

    worker = Running(world, **WORKER)
    ann, ben, session = person(world, host, nickname=NAME), person(world, host, BEN_UID), in_session(world)
    seated(ann, session, NAME)
    seated(ben, session, "Ben")
    await played(world, session, [ANN_UID, BEN_UID])
    s = session["session_id"]
    world.bus.publish([world.message(PlayerRemoved, s, world.clock.ms, player_id=ANN_UID)])
    await until(lambda: world.board(s)["player_count"] == 1, "the host has removed Ann")
    await ended(world, session)
    await worker.stop()

    assert ann.delete("/me").json == {"pending": 0}
    assert naming(world, ANN_UID, NAME) == []


async def test_of_a_session_that_deletion_by_age_has_reached_nothing_is_left(world: World, host: Person) -> None:
    worker = Running(world, **WORKER)
    ann, session = person(world, host, nickname=NAME), in_session(world)
    seated(ann, session, NAME)
    await played(world, session, [ANN_UID])
    await ended(world, session)
    world.clock.advance(31 * DAY_MS)
    world.store.commit([Delete(documents.session_path(session["session_id"]))])

    assert (await asyncio.to_thread(ann.delete, "/me")).json == {"pending": 0}
    await in_time(world, lambda: not naming(world, ANN_UID, NAME), "no document names the person")
    await worker.stop()


def test_a_game_that_is_kept_meanwhile_is_erased_too(
    world: World, host: Person, session: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, (played_as, guest_id) = person(world, host, nickname=NAME), guest(host, session)
    commit, kept = MemoryStore.commit, list[int]()

    def meanwhile(store: MemoryStore, writes: Any) -> Any:
        person_goes = any(isinstance(each, Delete) and each.path == documents.person_path(ANN_UID) for each in writes)
        if person_goes and not kept:
            kept.append(1)
            body = {"session_id": session["session_id"], "guest_token": played_as.token}
            assert ann.post("/me/kept", body).status_code == 201
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", meanwhile)
    assert ann.delete("/me").json == {"pending": 1}

    assert kept
    assert naming(world, ANN_UID, NAME) == []
    removals = [each for each in world.bus.published if isinstance(each, PlayerRemoved)]
    assert [each.player_id for each in removals] == [guest_id]


def test_a_class_does_not_name_a_member_who_has_left(world: World, host: Person) -> None:
    ann = person(world, host, nickname=NAME)
    member = {"nickname": NAME, "avatar": "owl", "joined_at": 1}
    world.store.commit(
        [
            Create(documents.membership_path(ANN_UID, "c1"), {"title": "7b", "joined_at": 1}),
            Create(documents.class_member_path("c1", ANN_UID), member),
            Create(documents.class_member_path("c1", BEN_UID), {**member, "nickname": "Ben"}),
            Create(documents.month_path(ANN_UID, "2026-01"), {"counted": {}}),
        ]
    )

    assert ann.delete("/me").status_code == 202

    assert naming(world, ANN_UID, NAME) == []
    assert world.store.get(documents.class_member_path("c1", BEN_UID)) is not None


def test_a_profile_does_not_come_back_with_the_token_of_a_deleted_account(world: World, host: Person) -> None:
    ann = person(world, host)
    assert ann.delete("/me").status_code == 202
    assert world.identity.account(ANN_UID) is None

    assert refused(ann.put("/me", PROFILE)) == (401, "unauthenticated")
    assert refused(ann.get("/me")) == (404, "no_profile")
    assert naming(world, ANN_UID) == []


def test_only_an_account_leaves_and_doing_it_again_is_well(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (of_session, _) = person(world, host), guest(host, session)

    assert refused(of_session.delete("/me")) == (403, "account_needed")
    assert refused(Person(host.client).delete("/me")) == (401, "unauthenticated")
    assert [ann.delete("/me").status_code for _ in range(2)] == [202, 202]


async def test_the_operator_sees_and_erases_everything_of_a_person(
    world: World, host: Person, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.impatient()

    worker = Running(world, **WORKER)
    ann, ben, session = person(world, host, nickname=NAME), person(world, host, BEN_UID), in_session(world)
    seated(ben, session, "Ben")
    played_as, guest_id = guest(host, session, NAME)
    await played(world, session, [BEN_UID, guest_id])
    await ended(world, session)
    s = session["session_id"]
    assert ann.post("/me/kept", {"session_id": s, "guest_token": played_as.token}).status_code == 201
    for uid in (ANN_UID, guest_id):
        cli.services.accounts.add(uid)

    seen = await asyncio.to_thread(cli.json, "user", "erase", ANN_UID)

    expected = [documents.person_path(ANN_UID), documents.kept_game_path(ANN_UID, s)]
    expected += [documents.link_path(s, guest_id), documents.player_path(s, guest_id)]
    assert set(expected) <= set(seen["documents"])
    folded = ("boards/", "moves/")  # a commit of moves takes the person off these
    assert set(seen["documents"]) >= {path for path in naming(world, ANN_UID) if not path.startswith(folded)}
    assert world.store.get(documents.person_path(ANN_UID)) is not None, "nothing is done without --yes"
    assert (await asyncio.to_thread(cli.json, "user", "erase", ANN_UID, "--yes"))["account"] is True
    await in_time(world, lambda: not naming(world, ANN_UID, guest_id, NAME), "no document names the person")
    assert cli.services.accounts.known == {}
    await worker.stop()


async def test_an_operator_who_erases_a_kept_guest_takes_the_result_from_the_person(
    world: World, host: Person, cli: Cli
) -> None:
    cli.impatient()
    worker = Running(world, **WORKER)
    ann, session = person(world, host, nickname=NAME), in_session(world)
    seat, guest_id = guest(host, session, "Guestina")
    (_, stays) = guest(host, session, "Cho")
    await played(world, session, [guest_id, stays])
    await ended(world, session)
    kept = {"session_id": session["session_id"], "guest_token": seat.token}
    assert (await asyncio.to_thread(ann.post, "/me/kept", kept)).status_code == 201
    await in_time(world, lambda: people_on(world, "global") == 1, "the result is on the leaderboard")

    assert await asyncio.to_thread(cli.run, "user", "erase", guest_id, "--yes") == 0, cli.err

    await in_time(world, lambda: people_on(world, "global") == 0, "the leaderboard is without the result")
    contribution = read_person(ANN_UID, world.store._documents[documents.person_path(ANN_UID)].data).counted  # type: ignore[arg-type]
    assert [each.points for each in contribution.values()] == [None]
    await worker.stop()


@pytest.mark.parametrize("path", ["DELETE /me", "GET /me/export"])
def test_the_number_of_queries_does_not_grow_with_the_number_of_sessions(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    asked = list[str]()

    def counted(name: str) -> None:
        method = getattr(MemoryStore, name)

        def counting(store: MemoryStore, *args: Any, **more: Any) -> Any:
            asked.append(name)
            return method(store, *args, **more)

        monkeypatch.setattr(MemoryStore, name, counting)

    for name in ("get_many", "get", "list", "find", "commit", "count"):
        counted(name)
    calls = list[int]()
    for sessions in (1, 20):
        uid = f"uid-{sessions}"
        ann = person(world, host, uid, nickname="Ann")
        for _ in range(sessions):
            seated(ann, in_session(world), "Ann")
        asked.clear()
        told = ann.delete("/me") if path == "DELETE /me" else ann.get("/me/export")
        assert told.status_code in (200, 202)
        calls.append(len(asked))

    assert calls[0] == calls[1]
