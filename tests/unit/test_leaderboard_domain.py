"""Calendar, tallies, tables and tops against an oracle that shares no code with them."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizcore.domain.leaderboard.calendar import date_of, dates_of, is_period, month_of, periods_of, utc_moments_of
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.fold import independent
from quizcore.domain.leaderboard.moves import Move, Standing, Step, pack, unpack
from quizcore.domain.leaderboard.person import Display, Person, Rules, counting, leaving, tidied
from quizcore.domain.leaderboard.table import TornRead, histogram_from, rank_from, score_table, with_steps
from quizcore.domain.leaderboard.tally import PointsRule, tally_of, total_of
from quizcore.domain.leaderboard.top import Candidates, with_moves
from tests.support import people_oracle as oracle

DAY_MS = 86_400_000
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "Europe/Berlin")
moments = st.integers(int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1_000), 1_900_000_000_000)


def move(who: str, n: int, before: int | None, after: int | None, period: str = "all") -> Move:
    standing = [None if points is None else Standing(points, 7) for points in (before, after)]
    return Move(who, n, Display(who, "fox"), (Step(period, *standing),))


@given(moments, st.sampled_from(ZONES))
def test_a_result_belongs_to_the_day_iso_week_and_month_of_its_zone(at: int, zone: str) -> None:
    day = date_of(at, zone)

    assert list(periods_of(day)) == oracle.periods(oracle.local_date(at, zone))


@pytest.mark.parametrize(
    ("moment", "zone", "day", "week"),
    [
        (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), "UTC", "day-2027-01-03", "week-2026-W53"),
        (datetime(2027, 1, 3, 17, 0, tzinfo=UTC), "Asia/Ho_Chi_Minh", "day-2027-01-04", "week-2027-W01"),
        (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), "Europe/Berlin", "day-2026-03-30", "week-2026-W14"),
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "Europe/Berlin", "day-2026-10-25", "week-2026-W43"),
    ],
)
def test_days_of_23_and_25_hours_and_weeks_of_another_year_are_right(
    moment: datetime, zone: str, day: str, week: str
) -> None:
    periods = periods_of(date_of(int(moment.timestamp() * 1_000), zone))

    assert (periods.day, periods.week) == (day, week)


@given(moments)
def test_the_dates_of_a_period_are_those_that_belong_to_it(at: int) -> None:
    periods = periods_of(date_of(at))
    for period in periods[:3]:
        first, last = dates_of(period)
        assert period in periods_of(first)
        assert period in periods_of(last)
        assert period not in periods_of(first.fromordinal(first.toordinal() - 1))
        assert period not in periods_of(last.fromordinal(last.toordinal() + 1))
        start, end = utc_moments_of(first, last)
        assert start <= at < end
        assert (date_of(start), date_of(end - 1)) == (first, last)


@pytest.mark.parametrize("name", ["day-2026-02-30", "week-2026-W54", "week-2025-W53", "month-2026-13", "year-2026", ""])
def test_a_name_that_is_not_a_period_is_recognised(name: str) -> None:
    assert not is_period(name)
    assert is_period("week-2026-W53")
    assert is_period("all")


results = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.integers(1, 9)), max_size=6)


@given(results, results)
def test_tallies_can_be_added_up_in_parts(one: list[tuple[str, int, int]], other: list[tuple[str, int, int]]) -> None:
    def entries(of: list[tuple[str, int, int]], part: str) -> list[Contribution]:
        return [Contribution(f"{part}{n}", 1, at, quiz, "", points, 1, 1) for n, (quiz, points, at) in enumerate(of)]

    whole = tally_of([*entries(one, "x"), *entries(other, "y")])

    assert tally_of(entries(other, "y"), tally_of(entries(one, "x"))) == whole
    games = [oracle.Game("", at, quiz, points) for quiz, points, at in [*one, *other]]
    for rule, board in ((PointsRule.BEST_PER_QUIZ, "global"), (PointsRule.SUM, "class-c")):
        total = total_of(whole, rule)
        assert (total and (total.points, total.reached_at)) == (oracle.total(board, games) if games else None)


def test_a_quiz_that_is_played_again_and_again_adds_nothing_but_what_it_improves() -> None:
    def farmed(scores: list[int]) -> Person:
        person = Person("ann", Display("Ann", "fox"))
        for number, points in enumerate(scores):
            person = counting(person, Contribution(f"s{number}", 1, DAY_MS + number, "easy", "Easy", points, 1, 1))
        return person

    once, often = farmed([900]), farmed([900] * 50)

    for board in ("global", "quiz-easy"):
        mine, other = once.total(board, "all", Rules()), often.total(board, "all", Rules())
        assert mine is not None
        assert other is not None
        assert (mine.points, mine.reached_at) == (other.points, other.reached_at) == (900, DAY_MS)
    better = farmed([900, 900, 950]).total("global", "all", Rules())
    assert better
    assert better.points == 950


def test_contributions_in_the_history_count_as_before() -> None:
    now = 400 * DAY_MS
    person = Person("ann", Display("Ann", "fox"))
    for number in range(80):
        at = now - number * DAY_MS
        day = date_of(at)
        person = counting(person, Contribution(f"s{number}", 1, at, f"q{number % 3}", "", number, 1, 1, "c", day))

    kept = tidied(person, now)

    assert max(now - entry.at for entry in kept.counted.values()) == 40 * DAY_MS
    assert sum(map(len, kept.history.values())) == 39
    for board, period in person.places():
        assert kept.total(board, period, Rules()) == person.total(board, period, Rules()), (board, period)
    without_history = Person("ann", person.display, 0, kept.counted, {}, kept.past)
    for board in ("global", "quiz-q1", "class-c"):
        assert without_history.total(board, "all", Rules()) == person.total(board, "all", Rules())


def test_a_member_who_leaves_is_on_no_board_of_the_class() -> None:
    at = 400 * DAY_MS
    one = Contribution("s1", 1, at, "q", "", 10, 1, 1, "c", date_of(at))
    person = counting(Person("ann", Display("Ann", "fox")), one)

    gone = leaving(person, "c")

    assert person.total("class-c", "all", Rules())
    assert gone.total("class-c", "all", Rules()) is None
    assert gone.total("global", "all", Rules()) == person.total("global", "all", Rules())


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 500), max_size=60), st.integers(12, 200))
def test_every_rank_is_exact_however_the_table_is_cut(histogram: dict[int, int], most_bytes: int) -> None:
    table = score_table(histogram, most_bytes)

    tables = [leaf.data for leaf in table.leaves] or [table.root.data]
    assert histogram_from(tables) == histogram
    assert all(len(data) <= most_bytes for data in [*tables, table.root.data])
    for points in {0, *histogram, *(points + 1 for points in histogram)}:
        assert rank_from(table, points) == 1 + sum(n for other, n in histogram.items() if other > points)


def test_a_table_that_lacks_a_leaving_person_is_a_torn_read() -> None:
    assert with_steps({5: 1}, [Step("all", Standing(5, 1), Standing(8, 1))]) == {8: 1}
    with pytest.raises(TornRead):
        with_steps({5: 1}, [Step("all", Standing(6, 1), None)])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 4)), max_size=40), st.integers(1, 4))
def test_the_rows_are_the_best_after_any_moves(told: list[tuple[str, int | None]], most: int) -> None:
    candidates, points, changes = Candidates(), dict[str, int](), Counter[str]()
    for who, after in told:
        before = points.pop(who, None)
        if after is not None:
            points[who] = after
        changes[who] += 1
        one = move(who, changes[who], before, after)
        candidates = with_moves(candidates, [(one, one.steps[0])], len(points), most)
        best = sorted(points.items(), key=lambda row: (-row[1], row[0]))
        shown = [(row.who, row.standing.points) for row in candidates.rows]
        assert shown == best[: len(shown)]
        assert len(shown) == min(most, len(best)) or candidates.floor is not None


def test_moves_of_periods_that_meet_are_folded_together() -> None:
    groups = [[move("a", 1, 1, 2, period)] for period in ("x", "y", "z")]

    assert independent([*groups, [*groups[0], *groups[2]]]) == [[1], [0, 2, 3]]
    assert independent(groups) == [[0], [1], [2]]


def test_packed_moves_are_the_moves() -> None:
    moves = [move("ann", 3, None, 12), move("bén", 1, 5, None)]

    assert list(unpack(pack(moves))) == moves


def test_a_month_is_that_of_utc() -> None:
    assert month_of(int(datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp() * 1_000)) == "2026-11"
    assert date_of(0) == date(1970, 1, 1)


def test_the_floor_does_not_name_who_has_left() -> None:
    candidates = Candidates()
    for people, (who, points) in enumerate((("ann", 3), ("ben", 2), ("cho", 1)), start=1):
        one = move(who, 1, None, points)
        candidates = with_moves(candidates, [(one, one.steps[0])], people, most=2)
    assert candidates.floor is not None
    assert candidates.floor[2] == "cho"

    one = move("cho", 2, 1, None)
    candidates = with_moves(candidates, [(one, one.steps[0])], 2, most=1)
    assert [row.who for row in candidates.rows] == ["ann"]
    one = move("ben", 2, 2, None)
    candidates = with_moves(candidates, [(one, one.steps[0])], 2, most=1)

    assert "ben" not in str(candidates)
    assert "cho" not in str(candidates)
