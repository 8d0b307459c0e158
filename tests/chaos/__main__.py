"""`make chaos FAULTS=200`: injects faults on the emulators while three sessions are played, and reports the results."""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from devstack import player as players
from devstack import stack as devstack
from devstack.emulators import ROOT
from devstack.stack import CORE, Stack
from tests.chaos.cluster import Cluster
from tests.chaos.faults import FAULTS, deck
from tests.chaos.referee import Verdict, Witness, judge, look_now_and_then
from tests.chaos.traffic import Game, open_games

WORKERS = 2
CROWD = 24
RESULTS = ROOT / "bench" / "results"
Say = Callable[[str], None]


@dataclass(slots=True)
class Report:
    """`recoveries`: by kind, how long an answer waited at most to be counted after the fault was over (s)."""

    recoveries: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    verdict: Verdict = field(default_factory=Verdict)
    took_s: float = 0.0
    not_come_about: int = 0

    @property
    def faults(self) -> int:
        return sum(map(len, self.recoveries.values()))


async def run(stack: Stack, faults: int, seed: int, say: Say) -> Report:
    """Play three sessions until so many faults have happened, then come to rest and judge."""
    report, rng, began = Report(), random.Random(seed), time.monotonic()  # noqa: S311 (a seed, no secret)
    cluster, witness = Cluster(stack, rng), Witness(stack)
    witness.start()
    try:
        async with players.http_client() as http:
            await cluster.start(WORKERS)
            games = await open_games(stack, http, seed, CROWD)
            looking = asyncio.create_task(look_now_and_then(games, report.verdict))
            for number, name in enumerate(deck(rng, faults), 1):
                await _strike(name, cluster, games, rng, report)
                say(f"{number:4} of {faults}  {name}: {_told(report.recoveries[name][-1:])}")
            podiums = await asyncio.gather(*(game.end() for game in games))
            looking.cancel()
    finally:
        await cluster.stop()
        witness.stop()
    await asyncio.to_thread(judge, games, witness, report.verdict)
    if not all(podiums):
        report.verdict.broken.append("law 8: a session was never final")
    report.took_s = time.monotonic() - began
    return report


async def _strike(name: str, cluster: Cluster, games: Sequence[Game], rng: random.Random, report: Report) -> None:
    over_at = await FAULTS[name](cluster, rng)
    if over_at is None:
        report.not_come_about += 1
        return
    report.recoveries[name].append(max(await asyncio.gather(*(game.recovered(over_at) for game in games))))
    await asyncio.sleep(rng.uniform(0.0, 0.2))


def _told(recoveries: Sequence[float]) -> str:
    return f"{recoveries[0]:.1f} s" if recoveries else "did not come about"


def table(report: Report) -> Table:
    made = Table("fault", "times", "recovery p50 s", "max s")
    for name in FAULTS:
        if found := report.recoveries.get(name):
            made.add_row(name, str(len(found)), f"{statistics.median(found):.1f}", f"{max(found):.1f}")
    return made


def sentence(report: Report) -> str:
    verdict = report.verdict
    return (
        f"{report.faults} faults in {report.took_s / 60:.0f} min, {verdict.accepted:,} accepted answers in 3 sessions: "
        f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled, {len(verdict.wrong_boards)} wrong boards in "
        f"{verdict.looks:,} looks at them, {len(verdict.broken)} broken laws"
    )


def save(report: Report, seed: int) -> Path:
    path = RESULTS / f"chaos-{report.faults}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    verdict = report.verdict
    path.write_text(
        json.dumps(
            {
                "seed": seed,
                "faults": report.faults,
                "took_s": round(report.took_s),
                "accepted": verdict.accepted,
                "lost": len(verdict.lost),
                "doubled": len(verdict.doubled),
                "looks": verdict.looks,
                "wrong_boards": len(verdict.wrong_boards),
                "broken": verdict.broken,
                "recovery_s": {kind: [round(s, 2) for s in found] for kind, found in report.recoveries.items()},
            },
            indent=1,
        )
        + "\n"
    )
    return path


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    with devstack.running(only=CORE, say=console.print, workers=0, project="demo-chaos") as stack:
        os.environ.update(stack.env)
        report = asyncio.run(run(stack, asked.faults, asked.seed, console.print))
    console.print(table(report))
    for fault in (*report.verdict.broken, *report.verdict.wrong_boards[:5], *report.verdict.lost[:5]):
        console.print(fault, markup=False)
    console.print(sentence(report))
    console.print(f"written to {save(report, asked.seed).relative_to(ROOT)}")
    return 0 if report.verdict.clean and report.faults >= asked.faults - report.not_come_about else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
