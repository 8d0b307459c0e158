"""`make bench`: prints the table of the README and writes bench/results/DATE.json."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import crowd, door, scorer
from bench.machine import machine
from devstack import stack as devstack
from devstack.emulators import ROOT
from devstack.stack import Stack

ROUNDS = 3
CROWD = 200
HEALTH_PORT = devstack.HEALTH_PORT
PACKAGES = ("google-cloud-firestore", "google-cloud-pubsub", "functions-framework", "grpcio", "protobuf")
console = Console()


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `met` is None where nothing is asked."""

    name: str
    found: str
    asked: str
    met: bool | None
    rounds: list[float]


def main() -> int:
    with devstack.running(devstack.CORE, say=_say, workers=0, project="demo-bench", door_env=UNLIMITED) as stack:
        os.environ.update(stack.env)
        figures = list(_figures(stack))
    _print(figures)
    path = _write(figures)
    console.print(f"written to {path.relative_to(ROOT)}")
    return 0 if all(figure.met is not False for figure in figures) else 1


UNLIMITED = {"WORDRUSH_JOINS_PER_MINUTE": "1000000"}


def _figures(stack: Stack) -> Iterator[Figure]:
    _say("warming up (a cold Firestore emulator is many times slower) ...")
    scorer.from_memory(stack)
    yield from _scorer(stack)
    yield from _bus(stack, "streaming")
    yield from _bus(stack, "unary")
    yield from _crowd(stack)
    yield from _door(stack)


def _scorer(stack: Stack) -> Iterator[Figure]:
    """The scorer and what a user would build instead, in turn."""
    ours, theirs, wrong = [], [], 0
    for number in range(ROUNDS):
        _say(f"scorer against a transaction per answer, round {number + 1} of {ROUNDS} ...")
        rate = scorer.from_memory(stack)
        ours.append(rate.per_s)
        wrong += rate.wrong
        theirs.append(scorer.transaction_per_answer(stack, scorer.BASELINE_THREADS).per_s)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    yield _rate("scorer, from memory", ours, 3_000)
    yield Figure(f"a transaction per answer, {scorer.BASELINE_THREADS} threads", _per_s(theirs), "", None, theirs)
    yield _ratio("scorer : a transaction per answer", ratios, 5.0)
    yield _none_wrong("scorer: lost or doubled", wrong)


def _bus(stack: Stack, source: scorer.Source) -> Iterator[Figure]:
    ratios, alone, ours, wrong = [], [], [], 0
    for number in range(ROUNDS):
        _say(f"the bus alone and with the scorer, {source}, round {number + 1} of {ROUNDS} ...")
        alone.append(scorer.bus_alone(stack, source, f"alone-{source}-{number}").per_s)
        rate = scorer.over_bus(stack, source, f"score-{source}-{number}")
        ours.append(rate.per_s)
        wrong += rate.wrong
        ratios.append(ours[-1] / alone[-1])
    yield Figure(f"bus alone, {source}", _per_s(alone), "", None, alone)
    yield Figure(f"scorer over the bus, {source}", _per_s(ours), "", None, ours)
    yield _ratio(f"scorer : bus alone, {source}", ratios, 0.8)
    yield _none_wrong(f"over the bus, {source}: lost or doubled", wrong)


def _crowd(stack: Stack) -> Iterator[Figure]:
    worker = stack.start_worker(WORDRUSH_SOURCE="streaming", WORDRUSH_HEALTH_PORT=str(HEALTH_PORT))
    _say("warming up the door ...")
    crowd.play(stack, CROWD, "on_close", HEALTH_PORT)
    for reveal in ("on_answer", "on_close"):
        rounds = []
        for number in range(ROUNDS):
            _say(f"{CROWD} players within {crowd.WITHIN_S:.0f} s, reveal {reveal}, round {number + 1} of {ROUNDS} ...")
            rounds.append(crowd.play(stack, CROWD, reveal, HEALTH_PORT))
        yield from _crowd_figures(reveal, rounds)
    worker.stop()


