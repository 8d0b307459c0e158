"""The bill of a game: the parts that grow with the players, and those that do not."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from admin_cli.board_costs import Spent, count_spent, fold_spent
from admin_cli.costs import CostScenario, bill, cost_report, tables, usage_of
from quizcore.ports import Delete, Write
from quizcore.shards import PLAYERS_A_SHARD
from quizcore.telemetry import Telemetry
from tests.support.counting import CountingStore
from tests.support.final_game import FinalGame

ROOT = Path(__file__).parents[2]
MEASURED, PRICES = tables()


def test_the_boards_of_one_shard_do_not_grow_with_its_players() -> None:
    few, many = (usage_of(CostScenario(players, 20), MEASURED).board_writes for players in (600, PLAYERS_A_SHARD))

    assert few == many


def test_writes_and_messages_grow_with_the_answers() -> None:
    thousand, hundred_thousand = (usage_of(CostScenario(players, 20), MEASURED) for players in (1_000, 100_000))

    assert hundred_thousand.messages / thousand.messages == pytest.approx(100, rel=0.05)
    assert hundred_thousand.writes / thousand.writes == pytest.approx(100, rel=0.25)


def test_the_formula_counts_what_the_load_measured() -> None:
    run = json.loads((ROOT / MEASURED["from"]).read_text())
    game = CostScenario(run["plan"]["players"], 1, within_s=run["plan"]["within_s"])
    what = usage_of(game, MEASURED)
    # The load counts from the question on; joins, the lobby and the pages come before and after it.
    lobby = 3 * game.players + 2 * usage_of(CostScenario(game.players, 0), MEASURED).board_writes + game.players // 100
    written = run["per_answer"]["writes"] * run["accepted"]

    assert what.writes - lobby == pytest.approx(written, rel=0.05)
    assert MEASURED["board_bytes"] == pytest.approx(run["board_bytes"], rel=0.01)
    assert MEASURED["writes_per_answer"] == run["per_answer"]["writes"]


def test_the_total_is_the_sum_and_everything_costs_something() -> None:
    parts = bill(usage_of(CostScenario(1_000, 20), MEASURED), PRICES)
    total = parts.pop("total")

    assert total == pytest.approx(sum(parts.values()))
    assert all(amount > 0 for amount in parts.values())


def test_the_table_of_figures_is_what_the_command_says() -> None:
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")

    for players in (30, 1_000, 100_000):
        report = cost_report(CostScenario(players, 20))
        cost, usage = report["bill"]["total"], report["spent"]
        assert f"| {players:,} | {cost:.2f} USD | {usage['reads']:,} / {usage['writes']:,} |" in figures


def test_the_readme_says_what_a_game_of_a_thousand_costs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert f"{cost_report(CostScenario(1_000, 20))['bill']['total']:.2f} USD" in readme


class BilledStore(CountingStore):
    """Counts writes and deletes too."""

    writes = deletes = 0

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        versions = super().commit(writes)
        deletes = sum(isinstance(write, Delete) for write in writes)
        self.deletes += deletes
        self.writes += len(writes) - deletes
        return versions

    def spent(self) -> Spent:
        found = Spent(self.reads, self.writes, self.deletes)
        self.reads = self.writes = self.deletes = 0
        return found


@pytest.mark.parametrize("players", [1, 30, 200])
def test_counts_and_folds_spend_what_the_formula_says(players: int) -> None:
    store = BilledStore()
    game = FinalGame(store, Telemetry(), "g", players)
    store.spent()

    asyncio.run(game.count())
    assert store.spent() == count_spent(players, of_class=True, public=True).documents_only()
    asyncio.run(game.fold())
    assert store.spent() == fold_spent(players, of_class=True, public=True).documents_only()
    asyncio.run(game.count())
    assert store.spent().writes == 0, "a repetition"


def test_the_count_of_a_large_game_spends_what_the_formula_says() -> None:
    store = BilledStore()
    game = FinalGame(store, Telemetry(), "g", 450)
    store.spent()

    asyncio.run(game.count())

    assert store.spent() == count_spent(450, of_class=True, public=True).documents_only()


@pytest.mark.parametrize("players", [30, 100, 1_000, 2_000, 100_000])
def test_leaderboards_add_less_than_half_a_percent(players: int) -> None:
    boards = cost_report(CostScenario(players, 20))["leaderboards"]

    assert 0 < boards["share"] <= 0.005
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    if players in {30, 1_000, 100_000}:
        assert f"{boards['share'] * 100:.2f} %" in figures
