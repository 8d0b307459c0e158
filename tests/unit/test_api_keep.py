"""A guest's game is kept by an account: once, by one person."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.player import Player, PlayerFacts
from quizcore.ports import Delete, Put
from tests.support.api_calls import KEY, refused
from tests.support.people import ANN_UID, BEN_UID, account, guest, person
from tests.support.world import QUIZ_ID, START, Person, World


def body(session: dict[str, str], of: Person) -> dict[str, Any]:
    return {"session_id": session["session_id"], "guest_token": of.token}


def links(world: World, session: dict[str, str]) -> dict[str, Any]:
    return {found.name: found.data for found in world.store.list(documents.links_path(session["session_id"]))}


def test_a_guest_s_game_is_linked_with_the_person(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (played, player_id) = person(world, host), guest(host, session)

    kept = ann.post("/me/kept", body(session, played), KEY)

    assert kept.status_code == 201
    assert kept.json == {"session_id": session["session_id"], "player_id": player_id}
    head = world.store.get(documents.session_path(session["session_id"]))
    assert head is not None
    expires_at = head.data["expires_at"]
    assert links(world, session) == {player_id: {"person": ANN_UID, "at": START, "expires_at": expires_at}}
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
