"""The bill of a game: what grows with the players and what does not."""

import json
from pathlib import Path

import pytest

from admin_cli.costs import Game, bill, spent, tables, told
from quizcore.shards import PLAYERS_A_SHARD

ROOT = Path(__file__).parents[2]
MEASURED, PRICES = tables()


def test_the_boards_of_one_shard_do_not_grow_with_its_players() -> None:
    few, many = (spent(Game(players, 20), MEASURED).board_writes for players in (600, PLAYERS_A_SHARD))

    assert few == many


def test_writes_and_messages_grow_as_the_answers_do() -> None:
    thousand, hundred_thousand = (spent(Game(players, 20), MEASURED) for players in (1_000, 100_000))

    assert hundred_thousand.messages / thousand.messages == pytest.approx(100, rel=0.05)
    assert hundred_thousand.writes / thousand.writes == pytest.approx(100, rel=0.25)


def test_the_formula_counts_what_the_load_measured() -> None:
    run = json.loads((ROOT / MEASURED["from"]).read_text())
    game = Game(run["plan"]["players"], 1, within_s=run["plan"]["within_s"])
    what = spent(game, MEASURED)
    # The load counts from the question on; joins, the lobby and the pages come before and after it.
    lobby = 3 * game.players + 2 * spent(Game(game.players, 0), MEASURED).board_writes + game.players // 100
    written = run["per_answer"]["writes"] * run["accepted"]

    assert what.writes - lobby == pytest.approx(written, rel=0.05)
    assert MEASURED["board_bytes"] == pytest.approx(run["board_bytes"], rel=0.01)
    assert MEASURED["writes_per_answer"] == run["per_answer"]["writes"]


def test_the_total_is_the_sum_and_everything_costs_something() -> None:
    parts = bill(spent(Game(1_000, 20), MEASURED), PRICES)
    total = parts.pop("total")

    assert total == pytest.approx(sum(parts.values()))
    assert all(amount > 0 for amount in parts.values())


def test_the_table_of_figures_is_what_the_command_says() -> None:
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")

    for players in (30, 1_000, 100_000):
        found = told(Game(players, 20))
        cost, spent = found["bill"]["total"], found["spent"]
        assert f"| {players:,} | {cost:.2f} USD | {spent['reads']:,} / {spent['writes']:,} |" in figures


def test_the_readme_says_what_a_game_of_a_thousand_costs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert f"{told(Game(1_000, 20))['bill']['total']:.2f} USD" in readme
