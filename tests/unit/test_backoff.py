"""The pauses of a reader that fails."""

import random

import pytest

from quizcore.adapters.backoff import Backoff


@pytest.fixture(autouse=True)
def _longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without luck: each pause is as long as it may be."""
    monkeypatch.setattr(random, "uniform", lambda _, most: most)


def test_pauses_double_up_to_the_longest_after_any_number_of_failures() -> None:
    backoff, pauses = Backoff(first_s=0.1, most_s=5.0), []
    for _ in range(3_000):
        backoff.failed()
        pauses.append(backoff.pause_s())

    assert pauses[:6] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5.0])
    assert set(pauses[6:]) == {5.0}


def test_a_success_resets_the_pauses() -> None:
    backoff = Backoff(first_s=0.1, most_s=5.0)
    for _ in range(12):
        backoff.failed()

    backoff.succeeded()

    assert backoff.pause_s() == 0.1
