"""A session with groups of shards is adopted group by group: no worker loads all of its players."""

from collections.abc import Sequence
from itertools import pairwise

from quizcore import documents
from quizcore.ports import Delete, Update
from quizcore.shards import GROUP_SHARDS, MOST_SHARDS
from quizcore.telemetry import Telemetry
from tests.support.world import END, OPENED, Running, World, spread, until
from workers.adoption import Adoption

LATE = END - 5_000


def grouped(world: World, shards: int, group_shards: int, due: dict[int, int | None]) -> str:
    """A session that is overdue, and so are the groups of `due` with a moment that has passed."""
    s = world.open_session(shards, group_shards=group_shards)
    world.clock.ms = END
    groups = [Update(documents.group_path(s, group), {"due_at": due_at}) for group, due_at in due.items()]
    world.store.commit([Update(documents.session_path(s), {"due_at": LATE}), *groups])
    return s


async def checks(world: World, every_s: float, seconds: int) -> list[tuple[int, Sequence[int]]]:
    """When the session was checked (s), and the shards that the check started."""
    adoption = Adoption(world.store, world.clock, every_s, Telemetry())
    found = [(now, await adoption.overdue(now)) for now in range(seconds)]
    return [(now, orphan.shards) for now, orphans in found for orphan in orphans]


async def test_one_check_starts_shard_0_and_the_shards_of_one_overdue_group(world: World) -> None:
    due = {0: LATE, 1: None, 2: LATE, 3: END + 60_000}
    s = grouped(world, 8, 2, due)

    started = {tuple(shards) for _, shards in await checks(world, 1, 100)}

    assert started == {(0, 1), (0, 4, 5)}
    world.store.commit([Update(documents.group_path(s, group), {"due_at": None}) for group in due])
    assert {tuple(shards) for _, shards in await checks(world, 1, 10)} == {(0,)}, "the public board is behind"


async def test_with_most_shards_a_check_starts_no_more_than_a_group(world: World) -> None:
    grouped(world, MOST_SHARDS, GROUP_SHARDS, dict.fromkeys(range(MOST_SHARDS // GROUP_SHARDS), LATE))

    started = [shards for _, shards in await checks(world, 5, 300)]

    assert max(map(len, started)) <= GROUP_SHARDS + 1
    assert len({shards[-1] for shards in started}) > 1, "another group the next time"


async def test_a_group_whose_summary_is_gone_is_started(world: World) -> None:
    s = grouped(world, 4, 2, {0: None, 1: None})
    world.store.commit([Delete(documents.group_path(s, 1))])

    assert {tuple(shards) for _, shards in await checks(world, 1, 1)} == {(0, 2, 3)}


async def test_the_pause_grows_after_as_many_checks_as_there_are_groups(world: World) -> None:
    grouped(world, 8, 2, dict.fromkeys(range(4), LATE))

    moments = [now for now, _ in await checks(world, 5, 120)]

    assert [after - before for before, after in pairwise(moments)][:9] == [5, 5, 5, 10, 10, 10, 10, 20, 20]


async def test_every_shard_of_a_session_with_groups_is_adopted_in_the_end(world: World) -> None:
    s = world.open_session(6, group_shards=2)
    players = [f"p{number}" for number in range(30)]
    world.bus.publish(spread([*(world.joined(s, p) for p in players), world.opened(s)], 6))
    world.bus.publish(spread((world.answered(s, p, OPENED + 1) for p in players), 6))
    world.clock.ms = OPENED + 10
    first = Running(world, orphan_check_s=3_600)
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(players), "all are counted")
    await until(lambda: not world.bus.waiting and not first.source._out, "no message comes again")
    await first.kill()

    world.clock.ms = END + 60_000
    second = Running(world)
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(players), "the reveal of all groups")
    await second.stop()
