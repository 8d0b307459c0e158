"""The rank that a client reads from the table is the rank that the standings give."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizcore.domain.ranks import rank_in, rank_table
from quizcore.domain.standings import Standings

GOLDEN = Path(__file__).parents[1] / "golden" / "ranks" / "table.json"
scores = st.lists(st.integers(0, 300) | st.integers(0, 10**9), max_size=200)


def standings_of(found: list[int]) -> Standings:
    standings = Standings()
    for number, score in enumerate(found):
        standings.place(f"p{number}", f"n{number}", score, 0)
    return standings


@given(scores)
def test_the_table_gives_every_player_s_exact_rank(found: list[int]) -> None:
    standings = standings_of(found)
    table = rank_table(standings.histogram())

    assert table.error == 0
    for number, score in enumerate(found):
        assert rank_in(table.data, score) == standings.rank(f"p{number}")


@given(scores, st.integers(8, 60))
def test_a_table_that_would_be_too_large_is_off_by_no_more_than_it_says(found: list[int], most: int) -> None:
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


def test_bytes_that_end_in_the_middle_are_refused() -> None:
    with pytest.raises(ValueError, match="middle"):
        rank_in(b"\x80", 0)


def test_the_golden_table_is_what_the_screens_read() -> None:
    golden = json.loads(GOLDEN.read_text())
    table = rank_table([(score, count) for score, count in golden["histogram"]])

    assert table.data.hex() == golden["hex"]
    assert {score: rank_in(table.data, int(score)) for score in golden["ranks"]} == golden["ranks"]
