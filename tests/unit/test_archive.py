"""A session in a file: brought back as it was, or not at all."""

import json
from copy import deepcopy
from typing import Any

import pytest

from admin_cli.commands.verify import folded_again
from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.archive import ArchiveUnreadable, SessionExists, archived, restore
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import SessionUnknown
from quizcore.messages import SessionFinished
from quizcore.ports import Put
from tests.support.engines import (
    END,
    OPENED,
    QUICK,
    Running,
    answered,
    board,
    joined,
    message,
    open_session,
    run,
    spread,
    until,
)
from tests.support.engines import opened as opened_event
from tests.support.world import World, worker_settings

PLAYERS = [f"p{number}" for number in range(6)]
SHARDS = 2


@pytest.fixture(name="session_id")
def _session_id(world: World) -> str:
    """Played to the end, in two shards."""
    told: list[str] = []

    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        told.append(s := open_session(world, SHARDS))
        events = [*(joined(world, s, p) for p in PLAYERS), opened_event(world, s)]
        events += [answered(world, s, p, OPENED + n, choice=n % 2) for n, p in enumerate(PLAYERS)]
        world.clock.ms = END + 1
        world.bus.publish(spread(events, SHARDS))
        for at in (END + 2, END + PUBLISH_BOUND_MS + 10):
            world.bus.publish(spread([message(SessionFinished, world, s, at)], SHARDS))
        world.clock.ms = END + PUBLISH_BOUND_MS + 20
        await until(lambda: board(world, s)["final"], "the podium")
        await worker.stop()

    run(play())
    return told[0]


def through_a_file(archive: dict[str, Any]) -> Any:
    return json.loads(json.dumps(archive))


def test_a_session_comes_back_as_it_was_in_another_store(world: World, session_id: str) -> None:
    elsewhere = MemoryStore()

    assert restore(elsewhere, through_a_file(archived(world.store, session_id))) == session_id

    mine = {path: snapshot.data for path, snapshot in world.store._documents.items() if not path.startswith("quizzes/")}
    assert {path: snapshot.data for path, snapshot in elsewhere._documents.items()} == mine
    found = folded_again(elsewhere, session_id)
    assert found["differences"] == []
    assert found["answers"] == len(PLAYERS)


def test_a_session_that_is_there_is_not_touched(world: World, session_id: str) -> None:
    archive, before = through_a_file(archived(world.store, session_id)), deepcopy(world.store._documents)

    with pytest.raises(SessionExists):
        restore(world.store, archive)

    assert world.store._documents == before


def test_a_pin_that_somebody_else_has_now_is_not_taken_away(world: World, session_id: str) -> None:
    archive, elsewhere = through_a_file(archived(world.store, session_id)), MemoryStore()
    pin = next(path for path in archive["documents"] if path.startswith("pins/"))
    elsewhere.commit([Put(pin, {"session_id": "another"})])

    with pytest.raises(SessionExists):
        restore(elsewhere, archive)

    assert list(elsewhere._documents) == [pin]


def _changed(archive: dict[str, Any]) -> None:
    player = next(path for path in archive["documents"] if "/players/" in path)
    archive["documents"][player]["score"] += 1


def _foreign(archive: dict[str, Any]) -> None:
    archive["documents"]["quizzes/words"] = {"title": "mine now"}


def _of_another_format(archive: dict[str, Any]) -> None:
    archive["format"] = "zip"


def _cut(archive: dict[str, Any]) -> None:
    del archive["documents"]


@pytest.mark.parametrize("spoil", [_changed, _foreign, _of_another_format, _cut])
def test_an_archive_that_was_changed_is_refused_and_nothing_is_written(
    world: World, session_id: str, spoil: Any
) -> None:
    archive, elsewhere = through_a_file(archived(world.store, session_id)), MemoryStore()
    spoil(archive)

    with pytest.raises(ArchiveUnreadable, match=r"export|archive"):
        restore(elsewhere, archive)

    assert not elsewhere._documents


def test_even_with_a_right_checksum_only_the_session_s_own_documents_are_written(world: World, session_id: str) -> None:
    from quizcore.archive import _checksum

    archive, elsewhere = through_a_file(archived(world.store, session_id)), MemoryStore()
    for path in ("quizzes/words", f"{documents.players_path('another')}/p1", "sessions/another"):
        spoiled = deepcopy(archive)
        spoiled["documents"][path] = {}
        spoiled["sha256"] = _checksum(spoiled["documents"])
        with pytest.raises(ArchiveUnreadable, match="not the session's"):
            restore(elsewhere, spoiled)
    assert not elsewhere._documents


def test_an_unknown_session_has_no_archive(world: World) -> None:
    with pytest.raises(SessionUnknown):
        archived(world.store, "none")
