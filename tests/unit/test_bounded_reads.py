"""No request for one player reads all shards: its cost does not grow with the session."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.adapters.memory import MemoryBus
from quizcore.domain.ranks import rank_table
from quizcore.ports import Put, Update
from quizcore.shards import MOST_SHARDS
from tests.support import indexes
from tests.support.counting import CountingStore
from tests.support.world import HOST, Person, Running, World, spread, until

PLAYERS = [f"p{number:02}" for number in range(30)]
GROUPS = 16
M = 5
MOST_READS = 4 + 2 * M  # the session, the player, the public board, its ranks; the rows


@pytest.fixture
def store() -> CountingStore:
    return CountingStore(indexes.check)


@pytest.fixture
def world(store: CountingStore) -> World:
    world = World(store, MemoryBus())
    world.add_quiz()
    return world


async def lobby(world: World, shards: int, **options: Any) -> str:
    """All players have joined, and none has a point."""
    worker = Running(world)
    s = world.open_session(shards, **options)
    world.bus.publish(spread((world.joined(s, player) for player in PLAYERS), shards))
    await until(lambda: world.board(s)["player_count"] == len(PLAYERS), "all have joined")
    await worker.stop()
    return s


def asked(world: World, store: CountingStore, s: str, player: str = PLAYERS[9]) -> dict[str, Any]:
    store.forget()
    answer = Person(world.client(), HOST).get(f"/sessions/{s}/standings?around={player}&m={M}")
    assert answer.status_code == 200
    return answer.json or {}


@pytest.mark.parametrize("shards", [65, MOST_SHARDS])
async def test_the_standings_around_a_player_cost_the_same_reads_with_any_number_of_shards(
    world: World, store: CountingStore, shards: int
) -> None:
    s = await lobby(world, shards)

    rows = asked(world, store, s)["rows"]

    assert [row["player_id"] for row in rows] == PLAYERS[9 - M : 9 + M + 1]
    assert {row["rank"] for row in rows} == {1}
    assert store.reads <= MOST_READS + 1, "and the session once more, to see who asks"
    assert not [path for path in store.paths if "/shards/" in path or "/groups/" in path]


async def test_inexact_published_ranks_are_corrected_from_the_groups_summaries(
    world: World, store: CountingStore
) -> None:
    s = await lobby(world, MOST_SHARDS)
    scores = rank_table([(300, 3), (200, 2), (100, 1)]).data
    vague = {"player_count": 6, "error": 5, "scores": rank_table([(100, 6)]).data, "seq": 1, "as_of": 1}
    store.commit(
        [
            Put(documents.ranks_path(s), vague),
            Update(documents.player_path(s, PLAYERS[9]), {"score": 100}),
            *(Update(documents.group_path(s, group), {"scores": scores}) for group in range(GROUPS)),
        ]
    )

    rows = asked(world, store, s)["rows"]

    assert {row["rank"] for row in rows if row["player_id"] == PLAYERS[9]} == {1 + GROUPS * 5}
    assert store.reads <= MOST_READS + 1 + GROUPS
    assert not [path for path in store.paths if "/shards/" in path]


async def test_a_hidden_board_is_counted_for_the_host_without_a_read_of_a_shard(
    world: World, store: CountingStore
) -> None:
    s = await lobby(world, MOST_SHARDS, board_hidden=True)

    rows = asked(world, store, s)["rows"]

    assert {row["rank"] for row in rows} == {1}
    assert not [path for path in store.paths if "/shards/" in path]


async def test_a_report_reads_the_players_and_no_shard(world: World, store: CountingStore) -> None:
    s = await lobby(world, MOST_SHARDS)
    store.forget()

    assert Person(world.client(), HOST).get(f"/sessions/{s}/report").status_code == 200

    assert store.reads <= len(PLAYERS) + 4
    assert not [path for path in store.paths if "/shards/" in path]
