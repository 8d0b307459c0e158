"""`wordrush board`: what a board says, in the numbers of its documents."""

import asyncio

import pytest

from admin_cli.errors import Exit
from quizcore import documents
from quizcore.documents.leaderboard import leaf_path
from quizcore.domain.leaderboard.calendar import month_of
from quizcore.ports import Delete, Put
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.counting import CountingStore
from tests.support.handing_on import PLAYERS
from tests.support.leaderboards import fold, play_game, put_member, put_person, scores
from tests.support.world import World

CLASS = "class7b"
DAY = ("--from", "2023-11-14", "--to", "2023-11-14")


@pytest.fixture(name="points")
def _points(world: World) -> dict[str, int]:
    """A game of a class, counted and not folded: everybody's points. Dan is no member, Eva a guest, Ben not listed."""
    put_class(world, CLASS)
    for uid in PLAYERS[:-1]:
        put_person(world, uid, listed=uid != "ben")
    for uid in ("ann", "ben", "cho"):
        put_member(world, CLASS, uid)
    session_id, _ = asyncio.run(play_game(world, CLASS))
    return {uid: points for uid, points in scores(world, session_id).items() if uid != "eva"}


def rank_of(points: dict[str, int], uid: str) -> int:
    return 1 + sum(other > points[uid] for other in points.values())


def test_show_tells_what_waits_and_what_was_folded(cli: Cli, world: World, points: dict[str, int]) -> None:
    world.clock.advance(3_000)
    waiting = cli.json("board", "show", "global")
    assert cli.run("board", "show", "global") == 0
    assert "not folded yet; 4 moves in 1 documents wait, the oldest for 3.5 s" in cli.out.replace("\n", " ")
    asyncio.run(fold(world))
    folded = cli.json("board", "show", "global")
    assert cli.run("board", "show", "global") == 0
    assert "folded 1 times" in cli.out

    assert (waiting["head"], waiting["periods"]) == (None, [])
    assert waiting["waiting"] == {"documents": 1, "moves": 4, "oldest_ms": 3_500}
    assert folded["waiting"] == {"documents": 0, "moves": 0, "oldest_ms": 0}
    assert folded["head"]["seq"] == 1
    assert {(row["period"], row["people"]) for row in folded["periods"]} == {
        ("all", 4),
        ("day-2023-11-14", 4),
        ("month-2023-11", 4),
        ("week-2023-W46", 4),
    }
    assert cli.refused("board", "show", "quiz-other") == (Exit.REFUSED, "unknown_board")


def test_top_shows_the_public_rows_of_the_period_that_runs_now(cli: Cli, world: World, points: dict[str, int]) -> None:
    asyncio.run(fold(world))
    for period in ("day", "week-2023-W46", "all"):
        rows = cli.json("board", "top", "global", period)
        assert [row["points"] for row in rows] == sorted(points.values(), reverse=True)
        assert {row["who"] for row in rows} == {"ann", "", "cho", "dan"}
        assert [row["rank"] for row in rows] == sorted(rank_of(points, uid) for uid in points)

    assert cli.run("board", "top", "global", "year") == Exit.USAGE
    assert cli.refused("board", "top", "global", "day-2023-11-15") == (Exit.REFUSED, "unknown_period")
    assert cli.run("board", "top", "a/b", "all") == Exit.USAGE


@pytest.mark.parametrize("uid", ["ann", "ben", "cho", "dan"])
@pytest.mark.parametrize(("leaf_bytes", "most"), [(65_536, 2), (4, 3)])
def test_a_rank_is_that_of_the_points_and_costs_a_clients_reads(
    cli: Cli, world: World, points: dict[str, int], uid: str, leaf_bytes: int, most: int
) -> None:
    asyncio.run(fold(world, leaf_bytes))
    counting = CountingStore()
    counting._documents = world.store._documents
    world.store = counting

    found = cli.json("board", "rank", "global", "week", "--person", uid)

    assert (found["rank"], found["points"], found["people"]) == (rank_of(points, uid), points[uid], 4)
    assert found["reads"] == counting.reads <= most
    assert (world.store.get(leaf_path("global", "all", 0)) is not None) == (most == 3)


def test_a_missing_rank_is_reported_as_missing(cli: Cli, world: World, points: dict[str, int]) -> None:
    asyncio.run(fold(world))

    assert cli.json("board", "rank", f"class-{CLASS}", "all", "--person", "dan")["rank"] is None
    assert cli.json("board", "rank", f"class-{CLASS}", "all", "--person", "cho")["rank"] is not None
    assert cli.refused("board", "rank", "global", "all", "--person", "eva") == (Exit.REFUSED, "no_profile")
    assert cli.refused("board", "rank", "quiz-other", "all", "--person", "ann") == (Exit.REFUSED, "unknown_period")


def test_points_that_are_in_the_history_have_a_rank(cli: Cli, world: World, points: dict[str, int]) -> None:
    asyncio.run(fold(world))
    path = documents.person_path("cho")
    found = world.store.get(path)
    assert found is not None
    counted = found.data["counted"]
    tally = [points["cho"], world.clock.ms, points["cho"], world.clock.ms, 1]
    past = {"*": {"words": tally}, CLASS: {"words": tally}}
    world.store.commit(
        [
            Put(path, found.data | {"counted": {}, "totals": {}, "past": past}),
            Put(documents.month_path("cho", month_of(world.clock.ms)), {"counted": counted}),
        ]
    )

    rank = cli.json("board", "rank", "global", "day-2023-11-14", "--person", "cho")
    assert (rank["points"], rank["rank"], rank["reads"]) == (points["cho"], rank_of(points, "cho"), 3)
    assert cli.json("board", "range", "global", *DAY, "--person", "cho")["points"] == points["cho"]


def test_a_range_is_the_board_of_a_class_or_the_sum_of_a_person(cli: Cli, world: World, points: dict[str, int]) -> None:
    rows = cli.json("board", "range", f"class-{CLASS}", *DAY)
    members = {uid: points[uid] for uid in ("ann", "ben", "cho")}

    assert {row["who"]: row["points"] for row in rows} == members
    assert [row["rank"] for row in rows] == sorted(rank_of(members, uid) for uid in members)
    assert cli.json("board", "range", f"class-{CLASS}", "--from", "2023-11-15", "--to", "2023-11-30") == []
    mine = cli.json("board", "range", "global", *DAY, "--person", "dan")
    assert (mine["points"], mine["games"]) == (points["dan"], 1)


def test_a_range_that_there_is_not_is_refused(cli: Cli, world: World, points: dict[str, int]) -> None:
    assert cli.refused("board", "range", "global", *DAY) == (Exit.REFUSED, "no_range")
    assert "--person" in cli.err
    assert cli.refused("board", "range", "global", *DAY, "--person", "eva") == (Exit.REFUSED, "no_profile")
    for wrong in (["--from", "2023-11-14", "--to", "2023-11-13"], ["--from", "14.11.", "--to", "2023-11-14"]):
        assert cli.run("board", "range", f"class-{CLASS}", *wrong) == Exit.USAGE
    world.store.commit([Delete(documents.class_path(CLASS))])
    assert cli.refused("board", "range", f"class-{CLASS}", *DAY) == (Exit.REFUSED, "unknown_class")
