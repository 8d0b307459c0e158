"""The rank table: written with the board, but at most once a second."""

import pytest

from quizcore.domain.ranks import rank_in
from quizcore.messages import PlayerRemoved
from tests.support.world import END, OPENED, Running, World, spread, until
from workers.board_rules import RANKS_INTERVAL_MS

PLAYERS = [f"p{number}" for number in range(5)]


def everybody_s_ranks(world: World, session_id: str) -> dict[str, int]:
    table = world.ranks(session_id)["scores"]
    return {player: rank_in(table, score) for player, score in world.scores(session_id).items()}


async def test_at_the_reveal_the_table_gives_every_player_the_rank_of_the_board(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, player) for player in PLAYERS), world.opened(s)])
    world.bus.publish([world.answered(s, p, OPENED + 1_000 * n) for n, p in enumerate(PLAYERS)])
    world.clock.ms = END - 1
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    assert world.ranks(s) == {}, "nobody has a point yet"
    world.clock.ms = END + 1
    await until(lambda: world.ranks(s), "the ranks")
    await worker.stop()

    assert everybody_s_ranks(world, s) == {row["player_id"]: row["rank"] for row in world.board(s)["top"]}
    assert world.ranks(s)["seq"] == world.board(s)["seq"]
    assert (world.ranks(s)["player_count"], world.ranks(s)["error"]) == (len(PLAYERS), 0)


async def test_rank_tables_are_a_second_apart_and_the_last_change_is_written(world: World) -> None:
    worker = Running(world)
    s = world.open_session(reveal="on_answer")
    world.bus.publish([world.joined(s, "ann"), world.joined(s, "ben"), world.opened(s)])
    world.bus.publish([world.answered(s, "ann", OPENED)])
    world.clock.ms = OPENED + 10
    await until(lambda: world.ranks(s), "the first table")
    first = world.ranks(s)

    world.bus.publish([world.answered(s, "ben", OPENED + 5)])
    await until(lambda: world.scores(s).get("ben"), "ben's points")
    assert world.ranks(s) == first, "too soon"

    world.clock.ms = first["as_of"] + RANKS_INTERVAL_MS
    await until(lambda: world.ranks(s) != first, "the second table, without another event")
    await worker.stop()
    assert everybody_s_ranks(world, s) == {"ann": 1, "ben": 1}


async def test_a_hidden_board_has_no_ranks(world: World) -> None:
    worker = Running(world)
    s = world.open_session(board_hidden=True)
    world.bus.publish([world.joined(s, "ann"), world.opened(s), world.answered(s, "ann", OPENED)])
    world.clock.ms = END + 1
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == 1, "the reveal")
    await worker.stop()

    assert world.ranks(s) == {}


async def test_an_adopting_worker_does_not_rewrite_unchanged_ranks(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([world.joined(s, "ann"), world.opened(s), world.answered(s, "ann", OPENED)])
    world.clock.ms = END + 1
    await until(lambda: world.ranks(s), "the ranks")
    await worker.stop()
    before = world.ranks(s), world.board(s)
    world.clock.ms += 10 * RANKS_INTERVAL_MS

    successor = Running(world)
    world.bus.publish([world.joined(s, "ann")])
    await until(lambda: successor.telemetry.snapshot()["messages_acknowledged"] == 1, "the repeated join")
    await successor.stop()

    assert (world.ranks(s), world.board(s)) == before


@pytest.mark.parametrize("shards", [1, 3])
async def test_when_no_player_has_a_point_all_players_are_first(world: World, shards: int) -> None:
    worker = Running(world)
    s = world.open_session(shards)
    events = [world.joined(s, "ann"), world.joined(s, "ben"), world.opened(s), world.answered(s, "ann", OPENED)]
    world.bus.publish(spread(events, shards))
    world.clock.ms = END + 1
    await until(lambda: world.ranks(s), "the ranks")
    first = world.ranks(s)

    world.clock.ms = first["as_of"] + RANKS_INTERVAL_MS
    world.bus.publish(spread([world.message(PlayerRemoved, s, END + 2, player_id="ann")], shards))
    await until(lambda: world.ranks(s) != first, "the table without ann")
    await worker.stop()
    assert everybody_s_ranks(world, s) == {"ben": 1}
    assert world.ranks(s)["player_count"] == 1
