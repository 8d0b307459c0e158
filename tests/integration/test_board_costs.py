"""The cost of leaderboards by the worker's own ledger, on the emulator: as `wordrush cost` computes it."""

import asyncio

import pytest

from admin_cli.board_costs import Spent, count_spent, fold_spent
from devstack.stack import Stack
from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.firestore import FirestoreStore
from quizcore.documents.leaderboard import MOVES
from quizcore.ports import Delete
from quizcore.telemetry import Telemetry
from tests.support.final_game import FinalGame

PLAYERS = 30


@pytest.fixture(name="telemetry")
def _telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture(name="game")
def _game(stack: Stack, telemetry: Telemetry) -> FinalGame:
    """A fold takes all moves of a board, so those that other tests have left go first."""
    store = FirestoreStore(FirestoreClient(project=stack.project), telemetry)
    while found := store.list(MOVES, limit=300):
        store.commit([Delete(each.path) for each in found])
    return FinalGame(store, telemetry, "cost", PLAYERS)


def test_the_ledger_of_counts_and_folds_is_that_of_the_formula(game: FinalGame, telemetry: Telemetry) -> None:
    asyncio.run(game.count())
    asyncio.run(game.fold())

    ledger = telemetry.ledger.sums()
    for operation, spent in (("count", count_spent), ("fold", fold_spent)):
        units = ledger[operation]
        found = Spent(units["reads"], units["writes"], units.get("deletes", 0))
        assert found == spent(PLAYERS, of_class=True, public=True).documents_only(), operation
