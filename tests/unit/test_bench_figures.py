"""The measurements of the load and the flags of the bench, on invented runs with known results."""

from collections.abc import Sequence
from typing import Any

import pytest

from bench import figures, instead, simulate
from bench.load.measure import Heard, measure
from quizcore.adapters.memory import MemoryStore
from quizcore.ports import Create, Delete, Replace, Update, Write
from quizcore.settings import WorkerSettings

SENT = [
    {"status": 202, "due_at": 1_000 * n, "done_at": 1_000 * n + 30, "received_at": 1_000 * n + 10, "tries": 1}
    for n in range(1, 4)
]
# Two listeners get three boards: of one answer, of two, of three. The first board comes with the subscription.
WRITTEN = [(0, 0), (1_200, 1), (2_300, 2), (3_400, 3)]
HEARD: Heard = [
    [(at + 5.0, float(at), answered, 100) for at, answered in WRITTEN],
    [(at + 50.0, float(at), answered, 100) for at, answered in WRITTEN],
]


def test_latencies_count_from_the_planned_sending_to_the_last_listener() -> None:
    refused = {"status": 409, "due_at": 4_000, "done_at": 4_001, "received_at": None, "tries": 2}
    spent = {"commit": {"writes": 6}, "load": {"reads": 3, "writes": 0}}

    found = measure([*SENT, refused], HEARD, spent, {}, lost=0, doubled=0, verify="")

    assert (found.asked, found.accepted, found.retried, found.boards) == (4, 3, 1, 4)
    assert found.latencies["POST"]["max"] == 30
    assert found.values["receipt → counted"] == [190, 290, 390]
    assert found.values["receipt → seen by all"] == [240, 340, 440]
    assert found.values["receipt → seen by a listener"] == [195, 240, 295, 340, 395, 440]
    assert (found.per_answer["writes"], found.per_answer["reads"]) == (2, 1)


def test_an_answer_that_no_board_counts_has_no_latency() -> None:
    found = measure(SENT, [boards[:3] for boards in HEARD], {}, {}, lost=1, doubled=0, verify="")

    assert found.values["receipt → counted"] == [190, 290]
    assert len(found.values["receipt → seen by all"]) == 2


@pytest.mark.parametrize(
    ("better", "last", "now", "flagged"),
    [(1, 100, 79, True), (1, 100, 81, False), (-1, 100, 121, True), (-1, 100, 119, False), (0, 100, 500, False)],
)
def test_a_figure_that_became_a_fifth_worse_is_flagged(better: int, last: float, now: float, flagged: bool) -> None:
    figure = figures.Figure("f", "", "", None, [now], better=better)

    assert figures.worse(figure, last) is flagged
    assert not figures.worse(figure, None)


@pytest.mark.parametrize("shards", [3, 130])
def test_the_simulator_counts_every_answer_once_and_not_too_early(shards: int) -> None:
    scene = simulate.Scene(players=300, within_s=2.0, shards=shards, listeners=10)

    found = simulate.simulate(scene, simulate.HERE)

    assert len(found.post) == len(found.counted) == scene.players
    assert len(found.seen) == scene.players * simulate.SAMPLED_LISTENERS
    assert found.counted[0] > simulate.HERE.deliver_ms + simulate.HERE.commit_ms
    most = WorkerSettings.model_construct().board_interval_ms(scene.players)
    assert found.counted[len(found.counted) // 2] < (3 if shards == 3 else 6) * most


def test_more_shards_lower_the_load_of_each_key_and_each_commit() -> None:
    few, many = (simulate.limits(simulate.Scene(100_000, 10.0, shards, 1_000), simulate.CLOUD) for shards in (10, 50))

    assert few["1 MB/s a key"] == pytest.approx(5 * many["1 MB/s a key"])
    assert few["10 MiB a commit"] == pytest.approx(5 * many["10 MiB a commit"])


class Recorded(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Sequence[Write]] = []

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        self.commits.append(writes)
        return super().commit(writes)


def test_the_commits_of_a_scorer_can_be_replayed_in_a_session_without_players() -> None:
    store = Recorded()
    paths = "sessions/s/players/p1", "sessions/s/boards/top", "sessions/s/journal/j1"
    counted: list[Write] = [
        Update(paths[0], {"score": 5}),
        Replace(paths[1], {"seq": 1}, None),
        Create(paths[2], {"n": 1}),
    ]
    again: list[Write] = [Update(paths[0], {"score": 9}), Replace(paths[1], {"seq": 2}, None), Delete(paths[2])]

    rate = instead.commits_again(store, [counted, again], "s", answers=2)

    assert rate > 0
    assert [type(write) for write in store.commits[-1]] == [Update, Replace, Delete]
    player, board, journal = (store.get(write.path) for write in store.commits[-1])
    assert (player and player.data["score"], board and board.data["seq"], journal) == (9, 2, None)
