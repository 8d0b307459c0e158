"""Classes: a host makes them, people join by a code. Each denial stands beside the success it is near."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.zones import zones
from quizcore.ports import Caller, Delete, Put
from quizcore.usecases import class_members
from tests.support.api_calls import KEY, OTHER_KEY, refused
from tests.support.people import person
from tests.support.world import Person, World

CLASS = {"title": "7b", "zone": "Europe/Berlin"}


@pytest.fixture(name="ann")
def _ann(world: World, host: Person) -> Person:
    return person(world, host, "ann")


@pytest.fixture(name="made")
def _made(host: Person) -> dict[str, str]:
    told = host.post("/classes", CLASS)
    assert told.status_code == 201, told.json
    return dict(told.json or {})


def join(who: Person, code: str, key: str | None = None) -> TestResponse:
    return who.post("/classes/join", {"code": code}, key)


def document(world: World, path: str) -> dict[str, Any] | None:
    found = world.store.get(path)
    return found.data if found else None


def members(world: World, class_id: str) -> set[str]:
    """By the class's own documents, which say the same as the members' own."""
    found = {each.name for each in world.store.list(documents.class_members_path(class_id))}
    for uid in ("ann", "ben", "host-1"):
        assert (document(world, documents.membership_path(uid, class_id)) is not None) == (uid in found)
    return found


def test_a_host_makes_a_class_with_a_code_in_one_commit(world: World, host: Person, made: dict[str, str]) -> None:
    found = document(world, documents.class_path(made["class_id"]))

    assert found == CLASS | {"owner_id": "host-1", "code": made["code"], "created_at": world.clock.ms}
    assert document(world, documents.class_code_path(made["code"])) == {"class_id": made["class_id"]}
    listed = {"class_id": made["class_id"], "code": made["code"], "created_at": world.clock.ms, **CLASS}
    assert (host.get("/classes").json or {}) == {"classes": [listed]}


@pytest.mark.parametrize(("role", "allowed"), [(None, False), ("player", False), ("author", False), ("operator", True)])
def test_only_the_roles_that_may_keep_classes_make_and_list_them(
    world: World, host: Person, role: str | None, allowed: bool
) -> None:
    world.identity.callers["other"] = Caller("other", role)
    other = Person(host.client, "other")

    if allowed:
        assert other.post("/classes", CLASS).status_code == 201
        assert other.get("/classes").status_code == 200
    else:
        assert refused(other.post("/classes", CLASS)) == (403, "forbidden")
        assert refused(other.get("/classes")) == (403, "forbidden")


@pytest.mark.parametrize(
    "zone", ["Europe/Atlantis", "localtime", "../UTC", "Europe", "europe/berlin", "UTC+1", "Europe/Berlin\0"]
)
def test_a_zone_that_is_none_is_refused(host: Person, zone: str) -> None:
    assert refused(host.post("/classes", CLASS | {"zone": zone})) == (400, "invalid")
    assert host.post("/classes", CLASS | {"zone": "Asia/Ho_Chi_Minh"}).status_code == 201


def test_the_zones_are_those_of_the_pinned_data_and_no_machines_own() -> None:
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= zones()
    assert len(zones()) > 400
    assert not {"localtime", "posixrules", "right/UTC"} & zones()


@pytest.mark.parametrize("title", ["", "   ", "7\u202eb", "x" * 81, "a\u0000b"])
def test_a_title_has_characters_that_people_see(host: Person, title: str) -> None:
    assert refused(host.post("/classes", CLASS | {"title": title})) == (400, "invalid")
    listed = host.post("/classes", CLASS | {"title": "  7b \n Englisch "})
    assert listed.status_code == 201
    assert [one["title"] for one in (host.get("/classes").json or {})["classes"]] == ["7b Englisch"]


def test_a_repeated_request_makes_one_class_and_another_body_needs_another_key(world: World, host: Person) -> None:
    first, again = host.post("/classes", CLASS, KEY), host.post("/classes", CLASS, KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert len(world.store.list(documents.CLASSES)) == 1
    assert refused(host.post("/classes", CLASS | {"title": "8a"}, KEY)) == (409, "key_reused")
    assert host.post("/classes", CLASS, OTHER_KEY).json != first.json


def test_a_host_has_a_bounded_number_of_classes(world: World, host: Person, made: dict[str, str]) -> None:
    client = world.client(classes_per_host=2)
    bounded = Person(client, host.token)

    assert bounded.post("/classes", CLASS).status_code == 201
    assert refused(bounded.post("/classes", CLASS)) == (409, "too_many_classes")
    assert bounded.delete(f"/classes/{made['class_id']}").status_code == 204
    assert bounded.post("/classes", CLASS).status_code == 201


def test_a_code_in_use_is_drawn_again(
    world: World, host: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([made["code"], "QQQQQQ", made["code"], "RRRRRR"])
    monkeypatch.setattr(world.ids, "code", lambda: next(codes), raising=False)

    other = host.post("/classes", CLASS).json or {}
    assert other["code"] == "QQQQQQ"
    assert (host.post(f"/classes/{other['class_id']}/code", {}).json or {}) == {"code": "RRRRRR"}
    assert document(world, documents.class_code_path(made["code"])) == {"class_id": made["class_id"]}


def test_a_person_with_a_profile_joins_by_the_code_as_people_type_it(
    world: World, ann: Person, made: dict[str, str]
) -> None:
    typed = f" {made['code'][:3].lower()}-{made['code'][3:].lower()} "

    told = join(ann, typed)

    assert (told.status_code, told.json) == (201, {"class_id": made["class_id"], "title": "7b"})
    now = world.clock.ms
    assert document(world, documents.class_member_path(made["class_id"], "ann")) == {
        "nickname": "Ann",
        "avatar": "owl",
        "joined_at": now,
    }
    assert document(world, documents.membership_path("ann", made["class_id"])) == {"title": "7b", "joined_at": now}


def test_a_member_who_joins_again_changes_nothing(world: World, ann: Person, made: dict[str, str]) -> None:
    join(ann, made["code"], KEY)
    before = {path: found.version for path, found in world.store._documents.items()}
    world.clock.advance(1_000)

    assert join(ann, made["code"], KEY).status_code == 201
    assert join(ann, made["code"]).status_code == 201
    assert {path: found.version for path, found in world.store._documents.items()} == before


def test_a_key_that_joined_one_class_joins_no_other(host: Person, ann: Person, made: dict[str, str]) -> None:
    other = host.post("/classes", CLASS | {"title": "8a"}).json or {}
    join(ann, made["code"], KEY)

    assert refused(join(ann, other["code"], KEY)) == (409, "key_reused")
    assert join(ann, other["code"], OTHER_KEY).status_code == 201


def test_a_person_without_a_profile_or_account_cannot_join_a_class(
    world: World, player: Person, ann: Person, made: dict[str, str]
) -> None:
    world.identity.callers["new"] = Caller("new")

    assert refused(join(Person(ann.client, "new"), made["code"])) == (404, "no_profile")
    assert refused(join(player, made["code"])) == (403, "account_needed")
    assert refused(join(Person(ann.client), made["code"])) == (401, "unauthenticated")
    assert members(world, made["class_id"]) == set()
    assert join(ann, made["code"]).status_code == 201


@pytest.mark.parametrize("code", ["222222", "BCDF2", "bcdf2/..", "OOOOOO", "none"])
def test_a_wrong_code_of_any_form_is_refused(ann: Person, made: dict[str, str], code: str) -> None:
    assert refused(join(ann, code)) == (404, "unknown_code")
    assert join(ann, made["code"]).status_code == 201


def test_wrong_codes_and_wrong_pins_spend_one_budget(world: World, host: Person, made: dict[str, str]) -> None:
    client = world.client(wrong_pins_per_account=8, wrong_pins_per_address_signed_in=100)
    ann, ben = (person(world, Person(client), uid) for uid in ("ann", "ben"))
    for _ in range(2):
        assert refused(join(ann, "222222")) == (404, "unknown_code")
        assert refused(ann.post("/join", {"pin": "999999", "nickname": "Ann"})) == (404, "unknown_pin")

    wrong, right = join(ann, "222222"), join(ann, made["code"])

    assert refused(wrong) == refused(right) == (429, "slow_down")
    assert wrong.data == right.data, "the same answer for a wrong and a right code"
    assert refused(ann.post("/join", {"pin": "999999", "nickname": "Ann"})) == (429, "slow_down")
    assert join(ben, made["code"]).status_code == 201, "another account has its own"


def test_a_new_code_replaces_the_old_one(world: World, host: Person, ann: Person, made: dict[str, str]) -> None:
    path = f"/classes/{made['class_id']}/code"

    code = (host.post(path, {}, KEY).json or {})["code"]

    assert code != made["code"]
    assert (host.post(path, {}, KEY).json or {})["code"] == code, "repeated"
    assert refused(join(ann, made["code"])) == (404, "unknown_code")
    assert join(ann, code).status_code == 201
    world.identity.callers["h2"] = Caller("host-2", "host")
    assert refused(Person(host.client, "h2").post(path, {})) == (404, "unknown_class")


def test_only_the_member_and_the_owner_end_a_membership(
    world: World, host: Person, ann: Person, made: dict[str, str]
) -> None:
    ben = person(world, host, "ben")
    class_id = made["class_id"]
    for who in (ann, ben):
        join(who, made["code"])
    world.identity.callers["h2"] = Caller("host-2", "host")

    assert refused(ben.delete(f"/classes/{class_id}/members/ann")) == (404, "unknown_class")
    assert refused(Person(host.client, "h2").delete(f"/classes/{class_id}/members/ann")) == (404, "unknown_class")
    assert members(world, class_id) == {"ann", "ben"}
    assert host.delete(f"/classes/{class_id}/members/ann").status_code == 204
    assert members(world, class_id) == {"ben"}
    assert ben.delete(f"/classes/{class_id}/members/ben").status_code == 204
    assert ben.delete(f"/classes/{class_id}/members/ben").status_code == 204, "repeated"
    assert members(world, class_id) == set()


def test_a_full_class_accepts_no_member_until_one_leaves(
    world: World, host: Person, ann: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert class_members.MOST_MEMBERS == 2_000
    monkeypatch.setattr(class_members, "MOST_MEMBERS", 1)
    ben = person(world, host, "ben")
    join(ann, made["code"])

    assert refused(join(ben, made["code"])) == (409, "class_full")
    assert join(ann, made["code"]).status_code == 201, "a member stays one"
    ann.delete(f"/classes/{made['class_id']}/members/ann")
    assert join(ben, made["code"]).status_code == 201


def test_a_person_is_in_a_bounded_number_of_classes(
    host: Person, ann: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_members, "MOST_MEMBERSHIPS", 1)
    other = host.post("/classes", CLASS).json or {}
    join(ann, made["code"])

    assert refused(join(ann, other["code"])) == (409, "too_many_classes")
    ann.delete(f"/classes/{made['class_id']}/members/ann")
    assert join(ann, other["code"]).status_code == 201


def test_an_erased_person_does_not_come_back_as_a_member(
    world: World, ann: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased between the reads of a join and its commit."""
    commit = MemoryStore.commit

    def overtaken(store: MemoryStore, writes: Any) -> Any:
        commit(store, [Delete(documents.person_path("ann"))])
        return commit(store, writes)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "commit", overtaken)
        assert refused(join(ann, made["code"])) == (404, "no_profile")

    assert members(world, made["class_id"]) == set()


