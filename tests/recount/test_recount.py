"""Twenty sessions in a quarter of a minute; `make recount` is the long form."""

import asyncio
from collections.abc import Iterator

import pytest

from devstack.stack import CORE, Stack
from tests.conftest import Figure, emulated
from tests.recount.__main__ import sentence
from tests.recount.play import Plan, Play
from tests.recount.points import POINTS

SMALL = Plan(sessions=20, players=12, people=60, corrections=30, removals=4, erasures=3, over_s=15.0)


@pytest.fixture(name="stack")
def _stack() -> Iterator[Stack]:
    with emulated(CORE) as running:
        yield running


def test_workers_killed_at_every_point_of_count_and_fold_lose_and_double_nothing(stack: Stack, figure: Figure) -> None:
    report = asyncio.run(Play(stack, SMALL, seed=1).play(print))

    assert report.clean, (report.lost, report.doubled, report.wrong_boards, report.replay_writes)
    assert sorted(report.killed) == sorted(POINTS), "a worker is killed at every point"
    figure(f"recount: {sentence(report)}")
