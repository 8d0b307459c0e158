"""The shortest history of a failing seed: fewer questions, fewer people, fewer faults."""

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.run import Outcome, Smaller, run

TRIES = 200


def shrink(failed: Outcome, play: Callable[[int, Smaller], Outcome] = run) -> tuple[Outcome, Smaller]:
    """A shorter run of the same seed that still breaks a law, and how to run it again."""
    smaller, best, tries = Smaller(keep=frozenset(failed.struck)), failed, 0

    def fails(candidate: Smaller) -> bool:
        nonlocal best, smaller, tries
        tries += 1
        outcome = play(failed.seed, candidate)
        if outcome.broken is None:
            return False
        best, smaller = outcome, candidate
        return True

    for questions in (1, 2):
        if fails(replace(smaller, questions=questions)):
            break
    for players in range(1, 6):
        if fails(replace(smaller, players=players)):
            break
    size = max(1, len(smaller.keep or ()) // 2)
    while tries < TRIES:
        if not _without_some(smaller, size, fails):
            if size == 1:
                break
            size //= 2
    return best, smaller


def _without_some(smaller: Smaller, size: int, fails: Callable[[Smaller], bool]) -> bool:
    """Leave out that many faults at a time (A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing
    input", 2002)."""
    kept = sorted(smaller.keep or ())
    for start in range(0, len(kept), size):
        fewer = frozenset(kept[:start] + kept[start + size :])
        if fails(replace(smaller, keep=fewer)):
            return True
    return False
