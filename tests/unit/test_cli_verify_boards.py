"""`wordrush verify --boards`: silent about what the product writes, and loud about every document that was changed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from admin_cli.errors import Exit
from quizcore import documents
from quizcore.documents.leaderboard import (
    MOVES,
    candidates_path,
    leaderboard_path,
    leaf_path,
    people_page_path,
    period_path,
    range_path,
)
from quizcore.documents.plays import plays_path
from quizcore.ports import Delete, Put
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.handing_on import PLAYERS
from tests.support.leaderboards import fold, play_game, put_member, put_person
from tests.support.world import World

CLASS = "class7b"
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(name="session_id")
def _session_id(world: World) -> str:
    """A game of a class, counted and folded; Eva is a guest."""
    put_class(world, CLASS)
    for uid in PLAYERS[:-1]:
        put_person(world, uid, listed=uid != "ben")
        put_member(world, CLASS, uid)
    session_id, _ = asyncio.run(play_game(world, CLASS))
    return session_id


@pytest.fixture(name="folded")
def _folded(world: World, session_id: str) -> str:
    asyncio.run(fold(world))
    return session_id


def change(world: World, path: str, changed: Change) -> None:
    found = world.store.get(path)
    assert found is not None, path
    changed(found.data)
    world.store.commit([Put(path, found.data)])


def different(cli: Cli, *more: str) -> list[tuple[str, str]]:
    """Where, and in which field."""
    code = cli.run("--json", "verify", "--boards", *more)
    found = cli.parsed()
    assert (code == Exit.DIFFERENT) == bool(found["different"]), cli.out
    assert found["different"] == len(found["differences"])
    return [(difference["where"], difference["field"]) for difference in found["differences"]]


def test_the_check_agrees_with_the_boards_before_and_after_their_fold(cli: Cli, world: World, session_id: str) -> None:
    waiting = cli.json("verify", "--boards")
    asyncio.run(fold(world))
    folded = cli.json("verify", "--boards")

    assert (waiting["pending"], folded["pending"]) == (3, 0)
    assert (waiting["periods"], folded["periods"]) == (0, 12)
    for found in (waiting, folded):
        assert (found["people"], found["boards"], found["different"]) == (4, 3, 0)


def test_the_last_lines_are_metrics(cli: Cli, folded: str) -> None:
    assert cli.run("verify", "--boards") == 0

    *_, people, boards, differences = cli.out.splitlines()
    assert (people, boards) == ("wordrush_people_verified 4", "wordrush_boards_verified 3")
    assert differences == "wordrush_boards_different 0"


def test_a_table_in_leaves_is_verified_leaf_by_leaf(cli: Cli, world: World, session_id: str) -> None:
    asyncio.run(fold(world, leaf_bytes=4))
    assert different(cli) == []
    path = leaf_path("global", "all", 1)
    assert world.store.get(path) is not None, "the table must have leaves"

    world.store.commit([Delete(path)])

    found = different(cli, "--board", "global")
    assert {where for where, _ in found} == {period_path("global", "all")}
    assert {"leaves", "leaves.1"} <= {field for _, field in found}


PERIOD = period_path("global", "all")
CANDIDATES = candidates_path("global", "all")
PAGE = people_page_path("class-class7b", "all", 0)
ANN = documents.person_path("ann")


@pytest.mark.parametrize(
    ("path", "changed", "where", "field"),
    [
        (PERIOD, lambda d: d.update(scores=b"\x07\x01"), PERIOD, "scores.7"),
        (PERIOD, lambda d: d.update(scores=b"\xff"), PERIOD, "scores"),
        (PERIOD, lambda d: d.update(people=5), PERIOD, "people"),
        (PERIOD, lambda d: d.update(error=1), PERIOD, "error"),
        (PERIOD, lambda d: d.update(pages=1), PERIOD, "pages"),
        (PERIOD, lambda d: d["top"].pop(), PERIOD, "top.3"),
        (PERIOD, lambda d: d["top"][0].update(rank=2), PERIOD, "top.0"),
        (PERIOD, lambda d: [row.update(nickname="Ben") for row in d["top"] if not row["who"]], PERIOD, "top."),
        (CANDIDATES, lambda d: d["rows"][1].update(who="erased"), CANDIDATES, "rows.1.who"),
        (CANDIDATES, lambda d: d["rows"][1].update(nickname="Other"), CANDIDATES, "rows.1"),
        (CANDIDATES, lambda d: d.update(floor={"points": 0, "reached_at": 0, "who": ""}), CANDIDATES, "floor"),
        (CANDIDATES, lambda d: d["rows"].pop(), CANDIDATES, "floor"),
        (CANDIDATES, lambda d: d.update(seq=7), PERIOD, "seq"),
        (leaderboard_path("global"), lambda d: d.update(seq=0), PERIOD, "seq"),
        (PAGE, lambda d: d["rows"].reverse(), PAGE, "rows.0"),
        (ANN, lambda d: d["totals"]["global"].update(all=[1, 1, 1]), ANN, "totals.global.all"),
        (ANN, lambda d: d["totals"]["global"].pop("all"), ANN, "totals.global.all"),
        (ANN, lambda d: d.update(place_all=None), ANN, "place_all"),
        (ANN, lambda d: d.update(past={"*": {"words": [1, 1, 1, 1, 1]}}), ANN, "past.*"),
        (ANN, lambda d: d.update(nickname="Anna"), CANDIDATES, "rows."),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_change_by_hand_is_a_difference(
    cli: Cli, world: World, folded: str, path: str, changed: Change, where: str, field: str
) -> None:
    assert different(cli) == []

    change(world, path, changed)

    found = different(cli)
    assert [at for at, name in found if at == where and name.startswith(field)], found


@pytest.mark.parametrize("path", [PERIOD, CANDIDATES, PAGE, ANN])
def test_a_document_that_is_gone_is_a_difference(cli: Cli, world: World, folded: str, path: str) -> None:
    world.store.commit([Delete(path)])

    assert different(cli)


def test_moves_that_are_lost_are_a_difference(cli: Cli, world: World, session_id: str) -> None:
    (moves, *_) = [each for each in world.store.list(MOVES) if each.data["queue"] == "global"]
    world.store.commit([Delete(moves.path)])

    assert (PERIOD, "people") not in different(cli, "--board", "quiz-words")
    assert {where for where, _ in different(cli)} >= {PERIOD}


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 9), (1, 1), (2, "another"), (4, 3), (6, 9), (7, "another")],
    ids=["version", "moment", "quiz", "points", "players", "class"],
)
def test_a_result_that_is_not_that_of_its_session_is_a_difference(
    cli: Cli, world: World, folded: str, at: int, value: object
) -> None:
    change(world, ANN, lambda d: d["counted"][folded].__setitem__(at, value))

    assert (ANN, f"counted.{folded}") in different(cli)


def test_a_result_that_was_not_counted_is_a_difference(cli: Cli, world: World, folded: str) -> None:
    head = documents.session_path(folded)
    change(world, documents.person_path("ann"), lambda d: d.update(created_at=0))
    assert different(cli) == []

    change(world, ANN, lambda d: d["counted"].clear())
    assert (ANN, f"counted.{folded}") in different(cli)
    change(world, head, lambda d: d.update(handed_seq=0))

    assert (ANN, f"counted.{folded}") not in different(cli), "it is counted when the session is handed on"


def test_an_unfinished_or_missing_session_is_reported_separately(cli: Cli, world: World, folded: str) -> None:
    head = documents.session_path(folded)
    change(world, head, lambda d: d.update(result=None))
    assert {field for _, field in different(cli)} == {f"counted.{folded}"}

    world.store.commit([Delete(head)])

    assert different(cli) == []


def test_a_range_that_names_an_erased_person_is_a_difference(cli: Cli, world: World, folded: str) -> None:
    path = range_path("class-class7b", "2023-11-01_2023-11-24")
    found = world.store.get(period_path("class-class7b", "all"))
    assert found is not None
    world.store.commit([Put(path, found.data)])
    assert different(cli) == []

    change(world, path, lambda d: d["top"][2].update(who="erased"))

    assert different(cli) == [(path, "top.2.who")]


def test_the_leaderboard_of_quizzes_is_computed_from_the_plays(cli: Cli, world: World) -> None:
    world.add_quiz(visibility="public")
    asyncio.run(play_game(world))
    assert cli.json("verify", "--boards", "--board", "quizzes")["pending"] == 1
    asyncio.run(fold(world))
    assert cli.json("verify", "--boards", "--board", "quizzes")["periods"] == 4

    change(world, plays_path("words"), lambda d: d["days"]["2023-11-14"].__setitem__(0, 7))

    assert {where for where, _ in different(cli)} == {
        at
        for name in ("day-2023-11-14", "week-2023-W46", "month-2023-11", "all")
        for at in (period_path("quizzes", name), candidates_path("quizzes", name))
    }
    change(world, plays_path("words"), lambda d: d.update(before=d["days"].pop("2023-11-14")))
    world.clock.advance(60 * 86_400_000)
    assert {where for where, _ in different(cli)} == {period_path("quizzes", "all"), candidates_path("quizzes", "all")}


def test_only_a_board_that_is_there_is_verified(cli: Cli, folded: str) -> None:
    assert cli.json("verify", "--boards", "--board", "quiz-words")["boards"] == 1
    assert cli.refused("verify", "--boards", "--board", "quiz-other") == (Exit.REFUSED, "unknown_board")
    for wrong in (["--board", "global"], ["--boards", "--all"], ["--boards", folded], []):
        assert cli.run("verify", *wrong) == Exit.USAGE
