"""Faults that the simulator, the state machine and chaos have found in messages, each with its shortest history.

docs/laws.md lists each fault with its test.
"""

import asyncio
from typing import Any
from unittest.mock import patch

from quizcore import documents
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.loading import load
from quizcore.messages import QuestionOpened, SessionFinished
from quizcore.shards import shard_of
from tests.support.games import GRACE_MS
from tests.support.histories import ANN, BEN, bodies, every_commit, failing, on_the_bus
from tests.support.stepping import Process
from tests.support.world import END, HOST, OPENED, Person, Running, World, spread, until
from workers.shard.job import ShardJob

FINISHED = OPENED + 2_000
SETTLED = FINISHED + GRACE_MS + PUBLISH_BOUND_MS


def command(world: World, session_id: str, **body: Any) -> None:
    assert Person(world.client(), HOST).post(f"/sessions/{session_id}/commands", body).status_code == 202


def test_the_players_here_are_of_two_shards() -> None:
    assert (shard_of(BEN, 2), shard_of(ANN, 2)) == (0, 1)


async def test_a_control_event_is_one_message_to_shard_0_and_every_shard_opens_at_its_moment(world: World) -> None:
    """Sent to every shard by the API it could reach some of them, and its repetition, with a later time, the others."""
    s = world.open_session(2)
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


async def test_a_control_event_that_could_not_be_forwarded_is_not_acknowledged(world: World) -> None:
    s = world.open_session(2)
    control = bodies(world.opened(s))
    world.bus.up = False
    assert await Process(world, s).take(control) == []
    world.bus.up = True

    assert await Process(world, s).take(control) == control, "it comes again, to another worker"
    assert [(each.shard, each.type) for each in world.bus.published] == [(1, "question_opened")]


async def test_a_message_is_acknowledged_only_when_a_document_contains_it(world: World) -> None:
    s = world.open_session()
    join = bodies(world.joined(s, ANN))
    with failing(every_commit):
        assert await Process(world, s).take(join) == []
    assert await Process(world, s).take(join) == join
    assert world.board(s)["player_count"] == 1


async def test_a_lost_commit_is_not_taken_for_made(world: World) -> None:
    """A worker that took a missing response for success acknowledged a message that no document contained."""
    s, lost = world.open_session(), [True]
    with failing(lambda _: bool(lost) and lost.pop()) as times:
        join = bodies(world.joined(s, ANN))
        assert await Process(world, s).take(join) == join
    assert times == [1]
    assert (world.board(s)["player_count"], world.board(s)["seq"]) == (1, 1)


async def test_messages_of_a_failed_flush_are_counted_before_later_messages(world: World) -> None:
    """After a nack the message was redelivered after the end, and the session was final without it."""
    s = world.open_session(scoring="flat")
    worker = Process(world, s)
    await worker.take(bodies(world.joined(s, ANN), world.opened(s)))
    world.clock.ms = FINISHED
    answer = bodies(world.answered(s, ANN, FINISHED))
    with failing(every_commit):
        assert await worker.take(answer) == []

    world.clock.ms = SETTLED + 1
    ends = [world.message(SessionFinished, s, at) for at in (FINISHED, SETTLED)]
    assert len(await worker.take(bodies(*ends))) == 2
    assert world.board(s)["final"]
    assert world.scores(s) == {ANN: 1000}


async def test_on_a_bus_without_order_the_podium_waits_for_the_bound(world: World) -> None:
    bound_ms = 60_000
    host = Person(world.client(delivery_bound_ms=bound_ms), HOST)
    opening = {"quiz_id": "words", "options": {"scoring": "flat"}}
    s = str((host.post("/sessions", opening).json or {})["session_id"])
    worker = Process(world, s)
    await worker.take(bodies(world.joined(s, ANN), world.opened(s)))
    ends = [world.message(SessionFinished, s, at) for at in (FINISHED, SETTLED, SETTLED + bound_ms)]
    world.clock.ms = SETTLED + bound_ms - 1
    await worker.take(bodies(*ends[:2]))
    assert not world.board(s)["final"]

    await worker.take(bodies(world.answered(s, ANN, FINISHED)))
    await worker.take(bodies(ends[2]))
    assert world.board(s)["final"]
    assert world.scores(s) == {ANN: 1000}


async def test_with_many_shards_a_message_is_acknowledged_after_the_merge_that_shows_it(world: World) -> None:
    """When a worker died between its commit and the merge, the public board stayed old."""
    s = world.open_session(2)
    top = documents.board_path(s)
    join = bodies(*spread([world.joined(s, ANN)], 2))
    with failing(lambda writes: any(write.path == top for write in writes)) as times:
        assert await Process(world, s).take(join) == []
    assert times[0]
    assert world.store.get(documents.player_path(s, ANN)), "the shard has counted it"
    assert world.board(s)["player_count"] == 0

    assert await Process(world, s).take(join) == join
    assert world.board(s)["player_count"] == 1


async def test_a_given_up_flush_without_messages_does_not_stop_the_clock(world: World) -> None:
    worker = Running(world, orphan_check_s=3_600, commit_attempts=1)
    s = world.open_session()
    world.clock.ms = END - 50
    world.bus.publish([world.joined(s, ANN), world.opened(s), world.answered(s, ANN, OPENED)])
    await until(lambda: worker.telemetry.snapshot()["messages_acknowledged"] == 3, "counted")
    with failing(every_commit) as times:
        world.clock.ms = END + 1
        await until(lambda: times[0], "the reveal is tried")
    await until(lambda: world.session(s)["reveal"], "the reveal")
    await worker.stop()


async def test_a_worker_that_lost_shard_0_loads_it_before_it_repeats_a_clock_event(world: World) -> None:
    """It repeated an old event without end, because the event was delivered to another worker."""
    s = world.open_session(auto_advance=True, review_ms=1_000)
    before, after = Process(world, s), Process(world, s)
    await before.take(bodies(world.joined(s, ANN), world.opened(s)))
    world.clock.ms = END + 1_000
    await before.look(0)
    await after.take(on_the_bus(world))
    assert world.session(s)["question_index"] == 1

    for _ in range(5):
        world.clock.advance(2_001)
        await before.look(0)
    assert [m.question_index for m in world.bus.published if isinstance(m, QuestionOpened)] == [1]


async def test_a_clock_event_that_the_bus_lost_is_repeated(world: World) -> None:
    s = world.open_session(auto_advance=True, review_ms=1_000)
    worker = Process(world, s)
    await worker.take(bodies(world.opened(s)))
    world.clock.ms = END + 1_000
    await worker.look(0)
    world.bus.waiting.clear()

    for _ in range(2):  # it looks at the documents first
        world.clock.advance(2_000)
        await worker.look(0)
    assert [m.question_index for m in world.bus.published if isinstance(m, QuestionOpened)] == [1, 1]


async def test_only_shard_0_drives_the_session_s_clock(world: World) -> None:
    """After the end the other shards had a clock that was always due and that they could not move: they spun."""
    s = world.open_session(2)
    worker = Running(world, orphan_check_s=3_600)
    ends = [world.opened(s), world.message(SessionFinished, s, FINISHED)]
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


def counted_into(turns: list[int]) -> Any:
    run_job = ShardJob.run

    async def counted(job: ShardJob, items: Any) -> None:
        turns.append(job.number)
        await asyncio.sleep(0)  # a worker that spins would not let the test go on
        await run_job(job, items)

    return counted
