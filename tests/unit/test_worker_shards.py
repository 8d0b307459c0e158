"""A session of many shards on the in-memory twins, from the lobby to the podium."""

import pytest

from quizcore import documents
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.layout import Layout
from quizcore.messages import SessionFinished
from quizcore.ports import Delete
from tests.support.world import END, OPENED, Running, World, spread, until
from workers.adoption import OVERDUE_MS

SHARDS = 4
PLAYERS = [f"p{number:02}" for number in range(30)]


@pytest.mark.parametrize("auto_advance", [False, True])
async def test_the_podium_waits_for_every_shard(world: World, auto_advance: bool) -> None:
    workers = [Running(world) for _ in range(2)]
    s = world.open_session(SHARDS, auto_advance=auto_advance, review_ms=1_000)
    events = [*(world.joined(s, player) for player in PLAYERS), world.opened(s)]
    events += [world.answered(s, p, OPENED + 500 * n, choice=1) for n, p in enumerate(PLAYERS)]
    world.bus.publish(spread(events, SHARDS))
    world.clock.ms = OPENED + 20_000
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    assert world.session(s)["reveal"] is None
    assert world.store.get(documents.ranks_path(s)) is None

    world.clock.ms = END + 1
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(PLAYERS), "the reveal of all shards")
    ranks = world.store.get(documents.ranks_path(s))
    assert ranks is not None
    top = world.board(s)["top"]
    assert [row["rank"] for row in top] == [rank_in(ranks.data["scores"], row["score"]) for row in top]
    assert [row["player_id"] for row in top] == PLAYERS[: len(top)], "the quicker, the better"

    if not auto_advance:
        world.bus.publish(spread([world.message(SessionFinished, s, END + 2)], SHARDS))
        await until(lambda: world.session(s)["state"] == "finished", "the end")
        assert not world.board(s)["final"], "an answer may still be on its way"
        world.clock.ms = END + PUBLISH_BOUND_MS + 10
        await until(lambda: world.board(s)["final"], "the podium")
        assert world.session(s)["final"]
        world.clock.advance(OVERDUE_MS + 1)
        await until(lambda: world.session(s)["due_at"] is None, "handed on, and nothing more to do")
    else:
        world.clock.ms = END + 1_000
        await until(lambda: world.session(s)["question_index"] == 1, "the next question by itself")
    for worker in workers:
        await worker.stop()


async def test_a_session_whose_worker_died_is_adopted_shard_by_shard(world: World) -> None:
    first = Running(world)
    s = world.open_session(SHARDS)
    events = [*(world.joined(s, player) for player in PLAYERS), world.opened(s)]
    world.bus.publish(spread([*events, *(world.answered(s, p, OPENED + 1) for p in PLAYERS)], SHARDS))
    world.clock.ms = OPENED + 10
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    await until(lambda: not world.bus.waiting, "all are acknowledged")
    await first.kill()

    world.clock.ms = END + 5_000
    second = Running(world)
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(PLAYERS), "the reveal of all shards")
    await second.stop()


async def test_a_session_without_one_shard_board_does_not_stop_the_others(world: World) -> None:
    """Deletion by age takes documents one by one."""
    broken, whole = world.open_session(SHARDS), world.open_session(SHARDS)
    world.store.commit([Delete(Layout(broken, SHARDS).fence(3))])
    worker = Running(world)
    world.bus.publish(spread((world.joined(broken, player) for player in PLAYERS), SHARDS))
    await until(lambda: worker.telemetry.snapshot()["commits_made"] > 0, "a shard that is still there")
    world.bus.publish(spread((world.joined(whole, player) for player in PLAYERS), SHARDS))
    await until(lambda: world.board(whole)["player_count"] == len(PLAYERS), "the other session")
    await worker.stop()
