"""The leaderboard of quizzes: what is trending, exact, each session once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quizcore import documents
from quizcore.documents.plays import plays_path
from quizcore.domain.leaderboard.calendar import ALL, dates_of, periods_of
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.plays import Plays, played, tidied
from quizcore.ports import Put, Update
from tests.support.handing_on import PLAYERS, removal, take
from tests.support.leaderboards import fold, period, play_game, put_person, rows
from tests.support.people import account
from tests.support.stepping import Process
from tests.support.world import QUIZ_ID, Person, World

PERIODS = ["day-2023-11-14", "week-2023-W46", "month-2023-11", "all"]
TODAY = date(2026, 11, 25)


def public(world: World) -> None:
    world.store.commit([Update(documents.quiz_path(QUIZ_ID), {"visibility": "public"})])


async def test_a_public_quiz_has_a_point_for_each_player_of_its_final_sessions(world: World, host: Person) -> None:
    public(world)

    await play_game(world)
    await play_game(world, shards=3)
    await fold(world)

    for name in PERIODS:
        assert rows(world, "quizzes", name) == [(1, QUIZ_ID, 2 * len(PLAYERS))]
    assert period(world, "quizzes")["top"][0]["nickname"] == "Words"
    put_person(world, "ann")
    told = account(world, host, "ann").get("/boards/quizzes/standings?period=day").json or {}
    assert (told["top"][0]["points"], told["own"]) == (2 * len(PLAYERS), None)


async def test_a_private_quiz_is_on_no_board_of_quizzes(world: World) -> None:
    await play_game(world)

    assert world.store.get(plays_path(QUIZ_ID)) is None


async def test_a_correction_counts_the_session_again_and_a_repetition_writes_nothing(world: World) -> None:
    public(world)
    session_id, process = await play_game(world)
    await fold(world)

    await take(world, process, removal(world, session_id, "ann", 1))
    world.clock.ms += 500
    await process.look(0)
    await fold(world)
    assert rows(world, "quizzes", PERIODS[0]) == [(1, QUIZ_ID, len(PLAYERS) - 1)]

    before = world.store.get(plays_path(QUIZ_ID))
    head = world.store.get(documents.session_path(session_id))
    assert head is not None
    world.store.commit([Put(head.path, head.data | {"handed_seq": 0, "due_at": world.clock.ms})])
    await Process(world, session_id).look(0)
    assert world.session(session_id)["handed_seq"] > 0
    assert world.store.get(plays_path(QUIZ_ID)) == before


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 40)), min_size=1, max_size=30))
def test_plays_of_a_period_are_the_players_of_its_days(games: list[tuple[int, int]]) -> None:
    display, plays = Display("Words", "", listed=True), Plays("q", Display("Words", "", listed=True))
    start, totals = TODAY - timedelta(days=60), dict[str, int]()
    told = sorted((start + timedelta(days=9 * ago), players) for ago, players in games)
    for number, (day, players) in enumerate(told):
        plays, move = played(plays, day, players, number, display)
        plays = tidied(plays, day)
        for step in move.steps:
            assert (step.before.points if step.before else 0) == totals.get(step.period, 0)
            totals[step.period] = step.after.points if step.after else 0
    for name, points in totals.items():
        inside = periods_of(TODAY)[3] == name or dates_of(name)
        days = [n for day, n in told if inside is True or dates_of(name)[0] <= day <= dates_of(name)[1]]
        assert points == sum(days)
    assert totals[ALL] == sum(players for _, players in told)
