"""A final session is handed on at least once, when workers die and when receivers refuse it."""

import pytest

from quizcore.ports import FinalSession, NotReceived
from tests.support.handing_on import (
    EXPECTED,
    SETTLED,
    Died,
    Doomed,
    Kept,
    adopt,
    facts,
    orphans,
    play,
    removal,
    take,
    whole_game,
)
from tests.support.stepping import Process
from tests.support.world import World
from workers.adoption import OVERDUE_MS
from workers.coordinator.hand_on import LOOKS_MOST, PAUSE_MOST_MS

SHARDS = pytest.mark.parametrize("shards", [1, 3])

# How often the session is handed on when a worker dies there.
DEATHS = {
    "before the final commit": 1,
    "after the final commit": 1,
    "before the receiver has it": 1,
    "when the receiver has it": 2,
    "before the stamp": 2,
    "after the stamp": 1,
}


@SHARDS
@pytest.mark.parametrize("point", DEATHS)
@pytest.mark.parametrize("redelivered", [True, False])
async def test_when_a_worker_dies_another_hands_the_same_version_on(
    world: World, shards: int, point: str, redelivered: bool
) -> None:
    s, doomed, kept = world.open_session(shards), Doomed(world.store, point), Kept()
    with pytest.raises(Died):
        await play(world, s, shards, Process(world, s, [doomed], doomed))
    if point == "before the final commit":
        assert (doomed.finals, await orphans(world)) == ([], []), "the bus alone tells of the end"

    other = Process(world, s, [kept])
    if redelivered or point == "before the final commit":
        await take(world, other, [])
    world.clock.ms += OVERDUE_MS + 500
    await adopt(world, other)

    finals = [*doomed.finals, *kept.finals]
    assert (len(finals), len(set(finals))) == (DEATHS[point], 1)
    assert facts(finals[0]) == EXPECTED
    assert world.session(s)["handed_seq"] == finals[0].seq == world.board(s)["seq"]
    world.clock.ms += 10**6
    assert await orphans(world) == []


async def test_a_failing_receiver_delays_no_other_and_is_retried_alone(world: World) -> None:
    s, bad, good = world.open_session(), Kept(), Kept()
    bad.refuses = True
    process = Process(world, s, [bad, good])
    await play(world, s, 1, process)
    assert (world.session(s)["handed_seq"], bad.finals, len(good.finals)) == (0, [], 1)

    bad.refuses = False
    world.clock.ms += PAUSE_MOST_MS
    await process.look(0)
    assert world.session(s)["handed_seq"] == world.board(s)["seq"]
    assert good.finals == bad.finals


async def test_a_worker_retries_a_failing_receiver_a_bounded_number_of_times_and_adoption_continues(
    world: World,
) -> None:
    s, asked = world.open_session(), list[FinalSession]()

    class Refuses:
        async def receive(self, final: FinalSession) -> None:
            asked.append(final)
            raise NotReceived("away")

    process = Process(world, s, [Refuses()])
    world.clock.ms = SETTLED
    await take(world, process, whole_game(world, s, 1))
    for _ in range(LOOKS_MOST - 1):
        await process.look(0)
        world.clock.ms += PAUSE_MOST_MS
        await process.look(0)

    assert len(asked) == LOOKS_MOST
    assert [orphan.session_id for orphan in await orphans(world)] == [s]


async def test_a_stamp_that_conflicts_with_a_newer_final_board_hands_that_board_on_too(world: World) -> None:
    s, kept = world.open_session(), Kept()
    other = Process(world, s, [Kept()])

    class Slow:
        """While it takes the session in, a player is removed."""

        async def receive(self, final: FinalSession) -> None:
            if not kept.finals:
                await take(world, other, removal(world, s, "ann", 1))
            await kept.receive(final)

    await play(world, s, 1, Process(world, s, [Slow()]))

    assert kept.finals[0].players == 5
    assert world.session(s)["handed_seq"] == world.session(s)["result"]["seq"] == world.board(s)["seq"]
    assert world.session(s)["result"]["players"] == 4
