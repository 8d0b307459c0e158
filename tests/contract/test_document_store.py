"""The promises of every document store, tested on the twin and on Firestore's emulator."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from devstack.stack import Stack
from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.memory import MemoryStore
from quizcore.messages import is_document_name
from quizcore.ports import (
    CommitTooLarge,
    Conflict,
    Create,
    Delete,
    DocumentReader,
    DocumentStore,
    OrderBy,
    Put,
    Replace,
    Snapshot,
    Update,
)
from quizcore.telemetry import Telemetry
from tests.support.eventually import eventually

_numbers = count(1)


@pytest.fixture(params=["memory", "firestore"], name="store")
def _store(request: pytest.FixtureRequest) -> DocumentStore:
    if request.param == "memory":
        return MemoryStore()
    stack: Stack = request.getfixturevalue("stack")
    return FirestoreStore(FirestoreClient(project=stack.project), Telemetry())


@pytest.fixture(name="root")
def _root() -> str:
    """A collection of its own for each test."""
    return f"contract-{next(_numbers)}"


def test_a_missing_document_is_none(store: DocumentStore, root: str) -> None:
    assert store.get(f"{root}/a") is None
    assert store.get_many([f"{root}/a"]) == {}
    assert store.list(root) == []


def test_create_writes_once_and_conflicts_the_second_time(store: DocumentStore, root: str) -> None:
    store.commit([Create(f"{root}/a", {"n": 1})])

    with pytest.raises(Conflict):
        store.commit([Create(f"{root}/a", {"n": 2})])

    found = store.get(f"{root}/a")
    assert found is not None
    assert (found.path, found.name, found.data) == (f"{root}/a", "a", {"n": 1})


def test_put_replaces_all_and_update_keeps_the_other_leaves(store: DocumentStore, root: str) -> None:
    path = f"{root}/a"
    store.commit([Put(path, {"score": 1, "answers": {"0": {"points": 5, "at": 1}, "1": {"points": 7}}})])

    store.commit([Update(path, {"answers": {"0": {"points": 6}, "2": {"points": 8}}, "list": [1]})])
    merged = store.get(path)
    store.commit([Update(path, {"list": []}), Put(f"{root}/b", {"fresh": True})])
    store.commit([Put(f"{root}/c", {"x": 1}), Put(f"{root}/c", {"y": 2})])

    assert merged is not None
    assert merged.data == {
        "score": 1,
        "answers": {"0": {"points": 6, "at": 1}, "1": {"points": 7}, "2": {"points": 8}},
        "list": [1],
    }
    found = store.get_many([path, f"{root}/b", f"{root}/c", f"{root}/none"])
    assert found[path].data["list"] == []
    assert found[f"{root}/b"].data == {"fresh": True}
    assert found[f"{root}/c"].data == {"y": 2}
    assert len(found) == 3


def test_replace_requires_the_version_that_was_read(store: DocumentStore, root: str) -> None:
    path = f"{root}/board"
    store.commit([Create(path, {"seq": 0, "kept": True})])
    first = store.get(path)
    assert first is not None

    versions = store.commit([Replace(path, {"seq": 1}, first.version), Put(f"{root}/p", {"score": 5})])
    with pytest.raises(Conflict):
        store.commit([Put(f"{root}/p", {"score": 9}), Replace(path, {"seq": 2}, first.version)])
    store.commit([Replace(path, {"seq": 3}, versions[path])])

    found = store.get_many([path, f"{root}/p"])
    assert found[path].data == {"seq": 3, "kept": True}
    assert found[f"{root}/p"].data == {"score": 5}, "nothing of a commit that conflicts is written"


def test_replace_of_a_deleted_document_conflicts(store: DocumentStore, root: str) -> None:
    path = f"{root}/board"
    store.commit([Create(path, {"seq": 0})])
    found = store.get(path)
    assert found is not None
    store.commit([Delete(path)])

    with pytest.raises(Conflict):
        store.commit([Replace(path, {"seq": 1}, found.version)])
    assert store.get(path) is None


def test_update_keeps_the_other_leaves_and_does_not_create_a_document(store: DocumentStore, root: str) -> None:
    path = f"{root}/a"
    store.commit([Create(path, {"score": 1, "answers": {"0": {"points": 5, "at": 1}}})])
    versions = store.commit([Update(path, {"answers": {"0": {"points": 6}, "1": {"points": 7}}})])
    found = store.get(path)
    assert found is not None
    assert found.data == {"score": 1, "answers": {"0": {"points": 6, "at": 1}, "1": {"points": 7}}}
    assert found.version == versions[path]

    store.commit([Delete(path)])
    with pytest.raises(Conflict):
        store.commit([Put(f"{root}/b", {"n": 1}), Update(path, {"score": 2})])

    assert store.get_many([path, f"{root}/b"]) == {}, "nothing of a commit that conflicts is written"


def test_a_commit_beyond_the_limit_raises_commit_too_large_and_writes_nothing(store: DocumentStore, root: str) -> None:
    text = "\N{GRINNING FACE}" * 200
    writes = [Put(f"{root}/{n}", {"answers": [{"text": text, "at": n}] * 100}) for n in range(140)]

    with pytest.raises(CommitTooLarge):
        store.commit(writes)
    assert store.list(root) == []

    store.commit(writes[:40])
    assert store.count(root, []) == 40


def test_a_commit_and_a_read_give_the_same_version(store: DocumentStore, root: str) -> None:
    versions = store.commit([Create(f"{root}/a", {"n": 1})])
    found = store.get(f"{root}/a")

    assert found is not None
    assert found.version == versions[f"{root}/a"]


def test_list_filters_and_limits_and_leaves_subcollections_out(store: DocumentStore, root: str) -> None:
    store.commit([Put(f"{root}/{name}", {"kind": kind, "due_at": due}) for name, kind, due in ROWS])
    store.commit([Put(f"{root}/a/below/x", {"kind": "odd"})])

    def names(found: list[Snapshot]) -> list[str]:
        return sorted(snapshot.name for snapshot in found)

    assert names(store.list(root)) == ["a", "b", "c", "d"]
    assert names(store.list(root, where=[("kind", "==", "odd")])) == ["a", "c"]
    assert names(store.list(root, where=[("due_at", "<=", 20)])) == ["a", "b"]
    assert names(store.list(root, where=[("due_at", ">=", 20)])) == ["b", "c"]
    assert names(store.list(root, where=[("due_at", ">", 10), ("due_at", "<", 30)])) == ["b"]
    assert len(store.list(root, limit=3)) == 3
    assert [s.name for s in store.list(root, limit=2, order_by=OrderBy("due_at", descending=True))] == ["c", "b"]
    assert [s.name for s in store.list(root, order_by=OrderBy("due_at"))] == ["d", "a", "b", "c"], "null is first"
    assert store.count(root, where=[("due_at", "<", 30)]) == 2
    assert store.count(f"{root}/none/x", where=[("due_at", "<", 30)]) == 0


@pytest.mark.parametrize("descending", [False, True])
def test_a_list_continues_after_any_document_also_among_equal_values(
    store: DocumentStore, root: str, descending: bool
) -> None:
    store.commit(
        [
            Put(f"{root}/{name}", {"at": at, "kind": "odd"})
            for name, at in zip("abcdef", (1, 2, 2, 2, 3, 3), strict=True)
        ]
    )
    store.commit([Put(f"{root}/g", {"at": 2, "kind": "even"})])
    order, seen, after = OrderBy("at", descending), list[str](), None

    while page := store.list(root, [("kind", "==", "odd")], 2, order, after):
        seen += [snapshot.name for snapshot in page]
        after = (page[-1].data["at"], page[-1].name)

    assert seen == (["f", "e", "d", "c", "b", "a"] if descending else ["a", "b", "c", "d", "e", "f"])
    store.commit([Delete(f"{root}/c")])
    left = [s.name for s in store.list(root, [("kind", "==", "odd")], order_by=order, after=(2, "c"))]
    assert left == (["b", "a"] if descending else ["d", "e", "f"]), "the document itself may be gone"


def test_a_list_without_an_order_continues_after_any_name(store: DocumentStore, root: str) -> None:
    store.commit([Put(f"{root}/{name}", {"kind": "odd"}) for name in "edcba"])
    store.commit([Put(f"{root}/bb", {"kind": "even"})])
    seen, after = list[str](), None

    while page := store.list(root, [("kind", "==", "odd")], 2, after=after):
        seen += [snapshot.name for snapshot in page]
        after = (None, page[-1].name)

    assert seen == ["a", "b", "c", "d", "e"]
    store.commit([Delete(f"{root}/c")])
    left = store.at_one_moment(lambda reader: reader.list(root, after=(None, "c")))
    assert [snapshot.name for snapshot in left] == ["d", "e"], "the document itself may be gone"


def test_delete_with_a_version_requires_the_version_that_was_read(store: DocumentStore, root: str) -> None:
    path = f"{root}/a"
    store.commit([Create(path, {"n": 1})])
    first = store.get(path)
    assert first is not None
    store.commit([Put(path, {"n": 2})])

    with pytest.raises(Conflict):
        store.commit([Delete(path, first.version), Put(f"{root}/b", {"n": 1})])
    assert set(store.get_many([path, f"{root}/b"])) == {path}
    second = store.get(path)
    assert second is not None
    store.commit([Delete(path, second.version)])
    with pytest.raises(Conflict):
        store.commit([Delete(path, second.version)])
    assert store.get(path) is None


def test_reads_of_one_snapshot_do_not_see_a_later_commit(store: DocumentStore, root: str) -> None:
    store.commit([Put(f"{root}/a", {"n": 1}), Put(f"{root}/b", {"n": 1})])

    def read(reader: DocumentReader) -> tuple[int, ...]:
        first = reader.get_many([f"{root}/a"])
        if isinstance(store, FirestoreStore):  # the twin has one thread, so nothing comes in between
            store.commit([Put(f"{root}/b", {"n": 2}), Put(f"{root}/c", {"n": 2})])
        listed = reader.list(root, order_by=OrderBy("n"))
        return first[f"{root}/a"].data["n"], *(s.data["n"] for s in listed), reader.count(root, [("n", ">", 0)])

    assert store.at_one_moment(read) == (1, 1, 1, 2)


ROWS = [("a", "odd", 10), ("b", "even", 20), ("c", "odd", 30), ("d", "even", None)]


def test_a_listener_gets_the_document_now_and_after_each_change_until_it_stops(store: DocumentStore, root: str) -> None:
    path = f"{root}/a"
    heard: list[object] = []
    stop = store.listen(path, lambda snapshot: heard.append(snapshot and snapshot.data["n"]))
    eventually(lambda: heard == [None], "hears that it is not there")

    store.commit([Create(path, {"n": 1})])
    eventually(lambda: heard == [None, 1], "hears the first")
    store.commit([Put(path, {"n": 2})])
    eventually(lambda: heard == [None, 1, 2], "hears the change")

    stop()
    store.commit([Put(path, {"n": 3})])
    assert heard == [None, 1, 2]


def test_bytes_are_read_back_unchanged(store: DocumentStore, root: str) -> None:
    store.commit([Put(f"{root}/a", {"table": b"\x00\x80\xff", "empty": b""})])

    found = store.get(f"{root}/a")

    assert found is not None
    assert found.data == {"table": b"\x00\x80\xff", "empty": b""}


NAMES = ["auth0|abc", "kakao:1", "a.b", "user@school.example", "Nguyễn Ánh", "...", "_", "__", "a" * 128, "%2F", "名"]


def test_a_document_can_have_any_valid_name(store: DocumentStore, root: str) -> None:
    assert all(map(is_document_name, NAMES))
    store.commit([Create(f"{root}/{name}", {"name": name}) for name in NAMES])

    assert {found.name for found in store.list(root)} == set(NAMES)
    found = store.get_many([f"{root}/{name}" for name in NAMES])
    assert {snapshot.data["name"] for snapshot in found.values()} == set(NAMES)
    with pytest.raises(Conflict):
        store.commit([Create(f"{root}/{NAMES[0]}", {})])


def test_one_of_several_simultaneous_creates_succeeds_and_the_others_conflict(store: DocumentStore, root: str) -> None:
    def create(number: int) -> str:
        try:
            store.commit([Create(f"{root}/{name}", {"by": number}) for name in ("a", "b", "c")])
        except Conflict:
            return "conflict"
        return "made"

    with ThreadPoolExecutor(6) as threads:
        told = Counter(threads.map(create, range(6)))

    assert told == {"made": 1, "conflict": 5}
    assert len({found.data["by"] for found in store.list(root)}) == 1


def test_a_count_can_filter_on_two_fields(store: DocumentStore, root: str) -> None:
    for number, (host, final) in enumerate([("h1", True), ("h1", False), ("h1", False), ("h2", False)]):
        store.commit([Put(f"{root}/{number}", {"host_id": host, "final": final})])

    assert store.count(root, [("host_id", "==", "h1"), ("final", "==", False)]) == 2
    assert store.count(root, []) == 4


def test_documents_of_one_name_are_found_wherever_their_collection_lies(store: DocumentStore, root: str) -> None:
    names = f"{root}-names"
    paths = [f"{root}/a/{names}/1", f"{root}/b/{names}/1", f"{root}/b/{names}/2", f"{names}/3"]
    store.commit([Put(path, {"who": "ann"}) for path in paths])
    store.commit([Put(f"{root}/b/{names}/4", {"who": "ben"}), Put(f"{root}/b/others/1", {"who": "ann"})])

    found = store.find(names, [("who", "==", "ann")])

    assert [snapshot.path for snapshot in found] == sorted(paths)
    assert all(snapshot.data == {"who": "ann"} for snapshot in found)
    assert store.find(names, [("who", "==", "cho")]) == []
    store.commit([Delete(found[0].path, found[0].version)])