def test_a_deleted_class_is_gone_with_its_memberships_and_its_code(
    world: World, host: Person, ann: Person, made: dict[str, str]
) -> None:
    class_id = made["class_id"]
    other = host.post("/classes", CLASS | {"title": "8a"}).json or {}
    for one in (made, other):
        join(ann, one["code"])
    many = {documents.class_member_path(class_id, f"m{n}"): {"nickname": "M"} for n in range(450)}
    many |= {documents.membership_path(f"m{n}", class_id): {"title": "7b"} for n in range(450)}
    world.store.commit([Put(path, data) for path, data in many.items()])
    world.identity.callers["h2"] = Caller("host-2", "host")

    assert refused(Person(host.client, "h2").delete(f"/classes/{class_id}")) == (404, "unknown_class")
    assert refused(ann.delete(f"/classes/{class_id}")) == (404, "unknown_class")
    assert host.delete(f"/classes/{class_id}").status_code == 204

    assert [path for path in world.store._documents if class_id in path] == []
    assert refused(join(ann, made["code"])) == (404, "unknown_code")
    assert refused(host.delete(f"/classes/{class_id}")) == (404, "unknown_class")
    assert members(world, other["class_id"]) == {"ann"}


def test_a_class_whose_deletion_failed_in_between_is_deleted_by_the_next_try(
    world: World, host: Person, ann: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    join(ann, made["code"])
    commit, left = MemoryStore.commit, iter([True, False])

    def fails(store: MemoryStore, writes: Any) -> Any:
        if next(left):
            return commit(store, writes)
        raise RuntimeError("the instance dies")

    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "commit", fails)
        assert refused(host.delete(f"/classes/{made['class_id']}")) == (500, "internal")
    assert members(world, made["class_id"]) == {"ann"}

    assert host.delete(f"/classes/{made['class_id']}").status_code == 204
    assert members(world, made["class_id"]) == set()