def _door(stack: Stack) -> Iterator[Figure]:
    """Accepted answers against an empty function under the same server, in turn. Last, because nobody scores them."""
    ours, theirs, refused = [], [], 0
    for number in range(ROUNDS):
        _say(f"the door and an empty function, round {number + 1} of {ROUNDS} ...")
        accepted, nothing = door.accepted(stack), door.nothing(stack)
        ours.append(accepted.per_s)
        theirs.append(nothing.per_s)
        refused += accepted.refused + nothing.refused
    yield Figure("empty function, POST", _per_s(theirs), "", None, theirs)
    yield Figure(f"door, accepted POST, {door.CONNECTIONS} connections", _per_s(ours), "", None, ours)
    yield _ratio("door : empty function", [a / b for a, b in zip(ours, theirs, strict=True)], 0.6)
    yield _none_wrong("door: refused", refused)


def _crowd_figures(reveal: str, rounds: list[crowd.Seen]) -> Iterator[Figure]:
    def at(share: float, of: Callable[[crowd.Seen], list[float]]) -> list[float]:
        return [crowd.percentile(of(seen), share) for seen in rounds]

    name = f"{CROWD} players, {CROWD} listeners, {reveal}"
    yield _at_most(f"{name}: receipt to board seen, p50 ms", at(0.5, lambda seen: seen.board_ms), 300)
    yield _at_most(f"{name}: receipt to board seen, p99 ms", at(0.99, lambda seen: seen.board_ms), 700)
    yield _at_most(f"{name}: POST, p50 ms", at(0.5, lambda seen: seen.post_ms), None)
    yield _at_most(f"{name}: POST, p99 ms", at(0.99, lambda seen: seen.post_ms), 150)
    yield _at_most(f"{name}: writes an answer", [seen.writes_per_answer for seen in rounds], 1.1)
    yield _at_most(f"{name}: reads an answer", [seen.reads_per_answer for seen in rounds], 0.05)
    yield _none_wrong(f"{name}: lost or doubled", sum(seen.wrong for seen in rounds))


def _rate(name: str, rounds: list[float], least: float) -> Figure:
    return Figure(name, _per_s(rounds), f">= {least:,.0f}/s", _middle(rounds) >= least, rounds)


def _ratio(name: str, rounds: list[float], least: float) -> Figure:
    return Figure(name, _spread(rounds), f">= {least:g}", _middle(rounds) >= least, rounds)


def _at_most(name: str, rounds: list[float], most: float | None) -> Figure:
    asked, met = ("", None) if most is None else (f"<= {most:g}", _middle(rounds) <= most)
    return Figure(name, _spread(rounds), asked, met, rounds)


def _none_wrong(name: str, wrong: int) -> Figure:
    return Figure(name, str(wrong), "0", wrong == 0, [wrong])


def _middle(rounds: list[float]) -> float:
    return sorted(rounds)[len(rounds) // 2]


def _spread(rounds: list[float]) -> str:
    digits = 0 if _middle(rounds) >= 20 else 2
    return f"{_middle(rounds):,.{digits}f} ({min(rounds):,.{digits}f} to {max(rounds):,.{digits}f})"


def _per_s(rounds: list[float]) -> str:
    return f"{_middle(rounds):,.0f}/s ({min(rounds):,.0f} to {max(rounds):,.0f})"


def _print(figures: list[Figure]) -> None:
    table = Table("figure", f"median of {ROUNDS} (min to max)", "asked", "", title=machine())
    for figure in figures:
        mark = "" if figure.met is None else ("met" if figure.met else "[bold red]MISSED[/]")
        table.add_row(figure.name, figure.found, figure.asked, mark)
    Console(width=120).print(table)


def _write(figures: list[Figure]) -> Path:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    now = datetime.now(UTC)
    content = {
        "at": now.isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": machine(),
        "emulators": "Firestore and Pub/Sub of the Google Cloud CLI or firebase-tools, on this machine",
        "packages": {name: version(name) for name in PACKAGES},
        "figures": [
            {"name": f.name, "found": f.found, "asked": f.asked, "met": f.met, "rounds": f.rounds} for f in figures
        ],
    }
    path = ROOT / "bench" / "results" / f"{now:%Y-%m-%d-%H%M}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def _say(text: str) -> None:
    print(f"wordrush: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
