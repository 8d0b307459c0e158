"""The laws of boards over time over many seeds; and that each of them can fail."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import pytest
import structlog

from quizcore import people, results
from quizcore.adapters.memory import MemoryStore
from quizcore.documents.leaderboard import BOARDS, MOVES
from quizcore.domain.leaderboard import calendar, moves, tally
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.person import Person, Rules, counting
from quizcore.domain.leaderboard.tally import PointsRule
from quizcore.domain.leaderboard.top import Candidates, with_shifts
from quizcore.ports import Delete, DocumentReader, Put, Replace, Snapshot, Write
from tests.conftest import Figure
from tests.simulation import season
from tests.simulation.faults import Fault
from tests.simulation.season import Outcome, run
from tests.support.final_sessions import DAY_MS
from workers.leaderboard.count_job import CountJob
from workers.leaderboard.fold_job import FoldJob

SEEDS = 2_000
ENOUGH = 300
MEETS: tuple[Fault, ...] = (
    *("commit_lost", "commit_reply_lost", "commit_sent_twice", "read_failed"),
    *("request_late", "reply_late", "process_paused", "process_killed", "process_stopped"),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    yield
    structlog.configure(**before)


def _drop(*_: object) -> Mapping[str, Any]:
    raise structlog.DropEvent


def _played(seeds: range) -> list[Outcome]:
    structlog.configure(processors=[_drop])
    return [replace(outcome, history=[]) for outcome in map(run, seeds)]


@pytest.mark.timeout(1_800)
def test_over_two_thousand_seasons_no_law_is_broken(figure: Figure) -> None:
    parts = [range(start, start + 50) for start in range(0, SEEDS, 50)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        outcomes = [outcome for part in pool.map(_played, parts) for outcome in part]
    broken = [f"seed {o.seed}: {o.broken}" for o in outcomes if o.broken]
    assert not broken, "\n".join(broken)
    faults = sum((o.faults for o in outcomes), Counter[Fault]())
    assert all(faults[fault] for fault in MEETS), f"a fault that never struck: {faults}"
    counts, folds = sum(o.counts for o in outcomes), sum(o.folds for o in outcomes)
    figure(f"seasons: {SEEDS:,} seeds, {counts:,} counts, {folds:,} folds, {faults.total():,} faults, 0 broken laws")


def test_a_season_gives_the_same_history_again() -> None:
    assert run(45).history == run(45).history


# --- a product that breaks a law is found out ----------------------------------------------------------------------


def _every_version_is_new(person: Person, contribution: Contribution) -> Person:
    return replace(person, counted={**person.counted, contribution.session_id: contribution})


def _whoever_was_removed_is_forgotten(person: Person, contribution: Contribution) -> Person:
    after = _COUNTING(person, contribution)
    kept = {key: entry for key, entry in after.counted.items() if entry.counts}
    return after if len(kept) == len(after.counted) else replace(after, counted=kept)


_COUNTING = counting
_COMMIT = MemoryStore.commit
_LOAD = FoldJob._load
_RESULTS = results._contributions


def _moves_apart(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
    moved = [write for write in writes if write.path.startswith(f"{MOVES}/") and not isinstance(write, Delete)]
    rest = [write for write in writes if write not in moved]
    return _COMMIT(store, rest) if rest and moved else _COMMIT(store, writes)


def _without_fence(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
    unfenced = [
        Put(w.path, w.data) if isinstance(w, Replace) and w.path.startswith(f"{BOARDS}/") else w for w in writes
    ]
    return _COMMIT(store, unfenced)


def _people_without_fence(store: MemoryStore, writes: Sequence[Write]) -> dict[str, Any]:
    unfenced = [Put(w.path, w.data) if isinstance(w, Replace) and w.path.startswith("people/") else w for w in writes]
    return _COMMIT(store, unfenced)


class _FewMoves:
    """A reader that gives a part of the moves."""

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def list(self, collection: str, *args: Any, **named: Any) -> list[Snapshot]:
        found = self._reader.list(collection, *args, **named)
        return found[:1] if collection == MOVES else found


def _load_some_moves(job: FoldJob, reader: DocumentReader) -> Any:
    return _LOAD(job, _FewMoves(reader))


def _class_days_in_utc(*given: Any) -> Iterator[tuple[str, Contribution]]:
    for player_id, one in _RESULTS(*given):
        yield player_id, one._replace(class_day=calendar.date_of(one.at)) if one.class_day else one


def _whoever_moves_last_decides(before: Candidates, shifts: Any, people_there: int, most: int) -> Candidates:
    """The order of moves of a person is not looked at."""
    return with_shifts(before, [shift._replace(n=0) for shift in reversed(list(shifts))], people_there, most)


def _nobody_has_fallen_off(before: Candidates, shifts: Any, people_there: int, most: int) -> Candidates:
    return with_shifts(before._replace(floor=None), shifts, people_there, most)


def _erased_in_silence(of: people.Known, rules: Rules) -> people.Change:
    return people.Change(_ERASED(of, rules).writes, {})


_ERASED = people.erased


def _always_the_sum(given: Any, _rule: PointsRule) -> Any:
    return tally.total_of(given, PointsRule.SUM)


def _unlisted_is_not_news(before: Person, after: Person, places: Any, rules: Rules) -> Any:
    return moves.moved(replace(before, display=after.display), after, places, rules)


def _weeks_of_the_calendar_year(day: Any) -> calendar.Periods:
    found = _PERIODS(day)
    return found._replace(week=f"week-{day.year}-{found.week.rpartition('-')[2]}")


_PERIODS = calendar.periods_of


async def _skip_late_results(job: CountJob, slots: range) -> frozenset[str]:
    return frozenset() if job._final.finished_at < job._clock.now_ms() - 30 * DAY_MS else await _ATTEMPT(job, slots)


_ATTEMPT = CountJob.attempt


@pytest.mark.parametrize(
    ("owner", "name", "mutant"),
    [
        (people, "counting", _every_version_is_new),
        (people, "counting", _whoever_was_removed_is_forgotten),
        (MemoryStore, "commit", _moves_apart),
        (MemoryStore, "commit", _without_fence),
        (MemoryStore, "commit", _people_without_fence),
        (FoldJob, "_load", _load_some_moves),
        (results, "_contributions", _class_days_in_utc),
        ("quizcore.domain.leaderboard.fold", "with_shifts", _whoever_moves_last_decides),
        ("quizcore.domain.leaderboard.fold", "with_shifts", _nobody_has_fallen_off),
        (people, "erased", _erased_in_silence),
        ("quizcore.domain.leaderboard.person", "total_of", _always_the_sum),
        (people, "moved", _unlisted_is_not_news),
        ("quizcore.domain.leaderboard.contribution", "periods_of", _weeks_of_the_calendar_year),
        (CountJob, "attempt", _skip_late_results),
    ],
    ids=lambda given: getattr(given, "__name__", str(given)).lstrip("_"),
)
def test_a_product_that_breaks_a_law_of_boards_is_found_out(
    owner: Any, name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", mutant)
    else:
        monkeypatch.setattr(owner, name, mutant)
    assert any(run(seed).broken for seed in range(ENOUGH))


class _TornJob(FoldJob):
    """Reads the head after the moves, and not at one moment."""

    async def attempt(self, given: None) -> bool:
        class Apart:
            def __init__(self, store: Any) -> None:
                self._store = store

            def __getattr__(self, name: str) -> Any:
                return getattr(self._store, name)

            def at_one_moment(self, read: Callable[[Any], Any]) -> Any:
                return read(self._store)

        plain, self.store = self.store, Apart(self.store)
        try:
            return await super().attempt(given)
        finally:
            self.store = plain


def test_a_fold_that_reads_at_several_moments_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(season, "FoldJob", _TornJob)
    load = _TornJob._load

    def moves_first(job: FoldJob, reader: DocumentReader) -> Any:
        early = reader.list(MOVES, where=[("queue", "==", job.board)])

        class Early:
            def __getattr__(self, name: str) -> Any:
                return getattr(reader, name)

            def list(self, collection: str, *args: Any, **named: Any) -> list[Snapshot]:
                return early if collection == MOVES else reader.list(collection, *args, **named)

        return load(job, Early())

    monkeypatch.setattr(_TornJob, "_load", moves_first)
    assert any(run(seed).broken for seed in range(ENOUGH))
