"""A person's profile, by the calls of the person. Each denial stands beside the success it is near."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.ports import Caller, Delete, Update
from tests.support.api_calls import refused
from tests.support.handing_on import PLAYERS
from tests.support.leaderboards import fold, play_game
from tests.support.people import ANN_UID, PROFILE, account, guest, person
from tests.support.world import START, Person, World


def stored(world: World, uid: str = ANN_UID) -> dict[str, Any] | None:
    found = world.store.get(documents.person_path(uid))
    return found.data if found else None


def test_a_profile_is_made_by_the_person_and_holds_nothing_else(world: World, host: Person) -> None:
    ann = account(world, host)
    assert refused(ann.get("/me")) == (404, "no_profile")

    made = ann.put("/me", PROFILE | {"nickname": " Ann  Lee "})

    assert made.status_code == 200
    assert made.json == PROFILE | {"nickname": "Ann Lee", "uid": ANN_UID, "created_at": START}
    shown = ann.get("/me").json or {}
    nothing = {"points": 0, "games": 0, "rank": None, "people": 0}
    periods = {"day": "day-2023-11-14", "week": "week-2023-W46", "month": "month-2023-11", "all": "all"}
    assert shown.pop("standings") == [{"span": span, "period": name, **nothing} for span, name in periods.items()]
    assert shown.pop("classes") == []
    assert shown == made.json
    assert stored(world) == documents.new_person({**PROFILE, "nickname": "Ann Lee"}, START)  # type: ignore[typeddict-item]


def test_a_person_is_not_listed_by_default(world: World, host: Person) -> None:
    made = account(world, host).put("/me", {"nickname": "Ann"})

    assert made.json == {
        **{"uid": ANN_UID, "nickname": "Ann", "avatar": "fox"},
        **{"listed": False, "language": "en", "created_at": START},
    }


def test_a_changed_profile_keeps_what_was_counted(world: World, host: Person) -> None:
    ann = person(world, host)
    past = {"*": {"words": [900, START, 1_500, START, 2]}}
    world.store.commit([Update(documents.person_path(ANN_UID), {"n": 3, "past": past})])

    changed = ann.put("/me", {"nickname": "Anh", "avatar": "cat", "listed": True, "language": "vi"})

    assert changed.status_code == 200
    kept = stored(world) or {}
    assert (kept["n"], kept["past"], kept["created_at"]) == (4, past, START)
    boards = {moves.data["queue"] for moves in world.store.list("moves")}
    assert boards == {"global", "quiz-words"}, "the boards hear of the new name"
    assert (kept["nickname"], kept["avatar"], kept["listed"], kept["language"]) == ("Anh", "cat", True, "vi")


def test_the_same_profile_again_writes_nothing(world: World, host: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, before = person(world, host), world.store.get(documents.person_path(ANN_UID))

    monkeypatch.setattr(MemoryStore, "commit", lambda *_: pytest.fail("nothing has changed"))

    assert ann.put("/me", PROFILE).status_code == 200
    assert world.store.get(documents.person_path(ANN_UID)) == before


def test_only_an_account_has_a_profile(world: World, host: Person, session: dict[str, str]) -> None:
    ann, (of_session, _) = account(world, host), guest(host, session)

    assert refused(of_session.put("/me", PROFILE)) == (403, "account_needed")
    assert refused(of_session.get("/me")) == (403, "account_needed")
    assert refused(Person(host.client).put("/me", PROFILE)) == (401, "unauthenticated")
    assert ann.put("/me", PROFILE).status_code == 200


def test_an_account_whose_uid_names_no_document_has_no_profile(world: World, host: Person) -> None:
    world.identity.callers["odd"] = Caller("a/b")

    assert refused(Person(host.client, "odd").put("/me", PROFILE)) == (403, "account_unusable")


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ("nickname", "fuck", (422, "nickname_refused")),
        ("nickname", "", (400, "invalid")),
        ("avatar", "../fox", (400, "invalid")),
        ("listed", "yes", (400, "invalid")),
        ("listed", 1, (400, "invalid")),
        ("language", "klingon!", (400, "invalid")),
        ("points", 10, (400, "invalid")),
        ("n", 10, (400, "invalid")),
    ],
)
def test_a_profile_that_does_not_fit_is_refused(
    world: World, host: Person, field: str, value: object, answer: tuple[int, str]
) -> None:
    assert refused(account(world, host).put("/me", PROFILE | {field: value})) == answer
    assert stored(world) is None


def test_a_change_and_a_count_at_one_moment_both_hold(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker replaces the whole document between the read and the write of the change."""
    ann, commit, counted = person(world, host), MemoryStore.commit, list[int]()

    def late(store: MemoryStore, writes: Any) -> Any:
        if not counted:
            counted.append(1)
            commit(store, [Update(documents.person_path(ANN_UID), {"n": 9})])
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", late)
    changed = ann.put("/me", PROFILE | {"nickname": "Anh"})

    assert changed.status_code == 200
    assert ((stored(world) or {})["n"], (stored(world) or {})["nickname"]) == (9, "Anh")


