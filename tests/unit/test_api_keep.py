"""A guest's game is kept by an account: once, by one person."""

import asyncio
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.documents.leaderboard import period_path
from quizcore.domain.player import Player, PlayerFacts
from quizcore.messages import PlayerRemoved
from quizcore.ports import Delete, Put
from quizcore.shards import slot_of
from tests.support.api_calls import KEY, refused
from tests.support.people import ANN_UID, BEN_UID, account, guest, person
from tests.support.sessions import ended, in_session, in_time, played
from tests.support.world import QUIZ_ID, START, Person, Running, World


def body(session: dict[str, str], of: Person) -> dict[str, Any]:
    return {"session_id": session["session_id"], "guest_token": of.token}


def links(world: World, session: dict[str, str]) -> dict[str, Any]:
    return {found.name: found.data for found in world.store.list(documents.links_path(session["session_id"]))}


def test_a_guest_s_game_is_linked_with_the_person(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (played, player_id) = person(world, host), guest(host, session)

    kept = ann.post("/me/kept", body(session, played), KEY)

    assert kept.status_code == 201
    assert kept.json == {"session_id": session["session_id"], "player_id": player_id, "counted": False}
    head = world.store.get(documents.session_path(session["session_id"]))
    assert head is not None
    expires_at = head.data["expires_at"]
    assert links(world, session) == {
        player_id: {"person": ANN_UID, "slot": slot_of(player_id), "at": START, "expires_at": expires_at}
    }
    own = world.store.get(documents.kept_game_path(ANN_UID, session["session_id"]))
    assert own is not None
    assert own.data == {"player_id": player_id, "at": START, "expires_at": expires_at}


def test_keeping_it_again_changes_nothing(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (played, _) = person(world, host), guest(host, session)
    first, before = ann.post("/me/kept", body(session, played), KEY), links(world, session)

    again = [ann.post("/me/kept", body(session, played), key) for key in (KEY, None)]

    assert [(answer.status_code, answer.json) for answer in again] == [(201, first.json)] * 2
    assert links(world, session) == before


def test_a_guest_belongs_to_one_person(world: World, host: Person, session: dict[str, str]) -> None:
    ann, ben, (played, player_id) = person(world, host), person(world, host, BEN_UID), guest(host, session)
    assert ann.post("/me/kept", body(session, played)).status_code == 201

    assert refused(ben.post("/me/kept", body(session, played))) == (409, "already_kept")
    assert links(world, session)[player_id]["person"] == ANN_UID


def test_of_two_that_keep_it_at_one_moment_one_has_it(
    world: World, host: Person, session: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, (played, player_id) = person(world, host), person(world, host, BEN_UID), guest(host, session)
    commit, told = MemoryStore.commit, list[Any]()

    def racing(store: MemoryStore, writes: Any) -> Any:
        if not told:
            told.append(None)
            told.append(ben.post("/me/kept", body(session, played)))
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", racing)
    told.append(ann.post("/me/kept", body(session, played)))

    assert [answer.status_code for answer in told[1:]] == [201, 409]
    assert links(world, session)[player_id]["person"] == BEN_UID
    assert world.store.get(documents.kept_game_path(ANN_UID, session["session_id"])) is None


def test_a_person_has_one_score_in_a_session(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (first, _), (second, _) = person(world, host), guest(host, session), guest(host, session, "Other")
    assert ann.post("/me/kept", body(session, first)).status_code == 201

    assert refused(ann.post("/me/kept", body(session, second))) == (409, "already_kept")
    assert len(links(world, session)) == 1


def test_a_player_with_an_account_keeps_no_guest_of_that_session(
    world: World, host: Person, session: dict[str, str]
) -> None:
    ann, (played, _) = person(world, host), guest(host, session)
    fields = documents.player_fields(Player(ANN_UID, PlayerFacts()), documents.expiry(START))
    itself = documents.player_path(session["session_id"], ANN_UID)
    world.store.commit([Put(itself, fields)])

    assert refused(ann.post("/me/kept", body(session, played))) == (409, "already_kept")
    world.store.commit([Delete(itself)])
    assert ann.post("/me/kept", body(session, played)).status_code == 201


def test_a_guest_s_token_is_of_this_session_and_good(world: World, host: Person, session: dict[str, str]) -> None:
    other = dict(host.post("/sessions", {"quiz_id": QUIZ_ID}).json or {})
    ann, ben, (played, _) = person(world, host), person(world, host, BEN_UID), guest(host, other)

    assert refused(ann.post("/me/kept", body(session, played))) == (403, "forbidden")
    assert refused(ann.post("/me/kept", body(session, ben))) == (403, "forbidden"), "an account is no guest"
    assert refused(ann.post("/me/kept", body(session, Person(host.client, "stolen")))) == (403, "forbidden")
    assert links(world, session) == {}
    assert ann.post("/me/kept", body(other, played)).status_code == 201


def test_only_a_person_with_a_profile_keeps_a_game(world: World, host: Person, session: dict[str, str]) -> None:
    played, _ = guest(host, session)

    assert refused(account(world, host).post("/me/kept", body(session, played))) == (404, "no_profile")
    assert refused(played.post("/me/kept", body(session, played))) == (403, "account_needed")
    assert person(world, host).post("/me/kept", body(session, played)).status_code == 201


def test_a_game_of_a_session_that_is_gone_cannot_be_kept(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (played, _) = person(world, host), guest(host, session)
    world.store.commit([Delete(documents.session_path(session["session_id"]))])

    assert refused(ann.post("/me/kept", body(session, played))) == (404, "unknown_session")


def test_an_erasure_at_the_same_moment_leaves_no_link(
    world: World, host: Person, session: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, (played, _) = person(world, host), guest(host, session)
    commit, erased = MemoryStore.commit, list[int]()

    def late(store: MemoryStore, writes: Any) -> Any:
        if not erased:
            erased.append(1)
            commit(store, [Delete(documents.person_path(ANN_UID))])
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", late)

    assert refused(ann.post("/me/kept", body(session, played))) == (404, "no_profile")
    assert not any(ANN_UID in path or ANN_UID in str(found.data) for path, found in world.store._documents.items())


def test_an_account_that_has_just_joined_keeps_no_guest_of_that_session(
    world: World, host: Person, session: dict[str, str]
) -> None:
    ann, (played, _) = person(world, host), guest(host, session)
    assert ann.post("/join", {"pin": session["pin"], "nickname": "Ann"}).status_code == 201

    assert refused(ann.post("/me/kept", body(session, played))) == (409, "already_kept")


def test_an_account_that_keeps_a_guest_does_not_join_that_session_a_second_time(
    world: World, host: Person, session: dict[str, str]
) -> None:
    ann, ben, (played, _) = person(world, host), person(world, host, BEN_UID), guest(host, session)
    assert ann.post("/me/kept", body(session, played)).status_code == 201

    assert refused(ann.post("/join", {"pin": session["pin"], "nickname": "Ann"})) == (409, "already_kept")
    assert ben.post("/join", {"pin": session["pin"], "nickname": "Ann"}).status_code == 201, "the name is free"


def games(world: World, uid: str = ANN_UID) -> dict[str, Any]:
    found = world.store.get(documents.person_path(uid))
    return found.data["counted"] if found else {}


def points(world: World, board: str = "global") -> list[int]:
    period = world.store.get(period_path(board, "all"))
    return [row["points"] for row in period.data["top"]] if period else []


@pytest.mark.parametrize("when", ["while it runs", "after its end"])
async def test_a_kept_game_counts_once_whenever_it_is_kept(world: World, host: Person, when: str) -> None:
    worker = Running(world)
    ann, session = person(world, host), in_session(world)
    (seat, player_id), (_, other) = guest(host, session), guest(host, session, "Other")
    await played(world, session, [player_id, other])
    if when == "after its end":
        await ended(world, session)
    kept = await asyncio.to_thread(ann.post, "/me/kept", body(session, seat))
    assert (kept.json or {})["counted"] is (when == "after its end")
    if when == "while it runs":
        await ended(world, session)

    await in_time(world, lambda: points(world), "the leaderboard shows the game")
    score = world.sheet(session["session_id"], player_id)["score"]
    assert points(world) == points(world, f"quiz-{QUIZ_ID}") == [score]
    assert list(games(world)) == [session["session_id"]]
    before = games(world)
    again = await asyncio.to_thread(ann.post, "/me/kept", body(session, seat))
    assert (again.status_code, (again.json or {})["counted"]) == (201, True)
    removed = world.message(PlayerRemoved, session["session_id"], world.clock.ms, player_id=other)
    world.bus.publish([removed])
    seq = world.board(session["session_id"])["seq"]
    await in_time(
        world, lambda: world.session(session["session_id"])["handed_seq"] > seq, "the next version is counted"
    )
    assert points(world) == [score]
    assert games(world) != before, "of two players, and now of one"
    await worker.stop()