def test_a_class_that_is_too_large_for_one_request_is_deleted_by_several(
    world: World, host: Person, made: dict[str, str]
) -> None:
    hurried = Person(world.client(request_timeout_ms=500), host.token)
    path = f"/classes/{made['class_id']}"
    many = [documents.class_member_path(made["class_id"], f"m{number:02}") for number in range(60)]
    world.store.commit([Put(member, {"nickname": "M"}) for member in many])

    told = [hurried.delete(path) for _ in range(3)]

    assert [refused(response) for response in told[:2]] == [(503, "try_again")] * 2
    assert told[2].status_code == 204
    assert [stored for stored in world.store._documents if made["class_id"] in stored] == []


def test_a_member_may_leave_a_class_that_is_gone(world: World, ann: Person, made: dict[str, str]) -> None:
    join(ann, made["code"])
    world.store.commit([Delete(documents.class_path(made["class_id"]))])

    assert ann.delete(f"/classes/{made['class_id']}/members/ann").status_code == 204
    assert members(world, made["class_id"]) == set()


def test_the_record_of_a_request_expires(world: World, host: Person) -> None:
    host.post("/classes", CLASS, KEY)

    (remembered,) = [found for path, found in world.store._documents.items() if path.startswith("requests/")]

    assert remembered.data["expires_at"] == documents.expiry(world.clock.ms) + timedelta(days=30)


def test_two_new_codes_at_once_leave_one_that_leads_to_the_class(
    world: World, host: Person, ann: Person, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, told, path = MemoryStore.commit, list[str](), f"/classes/{made['class_id']}/code"

    def racing(store: MemoryStore, writes: Any) -> Any:
        if not told:
            told.append("racing")
            told.append((host.post(path, {}).json or {})["code"])
        return commit(store, writes)

    monkeypatch.setattr(MemoryStore, "commit", racing)
    last = (host.post(path, {}).json or {})["code"]

    codes = [found.path for found in world.store.list("class_codes")]
    assert codes == [documents.class_code_path(last)]
    assert refused(join(ann, told[1])) == (404, "unknown_code")
    assert join(ann, last).status_code == 201


def test_a_path_with_a_line_break_is_refused_as_the_api_refuses(host: Person) -> None:
    """The framework around the API has no route for it."""
    assert refused(host.delete("/classes/c/members/a%0Ab")) == (404, "unknown_path")
