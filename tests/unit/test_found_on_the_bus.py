"""What the simulator, the state machine and chaos have found of messages: each fault by its shortest history.

docs/laws.md lists each fault with its test.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import load
from quizcore.messages import Message, QuestionOpened, SessionFinished, attributes, encode
from quizcore.ports import OutcomeUnknown, Write
from quizcore.shards import shard_of
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
    session,
    spread,
    until,
)
from tests.support.games import GRACE_MS
from tests.support.stepping import Body, Process
from tests.support.world import HOST, Person, World, worker_settings
from workers.shard.job import ShardJob

ANN, BEN = "ann", "ben"  # of two shards ben's is 0 and ann's is 1
FINISHED = OPENED + 2_000
SETTLED = FINISHED + GRACE_MS + PUBLISH_BOUND_MS


def bodies(*messages: Message) -> list[Body]:
    return [(encode(each), attributes(each)) for each in messages]


def on_the_bus(world: World) -> list[Body]:
    """What the bus holds; it is taken from there."""
    taken = list(world.bus.waiting)
    world.bus.waiting.clear()
    return taken


def command(world: World, session_id: str, **body: Any) -> None:
    assert Person(world.client(), HOST).post(f"/sessions/{session_id}/commands", body).status_code == 202


@contextmanager
def failing(fails: Callable[[Sequence[Write]], bool]) -> Iterator[list[int]]:
    """A store that loses some commits, and does not answer. Gives how often it did."""
    commit, times = MemoryStore.commit, [0]

    def commit_or_fail(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
        if not fails(writes):
            return commit(store, writes)
        times[0] += 1
        raise OutcomeUnknown("no answer")

    with patch.object(MemoryStore, "commit", commit_or_fail), patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0):
        yield times


def every_commit(_writes: Sequence[Write]) -> bool:
    return True


def test_the_players_here_are_of_two_shards() -> None:
    assert (shard_of(BEN, 2), shard_of(ANN, 2)) == (0, 1)


def test_a_control_event_is_one_message_to_shard_0_and_every_shard_opens_at_its_moment(world: World) -> None:
    """Sent to every shard by the API it could reach some of them, and its repetition, with a later time, the others."""

    async def play() -> None:
        s = open_session(world, 2)
        command(world, s, command="next")
        (one,) = world.bus.published
        assert one.shard == 0
        worker = Process(world, s)

        world.clock.advance(500)
        assert len(await worker.take(on_the_bus(world))) == 1
        (copy,) = on_the_bus(world)
        assert len(await worker.take([copy])) == 1

        openings = [load(world.store, s, shard).state.timeline.openings[0] for shard in range(2)]
        assert openings == [one.mark, one.mark]

    run(play())


def test_a_control_event_that_could_not_be_sent_on_is_not_acknowledged(world: World) -> None:
    async def play() -> None:
        s = open_session(world, 2)
        control = bodies(opened(world, s))
        world.bus.up = False
        assert await Process(world, s).take(control) == []
        world.bus.up = True

        assert await Process(world, s).take(control) == control, "it comes again, to another worker"
        assert [(each.shard, each.type) for each in world.bus.published] == [(1, "question_opened")]

    run(play())


def test_a_message_is_acknowledged_only_when_a_document_holds_it(world: World) -> None:
    async def play() -> None:
        s = open_session(world)
        join = bodies(joined(world, s, ANN))
        with failing(every_commit):
            assert await Process(world, s).take(join) == []
        assert await Process(world, s).take(join) == join
        assert board(world, s)["player_count"] == 1

    run(play())


def test_a_commit_that_was_lost_on_the_way_there_is_not_taken_for_made(world: World) -> None:
    """The worker that took silence for success acknowledged what no document held."""

    async def play() -> None:
        s, lost = open_session(world), [True]
        with failing(lambda _: bool(lost) and lost.pop()) as times:
            join = bodies(joined(world, s, ANN))
            assert await Process(world, s).take(join) == join
        assert times == [1]
        assert (board(world, s)["player_count"], board(world, s)["seq"]) == (1, 1)

    run(play())


def test_what_a_flush_could_not_count_is_counted_before_what_came_later(world: World) -> None:
    """Given back to the bus it came after the end, and the session was final without it."""

    async def play() -> None:
        s = open_session(world, scoring="flat")
        worker = Process(world, s)
        await worker.take(bodies(joined(world, s, ANN), opened(world, s)))
        world.clock.ms = FINISHED
        answer = bodies(answered(world, s, ANN, FINISHED))
        with failing(every_commit):
            assert await worker.take(answer) == []

        world.clock.ms = SETTLED + 1
        ends = [message(SessionFinished, world, s, at) for at in (FINISHED, SETTLED)]
        assert len(await worker.take(bodies(*ends))) == 2
        assert board(world, s)["final"]
        assert scores(world, s) == {ANN: 1000}

    run(play())


def test_where_the_bus_keeps_no_order_the_podium_waits_for_its_bound(world: World) -> None:
    async def play() -> None:
        bound_ms = 60_000
        host = Person(world.client(delivery_bound_ms=bound_ms), HOST)
        opening = {"quiz_id": "words", "options": {"scoring": "flat"}}
        s = str((host.post("/sessions", opening).json or {})["session_id"])
        worker = Process(world, s)
        await worker.take(bodies(joined(world, s, ANN), opened(world, s)))
        ends = [message(SessionFinished, world, s, at) for at in (FINISHED, SETTLED, SETTLED + bound_ms)]
        world.clock.ms = SETTLED + bound_ms - 1
        await worker.take(bodies(*ends[:2]))
        assert not board(world, s)["final"]

        await worker.take(bodies(answered(world, s, ANN, FINISHED)))
        await worker.take(bodies(ends[2]))
        assert board(world, s)["final"]
        assert scores(world, s) == {ANN: 1000}

    run(play())


def test_with_many_shards_a_message_is_acknowledged_after_the_merge_that_shows_it(world: World) -> None:
    """A worker that died between its commit and the merge left a board that nobody made up for."""

    async def play() -> None:
        s = open_session(world, 2)
        top = documents.board_path(s)
        join = bodies(*spread([joined(world, s, ANN)], 2))
        with failing(lambda writes: any(write.path == top for write in writes)) as times:
            assert await Process(world, s).take(join) == []
        assert times[0]
        assert world.store.get(documents.player_path(s, ANN)), "the shard has counted it"
        assert board(world, s)["player_count"] == 0

        assert await Process(world, s).take(join) == join
        assert board(world, s)["player_count"] == 1

    run(play())


def test_a_flush_without_messages_that_was_given_up_leaves_no_clock_standing(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK | {"orphan_check_s": 3_600}, commit_attempts=1))
        s = open_session(world)
        world.clock.ms = END - 50
        world.bus.publish([joined(world, s, ANN), opened(world, s), answered(world, s, ANN, OPENED)])
        await until(lambda: worker.telemetry.snapshot()["messages_acknowledged"] == 3, "counted")
        with failing(every_commit) as times:
            world.clock.ms = END + 1
            await until(lambda: times[0], "the reveal is tried")
        await until(lambda: session(world, s)["reveal"], "the reveal")
        await worker.stop()

    run(play())


def test_a_worker_that_has_lost_shard_0_looks_again_before_it_repeats_a_clock_event(world: World) -> None:
    """It repeated an event of the past for ever: what had come of it went to another worker."""

    async def play() -> None:
        s = open_session(world, auto_advance=True, review_ms=1_000)
        before, after = Process(world, s), Process(world, s)
        await before.take(bodies(joined(world, s, ANN), opened(world, s)))
        world.clock.ms = END + 1_000
        await before.look(0)
        await after.take(on_the_bus(world))
        assert session(world, s)["question_index"] == 1

        for _ in range(5):
            world.clock.advance(2_001)
            await before.look(0)
        assert [m.question_index for m in world.bus.published if isinstance(m, QuestionOpened)] == [1]

    run(play())


def test_a_clock_event_that_the_bus_lost_is_repeated(world: World) -> None:
    async def play() -> None:
        s = open_session(world, auto_advance=True, review_ms=1_000)
        worker = Process(world, s)
        await worker.take(bodies(opened(world, s)))
        world.clock.ms = END + 1_000
        await worker.look(0)
        world.bus.waiting.clear()

        for _ in range(2):  # it looks at the documents first
            world.clock.advance(2_000)
            await worker.look(0)
        assert [m.question_index for m in world.bus.published if isinstance(m, QuestionOpened)] == [1, 1]

    run(play())


def test_only_shard_0_has_a_clock_that_moves_the_session(world: World) -> None:
    """After the end the other shards had a clock that was always due and that they could not move: they spun."""

    async def play() -> None:
        s = open_session(world, 2)
        worker = Running(world, worker_settings(**QUICK | {"orphan_check_s": 3_600}))
        ends = [opened(world, s), message(SessionFinished, world, s, FINISHED)]
        world.clock.ms = SETTLED + 1
        turns: list[int] = []
        with patch.object(ShardJob, "run", autospec=True, side_effect=counted_into(turns)):
            world.bus.publish([each for each in spread(ends, 2) if each.shard == 1])
            await until(lambda: not world.bus.waiting and turns, "it has ended")
            for _ in range(200):
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            await worker.stop()
        assert len(turns) < 10

    run(play())


def counted_into(turns: list[int]) -> Any:
    run_job = ShardJob.run

    async def counted(job: ShardJob, items: Any) -> None:
        turns.append(job.number)
        await asyncio.sleep(0)  # a worker that spins would not let the test go on
        await run_job(job, items)

    return counted
