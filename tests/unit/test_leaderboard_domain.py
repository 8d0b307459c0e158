"""Calendar, tallies, tables and tops against an oracle that shares no code with them."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizcore.domain.leaderboard.calendar import date_of, dates_of, is_period, month_of, periods_of, utc_moments_of
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.fold import PeriodBoard, by_period, folded, independent
from quizcore.domain.leaderboard.moves import Move, Standing, Step, batch, moves_of, pack, unpack
from quizcore.domain.leaderboard.person import Display, Person, Rules, counting, leaving, tidied
from quizcore.domain.leaderboard.table import TornRead, histogram_from, rank_from, score_table, table_of, with_changes
from quizcore.domain.leaderboard.tally import PointsRule, tally_of, total_of
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


def test_a_person_who_plays_every_day_gets_a_history_once_in_eight_days() -> None:
    person, written = Person("ann", Display("Ann", "fox")), list[int]()
    for day in range(100):
        at = (1_000 + day) * DAY_MS
        person = counting(person, Contribution(f"s{day}", 1, at, "q", "", day, 1, 1))
        after = tidied(person, at)
        written += [day] if after is not person else []
        person = after

    assert written == [48, 56, 64, 72, 80, 88, 96]
    assert sum(map(len, person.history.values())) + len(person.counted) == 100
    assert 40 <= len(person.counted) <= 48


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


@given(
    st.lists(st.dictionaries(st.integers(0, 300), st.integers(-3, 60), max_size=30), max_size=12), st.integers(12, 80)
)
def test_a_table_changes_by_parts_as_a_whole_one_would(told: list[dict[int, int]], most_bytes: int) -> None:
    parts: tuple[bytes, ...] = ()
    histogram = Counter[int]()
    for wanted in told:
        changes = {points: max(change, -histogram[points]) for points, change in wanted.items()}
        parts = with_changes(parts, changes, most_bytes)
        histogram.update(changes)
        present = +histogram
        assert histogram_from(parts) == present
        assert all(len(data) <= most_bytes for data in parts)
        table = table_of(parts, most_bytes)
        assert len(table.root.data) <= most_bytes
        assert bool(table.leaves) == bool(table.root.error)
        for points in {0, 301, *present}:
            assert rank_from(table, points) == 1 + sum(n for other, n in present.items() if other > points)


def test_a_part_without_a_change_keeps_its_bytes() -> None:
    parts = with_changes((), dict.fromkeys(range(0, 4_000, 10), 1), 100)
    after = with_changes(parts, {2_005: 1}, 100)

    assert len(parts) > 6
    assert len(after) == len(parts)
    assert sum(one != other for one, other in zip(parts, after, strict=True)) == 1


def test_a_table_that_lacks_a_leaving_person_is_a_torn_read() -> None:
    one = with_changes((), {5: 1})

    assert histogram_from(with_changes(one, {5: -1, 8: 1})) == {8: 1}
    with pytest.raises(TornRead):
        with_changes(one, {6: -1})
    with pytest.raises(TornRead):
        with_changes((), {6: -1})


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 4)), max_size=8), max_size=12),
    st.integers(1, 4),
)
def test_the_rows_are_the_best_after_any_moves(told: list[list[tuple[str, int | None]]], most: int) -> None:
    """A fold takes several commits at once, in any order."""
    board, points, changes = PeriodBoard(), dict[str, int](), Counter[str]()
    for of_fold in told:
        batches = []
        for who, after in of_fold:
            before = points.pop(who, None)
            if after is not None:
                points[who] = after
            changes[who] += 1
            batches.append(unpack(pack(batch([move(who, changes[who], before, after)]))))
        for moved in by_period(reversed(batches)).values():
            board = folded(board, moved, most)
        best = sorted(points.items(), key=lambda row: (-row[1], row[0]))
        shown = [(row.who, row.standing.points) for row in board.candidates.rows]
        assert shown == best[: len(shown)]
        assert len(shown) == min(most, len(best)) or board.candidates.floor is not None
        assert board.histogram == Counter(points.values())
        assert board.people == len(points)


def test_moves_of_periods_that_meet_are_folded_together() -> None:
    moves = [move("a", 1, 1, 2, period) for period in ("x", "y", "z")]
    groups = [batch([one]) for one in moves]

    assert independent([*groups, batch([moves[0], moves[2]])]) == [[1], [0, 2, 3]]
    assert independent(groups) == [[0], [1], [2]]


def test_packed_moves_are_the_moves() -> None:
    moves = [move("ann", 3, None, 12), move("bén", 1, 5, None, "x")]

    assert list(moves_of(unpack(pack(batch(moves))))) == moves


def test_a_month_is_that_of_utc() -> None:
    assert month_of(int(datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp() * 1_000)) == "2026-11"
    assert date_of(0) == date(1970, 1, 1)


def test_the_floor_does_not_name_who_has_left() -> None:
    board = PeriodBoard()
    for who, points in (("ann", 4), ("ben", 3), ("cho", 2), ("dan", 1)):
        board = folded(board, by_period([batch([move(who, 1, None, points)])])["all"], most=2)
    assert board.candidates.floor is not None
    assert board.candidates.floor[2] == "cho"

    board = folded(board, by_period([batch([move("cho", 2, 2, None)])])["all"], most=1)
    assert [row.who for row in board.candidates.rows] == ["ann"]
    board = folded(board, by_period([batch([move("ben", 2, 3, None)])])["all"], most=1)

    assert board.candidates.floor is not None
    assert "ben" not in str(board)
    assert "cho" not in str(board)
