"""What the simulator and its kin have found of boards, ranks and shards: each fault by its shortest history.

docs/laws.md lists each fault with its test.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryStore
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import shard_count
from quizcore.messages import Message, PlayerRemoved, PlayersExpected, QuestionClosed, SessionFinished
from quizcore.ports import Write
from quizcore.shards import PLAYERS_A_SHARD
from quizcore.usecases import verify
from quizcore.usecases.verify import folded_again
from tests.support.engines import (
    END,
    OPENED,
    answered,
    board,
    joined,
    message,
    open_session,
    opened,
    run,
    scores,
    session,
    sheet,
    spread,
)
from tests.support.games import GRACE_MS
from tests.support.stepping import Process
from tests.support.world import World
from tests.unit.test_found_on_the_bus import ANN, BEN, bodies, failing

SETTLED = END + PUBLISH_BOUND_MS


@contextmanager
def before_commit(happens: Callable[[Sequence[Write]], object]) -> Iterator[None]:
    """What happens, or is raised, just before a commit is made."""
    commit = MemoryStore.commit

    def late(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
        happens(writes)
        return commit(store, writes)

    with patch.object(MemoryStore, "commit", late), patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
        yield


def played(world: World, session_id: str, shards: int) -> list[Message]:
    """Both answer right, ann before ben."""
    events = [joined(world, session_id, ANN), joined(world, session_id, BEN), opened(world, session_id)]
    events += [answered(world, session_id, ANN, OPENED + 1), answered(world, session_id, BEN, OPENED + 5_000)]
    return spread(events, shards)


def over(world: World, session_id: str, shards: int) -> list[Message]:
    return spread([message(SessionFinished, world, session_id, at) for at in (END, SETTLED)], shards)


def differences(world: World, session_id: str) -> list[Any]:
    found: list[Any] = folded_again(world.store, session_id)["differences"]
    return found


def ranks(world: World, session_id: str) -> dict[str, Any]:
    found = world.store.get(documents.ranks_path(session_id))
    return found.data if found else {}


def test_what_is_final_is_over_also_for_a_worker_whose_clock_is_behind(world: World) -> None:
    """The board was final while the key and the points of the last question were still hidden."""

    async def play() -> None:
        s = open_session(world, scoring="flat")
        behind = Process(replace(world, clock=ManualClock(OPENED + 10)), s)
        await behind.take(bodies(*played(world, s, 1), *over(world, s, 1)))

        assert board(world, s)["final"]
        assert session(world, s)["reveal"]["key"] == [1]
        assert scores(world, s) == {ANN: 1000, BEN: 1000}

    run(play())


def test_from_the_end_on_the_ranks_are_written_at_once(world: World) -> None:
    """A final board had the ranks of a second before for ever, when the worker's clock was behind."""

    async def play() -> None:
        s = open_session(world)
        behind = Process(replace(world, clock=ManualClock(END + 1)), s)
        *start, ben_s = played(world, s, 1)
        await behind.take(bodies(*start))
        await behind.take(bodies(ben_s))
        assert ranks(world, s)["seq"] < board(world, s)["seq"], "too soon for another table"
        await behind.take(bodies(*over(world, s, 1)))

        assert board(world, s)["final"]
        table = ranks(world, s)["scores"]
        assert {row["player_id"]: rank_in(table, row["score"]) for row in board(world, s)["top"]} == {ANN: 1, BEN: 2}
        assert ranks(world, s)["seq"] == board(world, s)["seq"]

    run(play())


def test_the_ranks_of_many_shards_count_who_has_no_points(world: World) -> None:
    """The rank table of a shard in which nobody had a point was empty, and lost its players."""

    async def play() -> None:
        s = open_session(world, 2)
        worker = Process(world, s)
        world.clock.ms = END + 1
        *events, _ben_s = played(world, s, 2)
        await worker.take(bodies(*events))

        table = ranks(world, s)
        assert (table["player_count"], rank_in(table["scores"], 0)) == (2, 2)
        assert scores(world, s)[BEN] == 0

    run(play())


def test_late_pages_do_not_stand_under_a_final_board(world: World) -> None:
    """A writer that woke up after another one left its older pages under the newer board."""

    async def play() -> None:
        s = open_session(world, 2)
        asleep, awake = Process(world, s), Process(world, s)
        world.clock.ms = SETTLED + 1
        await asleep.take(bodies(*played(world, s, 2)))
        gone = bodies(*spread([message(PlayerRemoved, world, s, SETTLED, player_id=ANN)], 2))
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

    run(play())


def test_a_worker_that_woke_up_late_does_not_write_over_another_one(world: World) -> None:
    """Without the fence its older points came back."""

    async def play() -> None:
        s = open_session(world, reveal="on_answer", scoring="flat")
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

        assert scores(world, s) == {ANN: 1000, BEN: 1000}
        assert board(world, s)["tally"]["answered"] == 2
        assert differences(world, s) == []

    run(play())


def test_while_shards_do_not_agree_on_the_windows_a_session_keeps_its_shards(world: World) -> None:
    """With one timeline for all, a late answer counted in the documents and not in the fold."""

    async def play() -> None:
        s = open_session(world, 2)
        worker = Process(world, s)
        *start, ann_s, ben_s = played(world, s, 2)
        await worker.take(bodies(*start))
        closes = message(QuestionClosed, world, s, OPENED + 100, question_index=0)
        to_0, to_1 = spread([closes], 2)
        late = ann_s.model_copy(update={"at": OPENED + 100 + GRACE_MS + 1})
        await worker.take(bodies(to_0.model_copy(update={"shards": 2}), ben_s, late))
        world.clock.ms = END + 1
        await worker.look(0)
        await worker.look(1)
        assert sheet(world, s, ANN)["answers"]["0"]["correct"], "shard 1 has not heard of the closing"

        expects = message(PlayersExpected, world, s, END, players=5 * PLAYERS_A_SHARD)
        await worker.take(bodies(expects.model_copy(update={"shards": 2})))
        assert shard_count(world.store, s) == 2

        await worker.take(bodies(to_1.model_copy(update={"shards": 2})))
        world.clock.advance(60_000)
        await worker.look(0)
        assert shard_count(world.store, s) == 5
        assert sheet(world, s, ANN)["answers"] == {}
        assert differences(world, s) == []

    run(play())


@pytest.mark.parametrize("merged_only", [False, True])
def test_verify_compares_a_session_with_boards_of_the_same_moment(world: World, merged_only: bool) -> None:
    """Between two readings of it a worker committed a shard, or merged, and each half was right."""

    async def play() -> None:
        s = open_session(world, 2)
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
        assert board(world, s)["tally"]["correct"] == 2

    run(play())