def test_a_change_that_comes_late_does_not_bring_an_erased_profile_back(
    world: World, host: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, commit, erased = person(world, host), MemoryStore.commit, list[int]()

    def late(store: MemoryStore, writes: Any) -> Any:
        if not erased:
            erased.append(1)
            commit(store, [Delete(documents.person_path(ANN_UID))])
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", late)

    assert refused(ann.put("/me", PROFILE | {"nickname": "Anh"})) == (404, "no_profile")
    assert stored(world) is None


def test_a_person_who_calls_too_often_gets_slow_down(world: World) -> None:
    often = Person(world.client(profile_calls_per_minute=2))
    ann = person(world, often)

    assert ann.get("/me").status_code == 200
    assert refused(ann.get("/me")) == (429, "slow_down")


def test_a_class_sees_the_name_that_a_member_has_now(world: World, host: Person) -> None:
    ann, code = person(world, host), (host.post("/classes", {"title": "7b", "zone": "UTC"}).json or {})["code"]
    class_id = (ann.post("/classes/join", {"code": code}).json or {})["class_id"]

    assert ann.put("/me", PROFILE | {"nickname": "Anh", "avatar": "cat"}).status_code == 200

    member = world.store.get(documents.class_member_path(class_id, ANN_UID))
    assert member is not None
    assert member.data == {"nickname": "Anh", "avatar": "cat", "joined_at": START}
    assert ann.delete(f"/classes/{class_id}/members/{ANN_UID}").status_code == 204
    assert ann.put("/me", PROFILE).status_code == 200
    assert world.store.get(documents.class_member_path(class_id, ANN_UID)) is None


async def test_the_page_of_a_person_has_the_rank_of_how_many_in_each_period_and_the_classes(
    world: World, host: Person
) -> None:
    uids = [*PLAYERS[:3]]
    people = [person(world, host, uid) for uid in uids]
    code = (host.post("/classes", {"title": "7b", "zone": "UTC"}).json or {})["code"]
    class_id = (people[0].post("/classes/join", {"code": code}).json or {})["class_id"]
    session_id, _ = await play_game(world)
    await fold(world)
    scores = {uid: world.sheet(session_id, uid)["score"] for uid in uids}

    for uid, one in zip(uids, people, strict=True):
        page = one.get("/me").json or {}
        rank = 1 + sum(other > scores[uid] for other in scores.values())
        row = {"points": scores[uid], "games": 1, "rank": rank, "people": 3}
        assert [{name: each[name] for name in row} for each in page["standings"]] == [row] * 4
        assert [each["span"] for each in page["standings"]] == ["day", "week", "month", "all"]
        in_class = [{"class_id": class_id, "title": "7b", "joined_at": START}]
        assert page["classes"] == (in_class if uid == uids[0] else [])
    assert len(set(scores.values())) > 1
