"""A session in a file is restored unchanged, or not at all."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryStore, SequentialIds
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import SessionUnknown
from quizcore.messages import SessionFinished
from quizcore.ports import Create, Delete, Put, Update
from quizcore.usecases.archive import ArchiveUnreadable, SessionExists, _checksum, archived, read, restore
from quizcore.usecases.verify import folded_again
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.games import START
from tests.support.world import END, OPENED, Running, World, spread, until

PLAYERS = [f"p{number}" for number in range(6)]
SHARDS = 2


@pytest.fixture(name="session_id")
def _session_id(world: World) -> str:
    return asyncio.run(over(world))


async def over(world: World) -> str:
    """Played to the end, in two shards."""
    worker = Running(world)
    s = world.open_session(SHARDS)
    events = [*(world.joined(s, p) for p in PLAYERS), world.opened(s)]
    events += [world.answered(s, p, OPENED + n, choice=n % 2) for n, p in enumerate(PLAYERS)]
    world.clock.ms = END + 1
    world.bus.publish(spread(events, SHARDS))
    for at in (END + 2, END + PUBLISH_BOUND_MS + 10):
        world.bus.publish(spread([world.message(SessionFinished, s, at)], SHARDS))
    world.clock.ms = END + PUBLISH_BOUND_MS + 20
    await until(lambda: world.board(s)["final"], "the podium")
    await worker.stop()
    return s


def through_a_file(archive: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(archive))


KEPT_UNTIL = documents.expiry(START) + timedelta(days=90)


def brought_back(store: MemoryStore, archive: Any, host_id: str = "host-1") -> str | None:
    return restore(store, read(archive), host_id=host_id, expires_at=KEPT_UNTIL, ids=SequentialIds())


def test_a_session_is_restored_unchanged_in_another_store(world: World, session_id: str) -> None:
    elsewhere = MemoryStore()

    assert brought_back(elsewhere, through_a_file(archived(world.store, session_id))) is None, "it is over"

    mine = {path: dict(each.data) for path, each in world.store._documents.items() if path.startswith("sessions/")}
    for data in mine.values():
        data["expires_at"] = KEPT_UNTIL
    assert {path: snapshot.data for path, snapshot in elsewhere._documents.items()} == mine
    found = folded_again(elsewhere, session_id)
    assert found["differences"] == []
    assert found["answers"] == len(PLAYERS)


def test_a_restoration_deletes_remains_of_the_session(world: World, session_id: str) -> None:
    archive, elsewhere = through_a_file(archived(world.store, session_id)), MemoryStore()
    elsewhere.commit([Put(documents.page_path(session_id, 7), {"page": 7, "rows": []})])

    brought_back(elsewhere, archive)

    assert folded_again(elsewhere, session_id)["differences"] == []


def test_an_incomplete_session_is_not_exported(world: World, session_id: str) -> None:
    assert archived(world.store, session_id)["documents"]
    world.store.commit([Put(documents.session_path(session_id), {"state": "finished"})])

    with pytest.raises(SessionUnknown):
        archived(world.store, session_id)


def test_an_archive_holds_no_requests_and_no_links_and_a_restoration_leaves_none(world: World, session_id: str) -> None:
    request = {"digest": "d", "event": None, "player_id": None, "expires_at": KEPT_UNTIL}
    link = documents.link_fields("ann-uid", "guest", START, KEPT_UNTIL)
    elsewhere = MemoryStore()
    for store in (world.store, elsewhere):
        store.commit([Put(documents.request_path(session_id, "key"), request)])
        store.commit([Put(documents.link_path(session_id, "p1"), link)])
    archive = through_a_file(archived(world.store, session_id))

    brought_back(elsewhere, archive)

    paths = [*archive["documents"], *elsewhere._documents]
    assert not any(f"/{left_out}/" in path for path in paths for left_out in ("requests", "links"))


def test_an_existing_session_is_not_changed(world: World, session_id: str) -> None:
    archive, before = through_a_file(archived(world.store, session_id)), deepcopy(world.store._documents)

    with pytest.raises(SessionExists):
        brought_back(world.store, archive)

    assert world.store._documents == before


def test_an_unfinished_session_gets_its_pin_again_or_a_new_one_when_it_is_in_use(world: World) -> None:
    s = world.open_session()
    archive = through_a_file(archived(world.store, s))
    pin = archive["documents"][f"sessions/{s}"]["pin"]
    same, other = MemoryStore(), MemoryStore()
    other.commit([Create(documents.pin_path(pin), {"session_id": "another"})])

    assert brought_back(same, archive) == pin
    fresh = brought_back(other, archive)

    assert fresh not in {None, pin}
    found = other.get_many([documents.pin_path(pin), documents.pin_path(str(fresh)), documents.session_path(s)])
    assert found[documents.pin_path(pin)].data == {"session_id": "another"}
    assert found[documents.pin_path(str(fresh))].data == {"session_id": s, "expires_at": KEPT_UNTIL}
    assert found[documents.session_path(s)].data["pin"] == fresh


def is_refused(archive: Any) -> bool:
    try:
        read(through_a_file(archive))
    except ArchiveUnreadable:
        return True
    return False


def _changed(archive: dict[str, Any]) -> None:
    player = next(path for path in archive["documents"] if "/players/" in path)
    archive["documents"][player]["score"] += 1


def _of_another_format(archive: dict[str, Any]) -> None:
    archive["format"] = "zip"


def _cut(archive: dict[str, Any]) -> None:
    del archive["documents"]


@pytest.mark.parametrize("spoil", [_changed, _of_another_format, _cut])
def test_an_archive_that_was_changed_is_refused(world: World, session_id: str, spoil: Any) -> None:
    archive = through_a_file(archived(world.store, session_id))
    spoil(archive)

    with pytest.raises(ArchiveUnreadable, match=r"export|archive"):
        read(archive)


def forged(archive: Any, **changes: dict[str, Any] | None) -> Any:
    """With a right checksum, as a forger computes it."""
    made = deepcopy(archive)
    for path, data in changes.items():
        made["documents"].pop(path, None)
        if data is not None:
            made["documents"][path] = data
    return signed(made)


def signed(made: Any) -> Any:
    return made | {"sha256": _checksum(made["documents"])}


def test_a_forged_archive_writes_to_no_other_session_and_reserves_no_pins(world: World, session_id: str) -> None:
    """Each with a right checksum."""
    good, at = through_a_file(archived(world.store, session_id)), {"$time": "2026-01-01T00:00:00+00:00"}
    victim = good | {"session_id": "victim/players/mallory"}
    moved = {
        path.replace(f"sessions/{session_id}", "sessions/victim/players/mallory"): data
        for path, data in good["documents"].items()
    }
    pin = {"session_id": "another", "expires_at": at}
    own_pin = next(path for path in good["documents"] if path.startswith("pins/"))
    rows = {"page": 0, "pages": 1, "rows": [], "seq": 1, "as_of": 1, "expires_at": at}
    event = '{"v":1,"type":"player_removed","event_id":"e","session_id":"victim","shard":0,"at":1,"player_id":"ann"}'
    request = {"digest": "d", "event": event, "player_id": "ann", "expires_at": at}
    cases = {
        "another session by an event that the API would publish": forged(
            good, **{f"sessions/{session_id}/requests/00000000-0000-4000-8000-000000000000": request}
        ),
        "another session by its id": signed(victim | {"documents": moved}),
        "another session by a path": forged(good, **{f"{documents.players_path('victim')}/mallory": {}}),
        "below a document": forged(good, **{f"sessions/{session_id}/boards/page-0/x/y": rows}),
        "no name": forged(good, **{f"sessions/{session_id}/boards/": rows}),
        "a page of no number": forged(good, **{f"sessions/{session_id}/boards/page-x": rows}),
        "dots": forged(good, **{f"sessions/{session_id}/nicknames/..": {"player_id": "p", "expires_at": at}}),
        "reserved": forged(good, **{f"sessions/{session_id}/nicknames/__x__": {"player_id": "p", "expires_at": at}}),
        "half a surrogate": forged(good, **{f"sessions/{session_id}/nicknames/\ud800": {"player_id": "p"}}),
        "quizzes": forged(good, **{"quizzes/words": {"title": "mine now"}}),
        "its own pin for another": forged(good, **{own_pin: pin}),
        "many pins": forged(good, **{f"pins/{n:06}": pin for n in range(500)}),
    }
    assert {what for what, archive in cases.items() if not is_refused(archive)} == set()


@pytest.mark.parametrize(
    "lost",
    ["private/quiz", "private/timeline-0", "boards/top", "shards/1", "rolls/1-0", ""],
    ids=lambda name: name or "head",
)
def test_a_session_that_no_worker_could_load_is_refused(world: World, session_id: str, lost: str) -> None:
    archive = through_a_file(archived(world.store, session_id))

    with pytest.raises(ArchiveUnreadable, match=r"lacks|own document"):
        read(forged(archive, **{f"sessions/{session_id}/{lost}".rstrip("/"): None}))


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of a document are, itself left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*place, name)
        yield from leaves(each, (*place, name))


def with_other(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    made = deepcopy(data)
    at = made
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = value
    return made


def kinds(archive: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """One document of each kind."""
    seen = set[str]()
    for path, data in archive["documents"].items():
        *_, collection, name = path.split("/")
        kind = name if collection in {"private", "boards"} else collection
        if kind not in seen:
            seen.add(kind)
            yield path, data


@pytest.mark.parametrize("stage", ["running", "over"])
async def test_a_value_of_another_type_in_any_field_is_refused(world: World, session_id: str, stage: str) -> None:
    archive = through_a_file(archived(world.store, session_id if stage == "over" else await running(world)))
    assert read(archive)
    tried = 0
    for path, data in kinds(archive):
        for place in leaves(data):
            for odd in ({"odd": True}, "odd ", -(2**70), [["odd"]]):
                changed = with_other(data, place, odd)
                tried += 1
                try:
                    found = read(signed(archive | {"documents": archive["documents"] | {path: changed}}))
                except ArchiveUnreadable:
                    continue
                assert isinstance(odd, str), (path, place, odd)
                store = MemoryStore()
                restore(store, found, host_id="h", expires_at=KEPT_UNTIL, ids=SequentialIds())
                assert folded_again(store, found.session_id), (path, place, odd)
    assert tried > 500


async def running(world: World) -> str:
    """In one shard, with answers in the journal."""
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, p) for p in PLAYERS), world.opened(s)])
    world.bus.publish([world.answered(s, p, OPENED + n) for n, p in enumerate(PLAYERS)])
    world.clock.ms = OPENED + 100
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all have answered")
    await worker.stop()
    return s


def test_too_deep_too_many_and_too_large_values_are_refused(world: World, session_id: str) -> None:
    archive = through_a_file(archived(world.store, session_id))
    head = f"sessions/{session_id}"
    deep: Any = {}
    for _ in range(30):
        deep = {"in": deep}
    for odd in (
        deep,
        "x" * 2**21,
        float("inf"),
        {"": 1},
        {"__x__": 1},
        {"$time": 5},
        {"$bytes": "?"},
        {"$time": "never"},
    ):
        with pytest.raises(ArchiveUnreadable):
            read(forged(archive, **{head: archive["documents"][head] | {"more": odd}}))
    with pytest.raises(ArchiveUnreadable):
        read({"format": archive["format"], "session_id": session_id, "documents": {head: 5}})
    with pytest.raises(ArchiveUnreadable):
        read([])


def test_an_unknown_session_has_no_archive(world: World) -> None:
    with pytest.raises(SessionUnknown):
        archived(world.store, "none")


def test_the_command_line_shows_the_session_s_host_and_writes_with_yes(
    cli: Cli, session_id: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "archive.json")
    cli.json("session", "export", session_id, file)
    cli.services.world = elsewhere = World()
    elsewhere.clock.ms = START + 400 * 24 * 3_600_000

    told = cli.json("session", "import", file)
    assert (told["host"], told["imported"]) == ("host-1", False)
    assert not elsewhere.store._documents

    told = cli.json("session", "import", file, "--host", "somebody")
    assert (told["host"], told["imported"]) == ("somebody", True)
    head = elsewhere.store.get(documents.session_path(session_id))
    assert head is not None
    assert head.data["host_id"] == "somebody"
    times = {each.data["expires_at"] for each in elsewhere.store._documents.values()}
    assert times == {documents.expiry(elsewhere.clock.ms) + timedelta(days=30)}, "kept from now on"
    assert cli.refused("session", "import", file, "--yes") == (3, "session_exists")

    elsewhere.store.commit([Delete(path) for path in elsewhere.store._documents])
    assert cli.json("session", "import", file, "--yes")["host"] == "host-1"
    assert folded_again(elsewhere.store, session_id)["differences"] == []


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "5", "null", '{"format": "wordrush-session/1"}', "\x00"])
def test_a_file_that_is_not_an_archive_gets_one_clear_sentence(
    world: World, cli: Cli, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "archive.json"
    file.write_text(text)
    before = deepcopy(world.store._documents)
    assert cli.refused("session", "import", str(file), "--yes") == (3, "archive_unreadable")
    assert world.store._documents == before


@pytest.mark.parametrize(("owner", "kept"), [("host-1", True), ("host-2", False), (None, False)])
def test_an_imported_session_is_of_the_class_that_it_names_only_if_the_host_owns_it(
    world: World, session_id: str, owner: str | None, kept: bool
) -> None:
    world.store.commit([Update(documents.session_path(session_id), {"class_id": "class-1"})])
    archive, elsewhere = through_a_file(archived(world.store, session_id)), World()
    if owner is not None:
        put_class(elsewhere, "class-1", owner)

    brought_back(elsewhere.store, archive)

    head = elsewhere.store.get(documents.session_path(session_id))
    assert head is not None
    assert ("class_id" in head.data) == kept
