"""A game becomes final, and its people stand on the boards of the day, week, month and of all time."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.documents.leaderboard import MOVES, leaf_path, period_path, ranges_path
from quizcore.domain.ranks import rank_in
from quizcore.ports import Put
from tests.support.classes import put_class
from tests.support.handing_on import PLAYERS, removal, take
from tests.support.leaderboards import fold, period, play_game, put_member, put_person, rows, scores
from tests.support.people import account
from tests.support.stepping import Process
from tests.support.world import QUIZ_ID, Person, World

SHARDS = pytest.mark.parametrize("shards", [1, 3])
PERIODS = ["day-2023-11-14", "week-2023-W46", "month-2023-11", "all"]  # of the moment at which these games end


@SHARDS
async def test_people_stand_on_every_board_of_a_final_game_and_guests_on_none(world: World, shards: int) -> None:
    for uid in ("ann", "ben", "eva"):
        put_person(world, uid, listed=True)

    session_id, _ = await play_game(world, shards=shards)
    await fold(world)

    score = scores(world, session_id)
    best_first = sorted(("ann", "ben", "eva"), key=lambda uid: -score[uid])
    for board in ("global", f"quiz-{QUIZ_ID}"):
        for name in PERIODS:
            assert [(who, points) for _, who, points in rows(world, board, name)] == [
                (uid, score[uid]) for uid in best_first
            ]
            assert period(world, board, name)["people"] == 3
    for uid in best_first:
        person = world.store.get(documents.person_path(uid))
        assert person is not None
        points, games, _ = person.data["totals"]["global"]["all"]
        assert (points, games) == (score[uid], 1)
        assert rank_in(period(world, "global")["scores"], points) == 1 + sum(
            score[other] > points for other in best_first
        )
        version, _at, _quiz, title, _points, rank, of = person.data["counted"][session_id]
        assert (version, title, of) == (world.session(session_id)["result"]["seq"], "Words", len(PLAYERS))
        assert rank == 1 + sum(other > points for other in score.values())


async def test_a_person_who_does_not_want_to_be_listed_has_a_rank_and_no_name(world: World) -> None:
    put_person(world, "ann", listed=False)
    put_person(world, "ben", listed=True)

    await play_game(world)
    await fold(world)

    assert {who for _, who, _ in rows(world, "global")} == {"", "ben"}
    assert {row["nickname"] for row in period(world, "global")["top"]} == {"", "Ben"}


@SHARDS
async def test_a_removal_after_the_end_reaches_the_boards(world: World, shards: int) -> None:
    for uid in ("ann", "ben"):
        put_person(world, uid, listed=True)
    session_id, process = await play_game(world, shards=shards)
    await fold(world)
    assert period(world, "global")["people"] == 2

    await take(world, process, removal(world, session_id, "ann", shards))
    world.clock.ms += 500
    await process.look(0)
    await fold(world)

    for name in PERIODS:
        assert [who for _, who, _ in rows(world, "global", name)] == ["ben"]


async def test_a_class_board_shows_only_its_members_by_name(world: World) -> None:
    class_id = put_class(world, "class7b")
    for uid in ("ann", "ben", "cho"):
        put_person(world, uid)
    for uid in ("ann", "ben"):
        put_member(world, class_id, uid)

    await play_game(world, class_id=class_id)
    await fold(world)

    assert {who for _, who, _ in rows(world, f"class-{class_id}")} == {"ann", "ben"}
    page = world.store.get(f"boards/class-{class_id}/pages/all-0")
    assert page is not None
    assert [row["nickname"] for row in page.data["rows"]] == ["Ben", "Ann"]
    assert period(world, "global")["people"] == 3


async def test_a_member_who_leaves_a_class_leaves_its_board_and_stays_on_that_of_everybody(
    world: World, host: Person
) -> None:
    class_id = put_class(world, "class7b")
    for uid in ("ann", "ben"):
        put_person(world, uid)
        put_member(world, class_id, uid)
    await play_game(world, class_id=class_id)
    await fold(world)
    assert period(world, f"class-{class_id}")["people"] == 2

    assert host.delete(f"/classes/{class_id}/members/ann").status_code == 204
    await fold(world)

    assert [who for _, who, _ in rows(world, f"class-{class_id}")] == ["ben"]
    assert period(world, "global")["people"] == 2


async def test_a_new_name_and_a_listing_that_is_taken_back_reach_the_boards(world: World, host: Person) -> None:
    put_person(world, "ann", listed=True)
    await play_game(world)
    await fold(world)
    assert period(world, "global")["top"][0]["nickname"] == "Ann"

    ann = account(world, host, "ann")
    changed = {"nickname": "Anna", "avatar": "owl", "listed": True, "language": "en"}
    assert ann.put("/me", changed).status_code == 200
    await fold(world)
    assert [period(world, "global", name)["top"][0]["nickname"] for name in PERIODS] == ["Anna"] * 4

    assert ann.put("/me", changed | {"listed": False}).status_code == 200
    await fold(world)
    assert [period(world, "global", name)["top"][0]["nickname"] for name in PERIODS] == [""] * 4
    assert period(world, "global")["people"] == 1


async def test_a_person_reads_a_board_with_the_own_rank_and_the_people_around(world: World, host: Person) -> None:
    for uid in PLAYERS:
        put_person(world, uid, listed=uid != "cho")
    session_id, _ = await play_game(world)
    await fold(world)
    score = scores(world, session_id)

    told = account(world, host, "dan").get("/boards/global/standings?period=day&m=1")

    assert told.status_code == 200, told.json
    view = told.json or {}
    assert (view["period"], view["people"]) == (PERIODS[0], 5)
    assert view["own"]["points"] == score["dan"]
    assert view["own"]["rank"] == 1 + sum(other > score["dan"] for other in score.values())
    around = view["rows"]
    assert "dan" in [row["who"] for row in around]
    assert 2 <= len(around) <= 3
    assert [row["points"] for row in around] == sorted((row["points"] for row in around), reverse=True)
    assert "cho" not in {row["who"] for row in [*view["top"], *around]}


async def test_of_a_large_board_a_rank_is_read_from_one_leaf(world: World, host: Person) -> None:
    for uid in PLAYERS:
        put_person(world, uid)
    session_id, _ = await play_game(world)
    await fold(world, leaf_bytes=5)
    score = scores(world, session_id)
    assert period(world, "global")["error"] > 0
    assert world.store.get(leaf_path("global", "all", 1)) is not None

    for uid in PLAYERS:
        view = account(world, host, uid).get("/boards/global/standings?period=all").json or {}
        assert view["own"]["rank"] == 1 + sum(other > score[uid] for other in score.values()), uid


@pytest.mark.parametrize(
    ("board", "period", "code"),
    [
        ("class-class7b", "week", "unknown_board"),
        ("class-none", "week", "unknown_board"),
        ("nothing", "week", "unknown_board"),
        ("global", "week-2026-W54", "invalid"),
        ("global", "fortnight", "invalid"),
    ],
)
def test_a_board_that_is_not_there_or_not_for_the_caller_is_refused(
    world: World, host: Person, board: str, period: str, code: str
) -> None:
    put_class(world, "class7b")
    put_person(world, "ann")
    ann = account(world, host, "ann")

    refused = ann.get(f"/boards/{board}/standings?period={period}")

    assert (refused.json or {})["code"] == code
    assert ann.get("/boards/global/standings").status_code == 200
    put_member(world, "class7b", "ann")
    assert ann.get("/boards/class-class7b/standings").status_code == 200


async def test_a_game_that_is_handed_on_again_writes_nothing(world: World) -> None:
    put_person(world, "ann")
    session_id, _ = await play_game(world)
    await fold(world)
    person, board = documents.person_path("ann"), period_path("global", "all")
    before = {path: each.version for path, each in world.store.get_many([person, board]).items()}
    assert len(before) == 2
    head = world.store.get(documents.session_path(session_id))
    assert head is not None
    world.store.commit([Put(head.path, head.data | {"handed_seq": 0, "due_at": world.clock.ms})])

    again = Process(world, session_id)
    await again.look(0)

    assert world.session(session_id)["handed_seq"] == world.session(session_id)["result"]["seq"]
    assert world.store.list(MOVES) == []
    assert {path: each.version for path, each in world.store.get_many([person, board]).items()} == before


async def test_of_any_range_a_person_has_the_own_sum_and_a_class_its_board(world: World, host: Person) -> None:
    class_id = put_class(world, "class7b")
    for uid in ("ann", "ben"):
        put_person(world, uid)
        put_member(world, class_id, uid)
    session_id, _ = await play_game(world, class_id=class_id)
    await fold(world)
    score = scores(world, session_id)
    ann = account(world, host, "ann")

    def asked(board: str, dates: str) -> dict[str, Any]:
        told = ann.get(f"/boards/{board}/range?{dates}")
        assert told.status_code == 200, told.json
        return dict(told.json or {})

    in_class = asked(f"class-{class_id}", "from=2023-11-01&to=2023-11-14")
    assert [(row["who"], row["points"]) for row in in_class["top"]] == [("ben", score["ben"]), ("ann", score["ann"])]
    assert (in_class["people"], in_class["own"]["rank"], in_class["own"]["points"]) == (2, 2, score["ann"])
    assert asked(f"class-{class_id}", "from=2023-11-01&to=2023-11-14") == in_class, "as it was kept"
    of_everybody = asked("global", "from=2023-11-01&to=2023-11-14")
    assert (of_everybody["own"]["points"], of_everybody["own"]["rank"], of_everybody["top"]) == (score["ann"], 0, [])
    assert asked("global", "from=2023-11-15&to=2023-11-20")["own"] is None
    assert (ann.get("/boards/global/range?from=2023-11-15&to=2023-11-14").json or {})["code"] == "invalid"


async def test_a_kept_range_is_folded_again_when_the_board_has_changed(world: World, host: Person) -> None:
    class_id = put_class(world, "class7b")
    for uid in ("ann", "ben"):
        put_person(world, uid)
        put_member(world, class_id, uid)
    session_id, process = await play_game(world, class_id=class_id)
    await fold(world)
    ann, path = account(world, host, "ann"), f"/boards/class-{class_id}/range?from=2023-11-01&to=2023-11-14"
    assert (ann.get(path).json or {})["people"] == 2
    assert "ben" in str(world.store.list(ranges_path(f"class-{class_id}")))

    await take(world, process, removal(world, session_id, "ben", 1))
    world.clock.ms += 500
    await process.look(0)
    await fold(world)

    assert world.store.list(ranges_path(f"class-{class_id}")) == [], "no kept range names a person who has left"
    assert (ann.get(path).json or {})["people"] == 1
