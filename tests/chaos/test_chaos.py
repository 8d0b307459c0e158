"""Twenty faults on the emulators, every kind among them; `make chaos` is the long form."""

import asyncio
import os

import pytest

from devstack.stack import Stack
from tests.chaos.__main__ import run, sentence
from tests.conftest import Figure

FAULTS = 20


@pytest.mark.timeout(1_800)
def test_twenty_faults_on_the_emulators_lose_and_double_nothing(stack: Stack, figure: Figure) -> None:
    before = dict(os.environ)
    report = asyncio.run(run(stack, FAULTS, seed=1, say=print))
    os.environ.update(before)

    assert report.verdict.clean, report.verdict
    assert report.verdict.looks > FAULTS
    assert report.faults >= FAULTS - 2, "most traps must spring"
    figure(f"chaos: {sentence(report)}")
