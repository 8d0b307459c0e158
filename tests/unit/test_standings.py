"""Standings against the plain definition: a sorted list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore.domain import standings as module
from quizcore.domain.standings import Standing, Standings

PLAYERS = [f"p{n:02}" for n in range(40)]
moves = st.lists(st.tuples(st.sampled_from(PLAYERS), st.integers(0, 12) | st.none(), st.integers(0, 3)), max_size=200)


def listed(model: dict[str, tuple[int, int]]) -> list[Standing]:
    ordered = sorted((-score, elapsed, f"n{p}", p) for p, (score, elapsed) in model.items())
    return [Standing(1 + sum(-other[0] > -key[0] for other in ordered), key[3], key[2], -key[0]) for key in ordered]


@settings(max_examples=150)
@given(moves, st.integers(1, 6), st.integers(0, 45), st.integers(0, 45))
def test_the_standings_equal_a_sorted_list(
    done: list[tuple[str, int | None, int]], block: int, start: int, size: int
) -> None:
    before, module.BLOCK_MAX = module.BLOCK_MAX, block
    try:
        standings, model = Standings(), dict[str, tuple[int, int]]()
        for player, score, elapsed in done:
            if score is None:
                standings.remove(player)
                model.pop(player, None)
            else:
                standings.upsert(player, f"n{player}", score, elapsed)
                model[player] = (score, elapsed)
        expected = listed(model)

        assert len(standings) == len(expected)
        assert standings.top(5) == expected[:5]
        assert standings.page(start, size) == expected[start : start + size]
        assert {p: standings.rank(p) for p in model} == {s.player_id: s.rank for s in expected}
        assert [standings.count_above(s) for s in range(14)] == [sum(e.score > s for e in expected) for s in range(14)]
    finally:
        module.BLOCK_MAX = before


def test_equal_scores_share_a_rank_and_the_next_one_counts_them() -> None:
    standings = Standings()
    for player, score, elapsed in (("a", 10, 5), ("b", 10, 3), ("c", 9, 1)):
        standings.upsert(player, player.upper(), score, elapsed)

    assert [(s.rank, s.player_id) for s in standings.top(3)] == [(1, "b"), (1, "a"), (3, "c")]


def test_many_players_stay_in_order_across_block_splits() -> None:
    standings = Standings()
    for n in range(5_000):
        standings.upsert(f"p{n:04}", "n", (n * 7_919) % 1_000, 0)

    scores = [s.score for s in standings.page(0, 5_000)]

    assert scores == sorted(scores, reverse=True)
    assert standings.page(4_998, 10)[-1].score == 0


def test_a_player_who_moves_or_leaves_is_listed_once_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_MAX", 2)
    standings = Standings()
    for number, player in enumerate("abcdefg"):
        standings.upsert(player, player.upper(), 10 * number, number)
    assert [s.player_id for s in standings.top(9)] == list("gfedcba")

    standings.upsert("a", "A", 65, 0)
    standings.upsert("g", "G", 60, 6)  # as it was
    standings.remove("d")
    standings.remove("nobody")

    assert [tuple(s) for s in standings.top(9)] == [
        (1, "a", "A", 65),
        (2, "g", "G", 60),
        (3, "f", "F", 50),
        (4, "e", "E", 40),
        (5, "c", "C", 20),
        (6, "b", "B", 10),
    ]
    assert (len(standings), "d" in standings, "a" in standings) == (6, False, True)
    assert [standings.rank(player) for player in "agfecb"] == [1, 2, 3, 4, 5, 6]
    assert [standings.score("a"), standings.right_elapsed_ms("g")] == [65, 6]
    assert [standings.count_above(score) for score in (70, 65, 60, 10, 9)] == [0, 0, 1, 5, 6]
    assert [standings.rank_of_score(score) for score in (70, 60, 0)] == [1, 2, 7]
    assert list(standings.histogram()) == [(65, 1), (60, 1), (50, 1), (40, 1), (20, 1), (10, 1)]
    for player in "agfecb":
        standings.remove(player)
    assert (len(standings), standings.top(3), list(standings.histogram()), standings.count_above(0)) == (0, [], [], 0)
    with pytest.raises(KeyError):
        standings.rank("a")


@pytest.mark.parametrize(
    ("start", "size", "places"),
    [
        (0, 0, ""),
        (0, 2, "ab"),
        (1, 1, "b"),
        (2, 3, "cde"),
        (3, 9, "de"),
        (5, 3, ""),
        (9, 1, ""),
        (-3, 2, "ab"),
        (1, -1, ""),
    ],
)
def test_a_page_begins_anywhere_and_knows_its_ranks(
    start: int, size: int, places: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_MAX", 2)
    standings = Standings()
    for player, score in zip("abcde", (9, 9, 7, 7, 1), strict=True):
        standings.upsert(player, player, score, 0)
    ranks = dict(zip("abcde", (1, 1, 3, 3, 5), strict=True))

    assert [(s.player_id, s.rank) for s in standings.page(start, size)] == [(p, ranks[p]) for p in places]
    assert list(standings.histogram()) == [(9, 2), (7, 2), (1, 1)]


def test_equal_scores_are_ordered_by_time_then_nickname_then_id() -> None:
    standings = Standings()
    for player, nickname, elapsed in (("d", "a", 2), ("c", "b", 1), ("b", "a", 1), ("a", "b", 1)):
        standings.upsert(player, nickname, 5, elapsed)

    assert [s.player_id for s in standings.top(4)] == ["b", "a", "c", "d"]
    standings.upsert("d", "a", 5, 0)
    assert [s.player_id for s in standings.top(4)] == ["d", "b", "a", "c"]
    standings.upsert("b", "z", 5, 1)
    assert [(s.player_id, s.nickname) for s in standings.top(4)][-1] == ("b", "z")


def test_a_block_is_split_in_two_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each operation moves a bounded number of keys, however many players there are."""
    monkeypatch.setattr(module, "BLOCK_MAX", 4)
    standings = Standings()
    for number in range(5):
        standings.upsert(f"p{number}", "n", number, 0)

    assert [len(block) for block in standings._blocks] == standings._sizes == [2, 3]
    assert standings._lasts == [block[-1] for block in standings._blocks]
    for number in range(5, 40):
        standings.upsert(f"p{number}", "n", number * 7 % 40, 0)
    assert [len(block) for block in standings._blocks] == standings._sizes
    assert max(standings._sizes) <= 4
    assert standings._lasts == [block[-1] for block in standings._blocks]


def test_blocks_know_their_sizes_and_a_page_has_at_most_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_MAX", 4)
    standings = Standings()
    standings.upsert("a", "a", 9, 0)
    assert standings._sizes == [1]
    for player, score in zip("bcde", (8, 7, 6, 5), strict=True):
        standings.upsert(player, player, score, 0)

    assert standings._sizes == [2, 3]
    assert [s.player_id for s in standings.page(0, 3)] == ["a", "b", "c"]
    assert sorted(standings) == list("abcde")
    standings.remove("d")
    assert (standings._sizes, sorted(standings)) == ([2, 2], list("abce"))
