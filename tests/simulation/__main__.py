"""`make simulate SEEDS=10000`: runs this number of seeds, with progress; a failing seed prints its shortest history.

`SEED=n` runs one seed and prints its history; `PLAYERS=`, `QUESTIONS=` and `KEEP=` make the history shorter.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.simulation.faults import FAULTS
from tests.simulation.run import Outcome, Smaller, run
from tests.simulation.shrink import shrink

CHUNK = 20
SHOWN_MOST = 5


def brief(seed: int) -> Outcome:
    """Without its history: it is long, and played again when it is wanted."""
    outcome = run(seed)
    outcome.history.clear()
    return outcome


def outcomes(seeds: Sequence[int], processes: int) -> Iterator[Outcome]:
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(brief, seeds, chunksize=CHUNK)


def main(arguments: Sequence[str]) -> int:
    asked = _arguments(arguments)
    console = Console(highlight=False)
    if asked.seed is not None:
        keep = None if asked.keep is None else frozenset(int(n) for n in asked.keep.split(",") if n)
        outcome = run(asked.seed, Smaller(asked.players, asked.questions, keep))
        console.print("\n".join(outcome.history), markup=False, soft_wrap=True)
        console.print(f"seed {asked.seed}: {outcome.broken or 'no law was broken'}", markup=False, soft_wrap=True)
        return 1 if outcome.broken else 0
    return _many(console, range(asked.first, asked.first + asked.seeds), asked.processes)


def _many(console: Console, seeds: Sequence[int], processes: int) -> int:
    began, counts, broken = time.monotonic(), Counter[str](), list[Outcome]()
    totals: Counter[str] = Counter()
    columns = (
        TextColumn("seeds"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[bad]} broken"),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("seeds", total=len(seeds), bad=0)
        for outcome in outcomes(seeds, processes):
            counts.update(outcome.faults)
            totals.update(commits=outcome.commits, answers=outcome.answers)
            if outcome.broken:
                broken.append(outcome)
            progress.update(bar, advance=1, bad=len(broken))
    console.print(_table(counts))
    for outcome in broken[:SHOWN_MOST]:
        tell_shortest(console, outcome)
    console.print(
        f"{len(seeds):,} seeds ({seeds[0]} to {seeds[-1]}) in {time.monotonic() - began:.0f} s: "
        f"{totals['answers']:,} accepted answers, {totals['commits']:,} commits, {counts.total():,} faults, "
        f"{len(broken)} seeds with a broken law"
    )
    return 1 if broken else 0


def tell_shortest(console: Console, outcome: Outcome) -> None:
    best, smaller = shrink(run(outcome.seed))
    console.rule(f"seed {outcome.seed}")
    console.print("\n".join(best.history), markup=False, soft_wrap=True)
    console.print(best.broken or "", markup=False, soft_wrap=True)
    console.print(f"again: {command(outcome.seed, smaller)}", markup=False, soft_wrap=True)


def command(seed: int, smaller: Smaller) -> str:
    told = {"PLAYERS": smaller.players, "QUESTIONS": smaller.questions}
    given = [f"{name}={value}" for name, value in told.items() if value is not None]
    keep = ",".join(map(str, sorted(smaller.keep or ())))
    return " ".join(["make simulate", f"SEED={seed}", *given, f"KEEP={keep or ','}"])


def _table(counts: Counter[str]) -> Table:
    table = Table("fault", "times")
    for fault in FAULTS:
        table.add_row(fault.replace("_", " "), f"{counts[fault]:,}")
    return table


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--players", type=int)
    parser.add_argument("--questions", type=int)
    parser.add_argument("--keep")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
