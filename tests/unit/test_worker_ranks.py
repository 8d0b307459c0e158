"""A rank for everyone: written with the board, but no more often than once a second."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.domain.ranks import rank_in
from quizcore.messages import PlayerRemoved
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
    opened,
    run,
    scores,
    spread,
    until,
)
from tests.support.world import World, worker_settings
from workers.board_rules import RANKS_INTERVAL_MS

PLAYERS = [f"p{number}" for number in range(5)]


def ranks(world: World, session_id: str) -> dict[str, Any]:
    found = world.store.get(documents.ranks_path(session_id))
    return found.data if found else {}


def everybody_s_ranks(world: World, session_id: str) -> dict[str, int]:
    table = ranks(world, session_id)["scores"]
    return {player: rank_in(table, score) for player, score in scores(world, session_id).items()}


def test_at_the_reveal_the_table_gives_every_player_the_rank_of_the_board(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world)
        world.bus.publish([*(joined(world, s, player) for player in PLAYERS), opened(world, s)])
        world.bus.publish([answered(world, s, p, OPENED + 1_000 * n) for n, p in enumerate(PLAYERS)])
        world.clock.ms = END - 1
        await until(lambda: (board(world, s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
        assert ranks(world, s) == {}, "nobody has a point yet"
        world.clock.ms = END + 1
        await until(lambda: ranks(world, s), "the ranks")
        await worker.stop()

        assert everybody_s_ranks(world, s) == {row["player_id"]: row["rank"] for row in board(world, s)["top"]}
        assert ranks(world, s)["seq"] == board(world, s)["seq"]
        assert (ranks(world, s)["player_count"], ranks(world, s)["error"]) == (len(PLAYERS), 0)

    run(play())


def test_between_two_tables_lies_a_second_and_the_last_change_is_not_forgotten(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world, reveal="on_answer")
        world.bus.publish([joined(world, s, "ann"), joined(world, s, "ben"), opened(world, s)])
        world.bus.publish([answered(world, s, "ann", OPENED)])
        world.clock.ms = OPENED + 10
        await until(lambda: ranks(world, s), "the first table")
        first = ranks(world, s)

        world.bus.publish([answered(world, s, "ben", OPENED + 5)])
        await until(lambda: scores(world, s).get("ben"), "ben's points")
        assert ranks(world, s) == first, "too soon"

        world.clock.ms = first["as_of"] + RANKS_INTERVAL_MS
        await until(lambda: ranks(world, s) != first, "the second table, without another event")
        await worker.stop()
        assert everybody_s_ranks(world, s) == {"ann": 1, "ben": 1}

    run(play())


def test_a_hidden_board_has_no_ranks_either(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world, board_hidden=True)
        world.bus.publish([joined(world, s, "ann"), opened(world, s), answered(world, s, "ann", OPENED)])
        world.clock.ms = END + 1
        await until(lambda: (board(world, s)["tally"] or {}).get("correct") == 1, "the reveal")
        await worker.stop()

        assert ranks(world, s) == {}

    run(play())


def test_a_worker_that_takes_over_does_not_write_what_stands_there(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world)
        world.bus.publish([joined(world, s, "ann"), opened(world, s), answered(world, s, "ann", OPENED)])
        world.clock.ms = END + 1
        await until(lambda: ranks(world, s), "the ranks")
        await worker.stop()
        before = ranks(world, s), board(world, s)
        world.clock.ms += 10 * RANKS_INTERVAL_MS

        successor = Running(world, worker_settings(**QUICK))
        world.bus.publish([joined(world, s, "ann")])
        await until(lambda: successor.telemetry.snapshot()["messages_acknowledged"] == 1, "the repeated join")
        await successor.stop()

        assert (ranks(world, s), board(world, s)) == before

    run(play())


@pytest.mark.parametrize("shards", [1, 3])
def test_when_nobody_has_a_point_any_more_everybody_is_first(world: World, shards: int) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world, shards)
        events = [joined(world, s, "ann"), joined(world, s, "ben"), opened(world, s), answered(world, s, "ann", OPENED)]
        world.bus.publish(spread(events, shards))
        world.clock.ms = END + 1
        await until(lambda: ranks(world, s), "the ranks")
        first = ranks(world, s)

        world.clock.ms = first["as_of"] + RANKS_INTERVAL_MS
        world.bus.publish(spread([message(PlayerRemoved, world, s, END + 2, player_id="ann")], shards))
        await until(lambda: ranks(world, s) != first, "the table without ann")
        await worker.stop()
        assert everybody_s_ranks(world, s) == {"ben": 1}
        assert ranks(world, s)["player_count"] == 1

    run(play())
