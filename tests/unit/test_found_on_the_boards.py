"""Faults that the simulator, the state machine and chaos have found in boards, ranks and shards, each with its shortest
history.

docs/laws.md lists each fault with its test.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from quizcore import documents
from quizcore.adapters.memory import ManualClock
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import shard_count
from quizcore.messages import Message, PlayerRemoved, PlayersExpected, QuestionClosed, SessionFinished
from quizcore.ports import Write
from quizcore.shards import PLAYERS_A_SHARD
from quizcore.usecases import verify
from tests.support.games import GRACE_MS
from tests.support.histories import ANN, BEN, before_commit, bodies, differences, failing, played
from tests.support.stepping import Process
from tests.support.world import END, OPENED, World, spread

SETTLED = END + PUBLISH_BOUND_MS


def over(world: World, session_id: str, shards: int) -> list[Message]:
    return spread([world.message(SessionFinished, session_id, at) for at in (END, SETTLED)], shards)


async def test_a_final_session_is_over_for_a_worker_with_a_late_clock(world: World) -> None:
    """The board was final while the key and the points of the last question were still hidden."""
    s = world.open_session(scoring="flat")
    behind = Process(replace(world, clock=ManualClock(OPENED + 10)), s)
    await behind.take(bodies(*played(world, s, 1), *over(world, s, 1)))

    assert world.board(s)["final"]
    assert world.session(s)["reveal"]["key"] == [1]
    assert world.scores(s) == {ANN: 1000, BEN: 1000}


async def test_after_the_end_the_ranks_are_written_at_once(world: World) -> None:
    """A final board kept the ranks of a second before, when the worker's clock was behind."""
    s = world.open_session()
    behind = Process(replace(world, clock=ManualClock(END + 1)), s)
    *start, ben_s = played(world, s, 1)
    await behind.take(bodies(*start))
    await behind.take(bodies(ben_s))
    assert world.ranks(s)["seq"] < world.board(s)["seq"], "too soon for another table"
    await behind.take(bodies(*over(world, s, 1)))

    assert world.board(s)["final"]
    table = world.ranks(s)["scores"]
    assert {row["player_id"]: rank_in(table, row["score"]) for row in world.board(s)["top"]} == {ANN: 1, BEN: 2}
    assert world.ranks(s)["seq"] == world.board(s)["seq"]


async def test_the_ranks_of_many_shards_count_players_without_points(world: World) -> None:
    """The rank table of a shard without points was empty, and lost the shard's players."""
    s = world.open_session(2)
    worker = Process(world, s)
    world.clock.ms = END + 1
    *events, _ben_s = played(world, s, 2)
    await worker.take(bodies(*events))

    table = world.ranks(s)
    assert (table["player_count"], rank_in(table["scores"], 0)) == (2, 2)
    assert world.scores(s)[BEN] == 0


async def test_late_pages_do_not_replace_those_of_a_final_board(world: World) -> None:
    """A writer that woke up after another one left its older pages under the newer board."""
    s = world.open_session(2)
    asleep, awake = Process(world, s), Process(world, s)
    world.clock.ms = SETTLED + 1
    await asleep.take(bodies(*played(world, s, 2)))
    gone = bodies(*spread([world.message(PlayerRemoved, s, SETTLED, player_id=ANN)], 2))
    woke: list[bool] = []

    def another_first(writes: Sequence[Write]) -> None:
        if not woke and any("/page-" in write.path for write in writes):
            woke.append(True)
            assert asyncio.run(awake.take(gone)) == gone

    with before_commit(another_first):
        await asleep.take(bodies(*over(world, s, 2)))

    assert woke
    page = world.store.get(documents.page_path(s, 0))
    assert page is not None
    assert [row["player_id"] for row in page.data["rows"]] == [BEN]
    assert differences(world, s) == []


async def test_a_worker_that_was_paused_does_not_overwrite_another(world: World) -> None:
    """Without the fence it wrote older points again."""
    s = world.open_session(reveal="on_answer", scoring="flat")
    asleep, awake = Process(world, s), Process(world, s)
    world.clock.ms = OPENED + 10_000
    *start, ann_s, ben_s = played(world, s, 1)
    await asleep.take(bodies(*start))
    woke: list[bool] = []

    def another_first(_writes: Sequence[Write]) -> None:
        if not woke:
            woke.append(True)
            asyncio.run(awake.take(bodies(ann_s)))

    with before_commit(another_first):
        assert len(await asleep.take(bodies(ben_s))) == 1

    assert world.scores(s) == {ANN: 1000, BEN: 1000}
    assert world.board(s)["tally"]["answered"] == 2
    assert differences(world, s) == []


async def test_a_session_keeps_its_shards_while_they_disagree_on_the_windows(world: World) -> None:
    """With one timeline for all, a late answer counted in the documents and not in the fold."""
    s = world.open_session(2)
    worker = Process(world, s)
    *start, ann_s, ben_s = played(world, s, 2)
    await worker.take(bodies(*start))
    closes = world.message(QuestionClosed, s, OPENED + 100, question_index=0)
    to_0, to_1 = spread([closes], 2)
    late = ann_s.model_copy(update={"at": OPENED + 100 + GRACE_MS + 1})
    await worker.take(bodies(to_0.model_copy(update={"shards": 2}), ben_s, late))
    world.clock.ms = END + 1
    await worker.look(0)
    await worker.look(1)
    assert world.sheet(s, ANN)["answers"]["0"]["correct"], "shard 1 has not heard of the closing"

    expects = world.message(PlayersExpected, s, END, players=5 * PLAYERS_A_SHARD)
    await worker.take(bodies(expects.model_copy(update={"shards": 2})))
    assert shard_count(world.store, s) == 2

    await worker.take(bodies(to_1.model_copy(update={"shards": 2})))
    world.clock.advance(60_000)
    await worker.look(0)
    assert shard_count(world.store, s) == 5
    assert world.sheet(s, ANN)["answers"] == {}
    assert differences(world, s) == []


@pytest.mark.parametrize("merged_only", [False, True])
async def test_verify_compares_session_and_boards_of_the_same_moment(world: World, merged_only: bool) -> None:
    """Between two readings of it a worker committed a shard, or merged, and each half was right."""
    s = world.open_session(2)
    worker = Process(world, s)
    world.clock.ms = OPENED + 10_000
    await worker.take(bodies(*played(world, s, 2)))
    world.clock.ms = END + 1

    async def reveal() -> None:
        await worker.look(0)
        await worker.look(1)

    if merged_only:
        top = documents.board_path(s)
        with failing(lambda writes: any(write.path == top for write in writes)):
            await reveal()
    tables_of, moved = verify.tables_of, list[bool]()

    def meanwhile(store: Any, session_id: str) -> dict[str, Any]:
        found = tables_of(store, session_id)
        if not moved:
            moved.append(True)
            asyncio.run(reveal())
        return found

    with patch.object(verify, "tables_of", meanwhile), patch.object(verify, "PAUSE_S", 0.0):
        assert await asyncio.to_thread(differences, world, s) == []
    assert moved
    assert world.board(s)["tally"]["correct"] == 2
