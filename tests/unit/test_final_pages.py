"""A final table that becomes shorter: none of its documents contains a removed player."""

import asyncio
from typing import Any

import pytest

from quizcore import documents
from quizcore.documents import PAGE_ROWS
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import PlayerRemoved, SessionFinished
from quizcore.ports import Delete, Put
from quizcore.usecases.erase import Trace, shown_in, traces
from quizcore.usecases.verify import folded_again
from tests.support.cli import Cli
from tests.support.world import END, OPENED, Running, World, spread, until

SHARDS = pytest.mark.parametrize("shards", [1, 3])
SIZES = pytest.mark.parametrize("players", [1, PAGE_ROWS + 1])


async def played_to_the_end(world: World, shards: int, players: list[str]) -> tuple[str, Running]:
    """All players answer right, each a little later than the player before, so the last player is last."""
    worker = Running(world, interval_500_ms=0)
    s = world.open_session(shards)
    events = [*(world.joined(s, player) for player in players), world.opened(s)]
    events += [world.answered(s, p, OPENED + 500 + 10 * n) for n, p in enumerate(players)]
    world.bus.publish(spread(events, shards))
    world.clock.ms = END + 1
    for at in (END + 1, END + PUBLISH_BOUND_MS + 10):
        world.bus.publish(spread([world.message(SessionFinished, s, at)], shards))
    world.clock.ms = END + PUBLISH_BOUND_MS + 20
    await until(lambda: world.board(s)["final"] and world.board(s)["player_count"] == len(players), "the podium")
    return s, worker


def names(count: int) -> list[str]:
    return [f"p{number:03}" for number in range(count)]


def trace_of(world: World, uid: str) -> Trace:
    (found,) = traces(world.store, uid, world.clock.ms)
    return found


def tables(world: World, session_id: str) -> list[str]:
    """Every document of the whole table."""
    kept = [*world.store.list(documents.boards_path(session_id)), *world.store.list(documents.rolls_path(session_id))]
    return [each.path for each in kept if each.name not in {"top", "ranks"}]


@SHARDS
@SIZES
async def test_a_player_removed_after_the_end_is_in_no_page_and_no_roll(
    world: World, shards: int, players: int
) -> None:
    everybody = names(players)
    s, worker = await played_to_the_end(world, shards, everybody)
    last = everybody[-1]
    assert shown_in(world.store, trace_of(world, last))

    world.bus.publish(spread([world.message(PlayerRemoved, s, world.clock.ms, player_id=last)], shards))
    await until(lambda: world.board(s)["player_count"] == players - 1, "the board without the last player")
    await worker.stop()

    assert shown_in(world.store, trace_of(world, last)) == []
    assert len([path for path in tables(world, s) if "/page-" in path]) == (players - 1) // PAGE_ROWS
    assert folded_again(world.store, s)["differences"] == []


@SHARDS
async def test_after_a_restart_a_worker_knows_how_many_pages_there_are(world: World, shards: int) -> None:
    everybody = names(PAGE_ROWS + 1)
    s, worker = await played_to_the_end(world, shards, everybody)
    await worker.kill()
    worker = Running(world, interval_500_ms=0)
    gone = [world.message(PlayerRemoved, s, world.clock.ms, player_id=player) for player in everybody]
    world.bus.publish(spread(gone, shards))
    await until(lambda: world.board(s)["player_count"] == 0, "an empty board")
    await worker.stop()

    assert tables(world, s) == []
    assert folded_again(world.store, s)["differences"] == []


@SHARDS
async def test_verify_names_superfluous_and_missing_pages(world: World, shards: int) -> None:
    s, worker = await played_to_the_end(world, shards, names(3))
    await worker.stop()
    assert folded_again(world.store, s)["differences"] == []
    stray = documents.page_path(s, 1)
    page = world.store.get(documents.page_path(s, 0))
    assert page is not None
    world.store.commit([Put(stray, page.data)])
    assert [each["where"] for each in folded_again(world.store, s)["differences"]] == [stray]
    world.store.commit([Delete(stray), Delete(page.path)])
    assert {each["where"] for each in folded_again(world.store, s)["differences"]} == {page.path}


async def test_verify_names_a_superfluous_roll_and_a_page_before_the_end(world: World) -> None:
    s, worker = await played_to_the_end(world, 3, names(3))
    await worker.stop()
    stray = documents.roll_path(s, 0, 7)
    world.store.commit([Put(stray, {"rows": []})])
    assert [each["where"] for each in folded_again(world.store, s)["differences"]] == [stray]

    running = world.open_session(1)
    early = documents.page_path(running, 0)
    world.store.commit([Put(early, {"page": 0, "pages": 1, "rows": []})])
    assert [each["where"] for each in folded_again(world.store, running)["differences"]] == [early]


@SHARDS
async def test_verify_detects_a_worker_that_deletes_no_page(
    world: World, shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = world.store.commit

    def without_deletes(writes: Any) -> dict[str, Any]:
        return commit(
            [w for w in writes if not (isinstance(w, Delete) and ("/page-" in w.path or "/rolls/" in w.path))]
        )

    s, worker = await played_to_the_end(world, shards, names(1))
    monkeypatch.setattr(world.store, "commit", without_deletes)
    world.bus.publish(spread([world.message(PlayerRemoved, s, world.clock.ms, player_id="p000")], shards))
    await until(lambda: world.board(s)["player_count"] == 0, "an empty board")
    await worker.stop()

    assert documents.page_path(s, 0) in {each["where"] for each in folded_again(world.store, s)["differences"]}


@SHARDS
@SIZES
async def test_a_player_of_a_final_session_can_be_erased(world: World, cli: Cli, shards: int, players: int) -> None:
    cli.impatient()

    everybody = names(players)
    _, worker = await played_to_the_end(world, shards, everybody)
    code = await asyncio.to_thread(cli.run, "user", "erase", everybody[-1], "--yes")
    await worker.stop()
    assert code == 0, cli.err
    assert list(traces(world.store, everybody[-1], world.clock.ms)) == []
