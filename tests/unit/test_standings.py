"""Standings against the plain definition: a sorted list."""

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
def test_every_question_has_the_sorted_list_s_answer(
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
                standings.place(player, f"n{player}", score, elapsed)
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
        standings.place(player, player.upper(), score, elapsed)

    assert [(s.rank, s.player_id) for s in standings.top(3)] == [(1, "b"), (1, "a"), (3, "c")]


def test_many_players_stay_in_order_across_block_splits() -> None:
    standings = Standings()
    for n in range(5_000):
        standings.place(f"p{n:04}", "n", (n * 7_919) % 1_000, 0)

    scores = [s.score for s in standings.page(0, 5_000)]

    assert scores == sorted(scores, reverse=True)
    assert standings.page(4_998, 10)[-1].score == 0
