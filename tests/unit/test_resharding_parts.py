"""Resharding in several commits: prepared group by group, with the players of one shard in memory at a time."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryBus
from quizcore.domain.player import Player
from quizcore.loading import layout_of
from quizcore.messages import PlayersExpected
from quizcore.ports import Conflict, OrderBy, OutcomeUnknown, Snapshot, Where, Write
from quizcore.shards import MOST_SHARDS, shard_of
from quizcore.sizes import MOST_COMMIT_BYTES, document_bytes
from quizcore.usecases.archive import archived, read
from quizcore.usecases.erase import erase, shown_in, traces
from quizcore.usecases.verify import folded_again
from tests.support import indexes
from tests.support.counting import CountingStore
from tests.support.games import START
from tests.support.world import Running, World, spread, until, worker_settings
from workers.coordinator.duty import Outcome
from workers.coordinator.reshard_job import ReshardJob

MOST_WRITES = 500


class Watched(CountingStore):
    """Counts the players in memory at each read, if requested, and fails at the given commit."""

    def __init__(self) -> None:
        super().__init__(indexes.check)
        self.held = 0
        self.counts_living = False
        self.listed: list[int] = []  # the first slot of each query of players
        self.commits: list[Sequence[Write]] = []
        self.fails_at: int | None = None

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        found = super().list(collection, where, limit, order_by, after)
        if collection.endswith("/players"):
            self.listed.append(where[0][2] if where else -1)
            if self.counts_living:
                living = sum(isinstance(each, Player) for each in gc.get_objects())
                self.held = max(self.held, len(found), living)
        return found

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        if len(self.commits) == self.fails_at:
            raise OutcomeUnknown("no answer")
        self.commits.append(writes)
        return super().commit(writes)

    def forget(self) -> None:
        super().forget()
        self.held, self.listed, self.commits, self.fails_at = 0, [], [], None


@pytest.fixture
def store() -> Watched:
    return Watched()


@pytest.fixture
def world(store: Watched) -> World:
    world = World(store, MemoryBus())
    world.add_quiz()
    return world


async def lobby(world: World, players: Sequence[str], shards: int = 1, group_shards: int = 64) -> str:
    worker = Running(world, interval_500_ms=0, interval_2000_ms=0)
    s = world.open_session(shards, group_shards=group_shards)
    world.bus.publish(spread((world.joined(s, player) for player in players), shards))
    await until(lambda: world.board(s)["player_count"] == len(players), "all have joined")
    await worker.stop()
    gc.collect()
    return s


async def grow(world: World, s: str, wanted: int, group_shards: int = 64) -> Outcome:
    """One try, by a process that remembers nothing."""
    job = ReshardJob(s, world.store, world.clock, world.ids, worker_settings(group_shards=group_shards))
    return await job.run(wanted)


def names(count: int) -> list[str]:
    return [f"player{number}" for number in range(count)]


async def test_resharding_has_the_players_of_one_new_shard_in_memory_at_a_time(world: World, store: Watched) -> None:
    s = await lobby(world, names(320))
    store.forget()
    store.counts_living = True

    assert await grow(world, s, 16, group_shards=4) is Outcome.RELOAD

    assert store.held <= 2 * 320 // 16, "one shard's, of sixteen"
    assert world.session(s)["shards"] == 16
    assert world.session(s)["groups"] == 4
    assert world.board(s)["player_count"] == 320
    assert folded_again(store, s)["differences"] == []


async def test_a_session_gets_a_thousand_shards_in_commits_that_firestore_takes(world: World, store: Watched) -> None:
    s = await lobby(world, names(120))
    store.forget()

    await grow(world, s, MOST_SHARDS)

    assert layout_of(store, s).shards == MOST_SHARDS
    assert len(store.commits) == 16, "fifteen groups that are prepared, and the rest with the new number of shards"
    for writes in store.commits:
        assert len(writes) <= MOST_WRITES
        assert sum(document_bytes(w.path, getattr(w, "data", {})) for w in writes) <= MOST_COMMIT_BYTES
    mark = store.get(documents.resharding_path(s))
    assert mark is not None
    assert mark.data["made_of"] == {}
    assert world.board(s)["player_count"] == 120


async def test_the_session_is_unchanged_until_the_last_commit(world: World, store: Watched) -> None:
    s = await lobby(world, names(60))
    before = world.session(s), world.board(s)
    store.forget()
    store.fails_at = 3

    with pytest.raises(Exception, match="1 tries failed"):
        await grow(world, s, 16, group_shards=4)

    assert (world.session(s), world.board(s)) == before
    assert folded_again(store, s)["differences"] == []


async def test_another_worker_continues_the_resharding_of_a_dead_one(world: World, store: Watched) -> None:
    s = await lobby(world, names(60))
    store.forget()
    store.fails_at = 2
    with pytest.raises(Exception, match="1 tries failed"):
        await grow(world, s, 16, group_shards=4)
    store.forget()

    await grow(world, s, 16, group_shards=4)

    shards = [slot * 16 // 1_024 for slot in store.listed]
    assert shards == [*range(4), *range(12, 16)], "groups 1 and 2 were prepared"
    assert folded_again(store, s)["differences"] == []


async def test_only_changed_groups_are_prepared_again(world: World, store: Watched) -> None:
    s = await lobby(world, names(60), shards=2, group_shards=2)
    store.forget()
    store.fails_at = 3
    with pytest.raises(Exception, match="1 tries failed"):
        await grow(world, s, 8, group_shards=2)

    worker = Running(world)
    store.fails_at = None
    player = next(n for n in names(999) if n not in names(60) and shard_of(n, 2) == 1)
    world.bus.publish(spread([world.joined(s, player)], 2))
    await until(lambda: world.board(s)["player_count"] == 61, "one more")
    await worker.stop()
    store.forget()

    await grow(world, s, 8, group_shards=2)

    shards = [slot * 8 // 1_024 for slot in store.listed]
    assert shards == [0, 1, 4, 5, 6, 7], "group 1 has players of shard 0 only, which nobody joined"
    assert world.board(s)["player_count"] == 61
    assert folded_again(store, s)["differences"] == []


async def test_two_processes_that_reshard_a_session_do_not_mix_their_preparations(world: World, store: Watched) -> None:
    s = await lobby(world, names(40))

    async def both() -> list[Any]:
        jobs = [ReshardJob(s, store, world.clock, world.ids, worker_settings(group_shards=2)) for _ in range(2)]
        return await asyncio.gather(*(job.run(8) for job in jobs), return_exceptions=True)

    while layout_of(store, s).shards < 8:
        await both()

    assert folded_again(store, s)["differences"] == []


@pytest.mark.parametrize(("ours", "theirs"), [(16, 16), (5, 4)], ids=["groups", "no groups"])
async def test_a_process_paused_during_another_s_resharding_overwrites_nothing(
    world: World, store: Watched, ours: int, theirs: int
) -> None:
    """Found by the simulator: a document that was prepared for the former shards replaced the board of a shard in
    use."""
    s = await lobby(world, names(40))
    settings = worker_settings(group_shards=4)
    sleeper = ReshardJob(s, store, world.clock, world.ids, settings)
    before = layout_of(store, s)
    move = sleeper._plan(before, before.with_shards(ours, settings.group_shards))
    assert move is not None
    assert move.is_ahead(1)
    await grow(world, s, theirs, group_shards=4)

    with pytest.raises(Conflict):
        await sleeper._prepare(move, 1)

    assert folded_again(store, s)["differences"] == []


async def test_an_engine_reshards_a_session_into_groups_and_the_game_continues(world: World) -> None:
    workers = [Running(world, group_shards=2) for _ in range(2)]
    s = world.open_session()
    world.bus.publish([world.joined(s, player) for player in names(30)])
    await until(lambda: world.board(s)["player_count"] == 30, "all have joined")
    world.bus.publish([world.message(PlayersExpected, s, START, players=13_000)])
    await until(lambda: world.session(s)["shards"] == 7, "more shards")
    world.bus.publish([world.joined(s, player) for player in names(60)[30:]])
    await until(lambda: world.board(s)["player_count"] == 60, "sent to the shard that the API knew")
    for worker in workers:
        await worker.stop()
    assert layout_of(world.store, s).groups == 4
    assert folded_again(world.store, s)["differences"] == []


async def unfinished(world: World, store: Watched) -> str:
    s = await lobby(world, names(60))
    store.forget()
    store.fails_at = 2
    with pytest.raises(Exception, match="1 tries failed"):
        await grow(world, s, 16, group_shards=4)
    store.forget()
    return s


async def test_prepared_documents_are_hidden_and_erased_with_their_players(world: World, store: Watched) -> None:
    s = await unfinished(world, store)
    (path, rows) = next((b.path, b.data["top"]) for b in store.list(documents.shards_path(s)) if b.data["top"])
    (trace,) = traces(store, rows[0]["player_id"], world.clock.now_ms())

    assert path not in shown_in(store, trace)
    erase(store, trace)

    assert store.get(path) is None
    await grow(world, s, 16, group_shards=4)
    assert world.session(s)["shards"] == 16


async def test_an_archive_omits_prepared_documents(world: World, store: Watched) -> None:
    s = await unfinished(world, store)

    kept = read(archived(store, s)).documents

    assert not [path for path in kept if "/shards/" in path or "/groups/" in path or "resharding" in path]


async def test_an_archive_of_a_session_with_groups_can_be_restored(world: World) -> None:
    s = await lobby(world, names(30), shards=5, group_shards=2)

    kept = read(archived(world.store, s)).documents

    assert {documents.group_path(s, group) for group in range(3)} <= kept.keys()
