"""Figures: their text, their goals, and their last results on a machine like this."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from devstack.emulators import ROOT

RESULTS = ROOT / "bench" / "results"
REGRESSION = 0.2
PACKAGES = ("google-cloud-firestore", "google-cloud-pubsub", "functions-framework", "grpcio", "protobuf")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `found` is the median and `asked` the goal, as text; `met` is None when there is no goal.
    `better` is +1 when more is better, -1 when less is better, else 0."""

    name: str
    found: str
    asked: str
    met: bool | None
    rounds: list[float]
    better: int = 0

    @property
    def middle(self) -> float:
        return sorted(self.rounds)[len(self.rounds) // 2]


def rate(name: str, rounds: Sequence[float], least: float | None = None) -> Figure:
    found = f"{_middle(rounds):,.0f}/s ({min(rounds):,.0f} to {max(rounds):,.0f})"
    asked, met = ("", None) if least is None else (f">= {least:,.0f}/s", _middle(rounds) >= least)
    return Figure(name, found, asked, met, list(rounds), better=1)


def ratio(name: str, rounds: Sequence[float], least: float) -> Figure:
    return Figure(name, _spread(rounds), f">= {least:g}", _middle(rounds) >= least, list(rounds), better=1)


def at_most(name: str, rounds: Sequence[float], most: float | None) -> Figure:
    asked, met = ("", None) if most is None else (f"<= {most:g}", _middle(rounds) <= most)
    return Figure(name, _spread(rounds), asked, met, list(rounds), better=-1)


def none_wrong(name: str, wrong: int) -> Figure:
    return Figure(name, str(wrong), "0", wrong == 0, [wrong])


def show(figures: list[Figure], before: dict[str, float]) -> None:
    table = Table("figure", "median (min to max)", "goal", "", "last time", title=machine())
    for figure in figures:
        mark = "" if figure.met is None else ("met" if figure.met else "[bold red]MISSED[/]")
        last = before.get(figure.name)
        then = "" if last is None else f"{last:,.4g}"
        table.add_row(
            figure.name, figure.found, figure.asked, mark, f"[red]{then} ![/]" if worse(figure, last) else then
        )
    Console(width=130).print(table)


def worse(figure: Figure, last: float | None) -> bool:
    """Whether the figure is worse than the last stored result by more than a fifth."""
    if last is None or not figure.better:
        return False
    now = figure.middle
    return now < last * (1 - REGRESSION) if figure.better > 0 else now > last * (1 + REGRESSION)


def last_kept() -> dict[str, float]:
    """The newest median of each figure on a machine like this."""
    medians: dict[str, float] = {}
    for path in sorted(RESULTS.glob("bench-*.json")):
        run: dict[str, Any] = json.loads(path.read_text())
        if run["machine"] == machine():
            medians |= {f["name"]: sorted(f["rounds"])[len(f["rounds"]) // 2] for f in run["figures"]}
    return medians


def keep(figures: list[Figure], now: datetime) -> Path:
    """Write the file of this run. It is written after each part, so that an interrupted run loses nothing."""
    content = {
        "at": now.isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "emulators": "Firestore and Pub/Sub of the Google Cloud CLI or firebase-tools, on this machine",
        "packages": {name: version(name) for name in PACKAGES},
        "figures": [
            {"name": f.name, "found": f.found, "asked": f.asked, "met": f.met, "rounds": f.rounds} for f in figures
        ],
    }
    path = RESULTS / f"bench-{now:%Y-%m-%d-%H%M}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _middle(rounds: Sequence[float]) -> float:
    return sorted(rounds)[len(rounds) // 2]


def _spread(rounds: Sequence[float]) -> str:
    digits = 0 if _middle(rounds) >= 20 else 2
    return f"{_middle(rounds):,.{digits}f} ({min(rounds):,.{digits}f} to {max(rounds):,.{digits}f})"
