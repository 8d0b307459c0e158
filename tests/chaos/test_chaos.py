"""Twenty faults on the emulators, every kind among them; `make chaos` is the long form."""

import asyncio
from collections.abc import Iterator

import pytest

from devstack.stack import CORE, Stack
from tests.chaos.__main__ import run, sentence
from tests.conftest import Figure, emulated

FAULTS = 20


@pytest.fixture(name="stack")
def _stack() -> Iterator[Stack]:
    with emulated(CORE) as running:
        yield running


@pytest.mark.timeout(1_800)
def test_twenty_faults_on_the_emulators_lose_and_double_nothing(stack: Stack, figure: Figure) -> None:
    report = asyncio.run(run(stack, FAULTS, seed=1, say=print))

    assert report.verdict.clean, report.verdict
    assert report.verdict.looks > FAULTS
    assert report.faults >= FAULTS - 2, "most traps must spring"
    figure(f"chaos: {sentence(report)}")
