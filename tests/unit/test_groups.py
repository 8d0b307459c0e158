"""A session whose shards are merged in groups, from the lobby to the podium, on the in-memory twins."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.layout import Layout
from quizcore.loading import layout_of
from quizcore.messages import SessionFinished, attributes, encode
from quizcore.ports import Delete, Update
from quizcore.shards import GROUP_SHARDS, MOST_SHARDS, shard_of
from quizcore.usecases.verify import folded_again
from tests.support.stepping import Process
from tests.support.world import END, OPENED, Running, World, spread, until, worker_settings
from workers.coordinator.reshard_job import ReshardJob

SHARDS, GROUPS = 5, 3  # two shards a group
PLAYERS = [f"p{number:02}" for number in range(30)]


def grouped(world: World, **options: Any) -> str:
    return world.open_session(SHARDS, group_shards=2, **options)


def summaries(world: World, s: str) -> list[dict[str, Any]]:
    found = world.store.get_many(layout_of(world.store, s).summaries)
    return [snapshot.data for snapshot in found.values()]


def answers(world: World, s: str) -> list[Any]:
    events = [*(world.joined(s, player) for player in PLAYERS), world.opened(s)]
    return spread([*events, *(world.answered(s, p, OPENED + 500 * (n // 2)) for n, p in enumerate(PLAYERS))], SHARDS)


async def test_a_game_is_merged_group_by_group_and_every_document_equals_the_fold(world: World) -> None:
    workers = [Running(world) for _ in range(2)]
    s = grouped(world)
    world.bus.publish(answers(world, s))
    world.clock.ms = OPENED + 20_000
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    assert world.session(s)["reveal"] is None
    assert sum(summary["player_count"] for summary in summaries(world, s)) == len(PLAYERS)

    world.clock.ms = END + 1
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(PLAYERS), "the reveal of all groups")
    top, ranks = world.board(s)["top"], world.store.get(documents.ranks_path(s))
    assert ranks is not None
    assert [row["player_id"] for row in top] == PLAYERS[: len(top)], "the quicker, the better"
    assert [row["rank"] for row in top[:4]] == [1, 1, 3, 3]
    assert [row["rank"] for row in top] == [rank_in(ranks.data["scores"], row["score"]) for row in top]

    for at in (END + 2, END + PUBLISH_BOUND_MS + 10):
        world.bus.publish(spread([world.message(SessionFinished, s, at)], SHARDS))
    world.clock.ms = END + PUBLISH_BOUND_MS + 20
    await until(lambda: world.board(s)["final"], "the podium")
    for worker in workers:
        await worker.stop()
    assert folded_again(world.store, s)["differences"] == []
    assert world.board(s)["groups"] == {str(n): each["seq"] for n, each in enumerate(summaries(world, s))}
    assert world.store.list(documents.rolls_path(s)) == []


@pytest.mark.parametrize("field", ["player_count", "scores", "top", "shards", "error"])
async def test_verify_reports_a_summary_that_differs_from_its_shards(world: World, field: str) -> None:
    worker = Running(world)
    s = grouped(world)
    world.bus.publish(answers(world, s))
    await until(lambda: world.board(s)["player_count"] == len(PLAYERS), "all have joined")
    await worker.stop()
    assert folded_again(world.store, s)["differences"] == []

    path = documents.group_path(s, 1)
    world.store.commit([Update(path, {field: {"player_count": 1, "scores": b"", "error": 7}.get(field, [])})])
    found = folded_again(world.store, s, sleep=lambda _: None)["differences"]
    assert (path, field) in {(each["where"], each["field"]) for each in found}


async def test_a_group_whose_worker_died_before_its_merge_is_merged_by_another(world: World) -> None:
    s = grouped(world)
    first = Running(world)
    world.bus.publish(answers(world, s))
    world.clock.ms = OPENED + 20_000
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    await until(lambda: not world.bus.waiting, "all are acknowledged")
    await first.kill()

    world.clock.ms = END + 5_000
    second = Running(world)
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(PLAYERS), "the reveal of all groups")
    await second.stop()


async def test_counted_messages_are_acknowledged_only_when_the_public_board_shows_them(world: World) -> None:
    s = grouped(world)
    shown: list[int] = []

    worker = Process(world, s)
    for told in spread((world.joined(s, player) for player in PLAYERS), SHARDS):
        world.bus.publish([told])
        sent = world.bus.waiting.popleft()
        assert await worker.take([sent]) == [sent]
        shown.append(world.board(s)["player_count"])
    assert shown == list(range(1, len(PLAYERS) + 1))


async def test_a_message_of_the_former_shard_is_shown_by_the_player_s_new_group(world: World) -> None:
    """Its flush passes through both groups before it is acknowledged."""
    s = world.open_session()
    player = next(name for name in PLAYERS if shard_of(name, 4) == 3)

    settings = worker_settings(group_shards=2)
    await ReshardJob(s, world.store, world.clock, world.ids, settings).run(4)
    told = world.joined(s, player)  # to shard 0, which the API knew
    assert await Process(world, s).take([(encode(told), attributes(told))])
    assert world.board(s)["player_count"] == 1
    assert [summary["player_count"] for summary in summaries(world, s)] == [0, 1]


async def test_a_session_that_lost_a_summary_does_not_stop_the_others(world: World) -> None:
    """Deletion by age takes documents one by one."""
    broken, whole = grouped(world), grouped(world)
    world.store.commit([Delete(documents.group_path(broken, 1))])
    worker = Running(world)
    world.bus.publish(spread((world.joined(broken, player) for player in PLAYERS), SHARDS))
    await until(lambda: worker.telemetry.snapshot()["commits_made"] > 0, "a shard that is still there")
    world.bus.publish(spread((world.joined(whole, player) for player in PLAYERS), SHARDS))
    await until(lambda: world.board(whole)["player_count"] == len(PLAYERS), "the other session")
    await worker.stop()


@pytest.mark.parametrize("shards", [1, 2, GROUP_SHARDS, GROUP_SHARDS + 1, 1_000, MOST_SHARDS])
def test_every_shard_is_in_one_group_of_bounded_size(shards: int) -> None:
    layout = Layout.for_shards("s", shards)
    grouped = [shard for group in range(layout.groups) for shard in layout.shards_of(group)]

    assert grouped == list(range(shards))
    assert max(len(layout.shards_of(group)) for group in range(layout.groups)) <= GROUP_SHARDS
    assert layout.grouped == (shards > GROUP_SHARDS)
    if layout.grouped:
        assert [layout.groups_of([shard]) for shard in range(shards)] == [
            (group,) for group in range(layout.groups) for _ in layout.shards_of(group)
        ]


def test_a_session_without_groups_has_no_summaries_and_the_usual_documents(world: World) -> None:
    s = world.open_session(GROUP_SHARDS)

    assert world.store.list(documents.groups_path(s)) == []
    assert "groups" not in world.session(s)
    assert "groups" not in world.board(s)
