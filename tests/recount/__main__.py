"""`make recount`: 200 final sessions, each version received three times by two workers, undisturbed and with kills."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from devstack import stack as devstack
from devstack.emulators import ROOT
from tests.recount.play import Plan, Play, Report, Say

RESULTS = ROOT / "bench" / "results"


def sentence(report: Report) -> str:
    plan, shown = report.plan, report.took_s
    return (
        f"{plan.sessions} sessions, {report.results:,} results at the end, {plan.deliveries} deliveries a version, "
        f"{plan.corrections} corrections, {plan.removals} removals, {plan.erasures} erasures, "
        f"{len(report.killed)} kills: {len(report.lost)} lost, {len(report.doubled)} doubled, "
        f"{len(report.wrong_boards)} differences on boards, {report.replay_writes} writes of a replay; final to board "
        f"p50 {share(shown, 0.5):.1f} s, p99 {share(shown, 0.99):.1f} s; "
        f"final to counted p99 {share(report.counted_s, 0.99):.1f} s"
    )


def share(found: Sequence[float], of: float) -> float:
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(of * len(ordered)))]


def save(reports: Sequence[Report], seed: int) -> Path:
    told = [
        {
            "kills": report.killed,
            "results": report.results,
            "refused": report.refused,
            "lost": len(report.lost),
            "doubled": len(report.doubled),
            "wrong_boards": len(report.wrong_boards),
            "replay_writes": report.replay_writes,
            "final_to_counted_s": {name: round(share(report.counted_s, of), 2) for name, of in SHARES.items()},
            "final_to_board_s": {name: round(share(report.took_s, of), 2) for name, of in SHARES.items()},
        }
        for report in reports
    ]
    path = RESULTS / f"recount-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps({"seed": seed, "sessions": reports[0].plan.sessions, "runs": told}, indent=1) + "\n")
    return path


SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def one(plan: Plan, seed: int, say: Say) -> Report:
    """On emulators of its own, so that nothing is left of a run before."""
    with devstack.running(devstack.CORE, say=say, workers=0, project=f"demo-recount-{os.getpid()}") as stack:
        before = dict(os.environ)
        os.environ.update(stack.env)
        try:
            return asyncio.run(Play(stack, plan, seed).play(say))
        finally:
            os.environ.clear()
            os.environ.update(before)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make recount")
    parser.add_argument("--sessions", type=int, default=Plan.sessions)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    plan = Plan(sessions=asked.sessions)
    reports = [one(replace(plan, kills=kills), asked.seed, _say) for kills in (False, True)]
    for report in reports:
        for fault in (*report.lost[:5], *report.doubled[:5], *report.wrong_boards[:5]):
            _say(fault)
        _say(sentence(report))
    _say(f"written to {save(reports, asked.seed).relative_to(ROOT)}")
    return 0 if all(report.clean for report in reports) and len(reports[1].killed) == 5 else 1


def _say(text: str) -> None:
    sys.stdout.write(f"wordrush: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
