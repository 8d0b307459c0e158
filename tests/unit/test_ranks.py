"""The rank that a client reads from the table is the rank that the standings give."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizcore.domain.ranks import RankTable, histogram_of, rank_in, rank_table
from quizcore.domain.standings import Standings

GOLDEN = Path(__file__).parents[1] / "golden" / "ranks" / "table.json"
scores = st.lists(st.integers(0, 300) | st.integers(0, 10**9), max_size=200)


def standings_of(found: list[int]) -> Standings:
    standings = Standings()
    for number, score in enumerate(found):
        standings.upsert(f"p{number}", f"n{number}", score, 0)
    return standings


@given(scores)
def test_the_table_gives_every_player_s_exact_rank(found: list[int]) -> None:
    standings = standings_of(found)
    table = rank_table(standings.histogram())

    assert table.error == 0
    for number, score in enumerate(found):
        assert rank_in(table.data, score) == standings.rank(f"p{number}")


@given(scores, st.integers(8, 60))
def test_a_grouped_table_is_wrong_by_at_most_its_error(found: list[int], most: int) -> None:
    standings = standings_of(found)
    table = rank_table(standings.histogram(), most_bytes=most)

    assert len(table.data) <= most
    off = [standings.rank(f"p{n}") - rank_in(table.data, score) for n, score in enumerate(found)]
    assert all(0 <= each <= table.error for each in off)
    assert max(off, default=0) == table.error, "the bound is the largest error, not a guess"


def test_a_hundred_thousand_players_fit_into_64_kib() -> None:
    spread = standings_of([(n * 7_919) % 20_000 for n in range(100_000)])
    table = rank_table(spread.histogram())

    assert (table.error, len(table.data) <= 64 * 1024) == (0, True)


def test_truncated_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="middle"):
        rank_in(b"\x80", 0)


def test_the_golden_table_is_the_one_that_the_screens_read() -> None:
    golden = json.loads(GOLDEN.read_text())
    table = rank_table([(score, count) for score, count in golden["histogram"]])

    assert table.data.hex() == golden["hex"]
    assert {score: rank_in(table.data, int(score)) for score in golden["ranks"]} == golden["ranks"]


def test_the_bytes_are_steps_and_counts_in_leb128() -> None:
    assert rank_table([(300, 2), (127, 1), (0, 200)]) == RankTable(bytes([0xAC, 2, 2, 0xAD, 1, 1, 127, 0xC8, 1]))
    assert rank_table([(128, 127)]) == RankTable(bytes([0x80, 1, 127]))
    assert rank_table([]) == RankTable(b"", 0)
    assert list(histogram_of(bytes([0xAC, 2, 2, 0xAD, 1, 1, 127, 0xC8, 1]))) == [(300, 2), (127, 1), (0, 200)]


def test_a_rank_is_one_plus_the_players_with_a_higher_score() -> None:
    data = rank_table([(300, 2), (127, 1), (0, 200)]).data

    assert [rank_in(data, score) for score in (301, 300, 299, 127, 126, 0)] == [1, 1, 3, 3, 4, 4]
    assert rank_in(rank_table([(5, 3)]).data, 4) == 4, "lower than all"


@pytest.mark.parametrize("data", [bytes([5]), bytes([5, 1, 2]), bytes([5, 0x80]), bytes([0x80, 0x80])])
def test_invalid_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"the table ends in the middle of a number$|zip\(\)"):
        list(histogram_of(data))


@pytest.mark.parametrize(
    ("most", "table"),
    [
        (8, RankTable(bytes([9, 1, 1, 2, 1, 3, 1, 4]), 0)),
        (7, RankTable(bytes([8, 3, 2, 7]), 3)),
        (4, RankTable(bytes([8, 3, 2, 7]), 3)),
        (3, RankTable(bytes([6, 10]), 6)),
    ],
)
def test_a_table_that_is_too_large_groups_neighbours_under_the_lowest(most: int, table: RankTable) -> None:
    assert rank_table([(9, 1), (8, 2), (7, 3), (6, 4)], most_bytes=most) == table
