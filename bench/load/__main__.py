"""`make load PLAYERS=1000 SHARDS=1 WORKERS=1`: one question under an open-model load; writes bench/results."""

import argparse
import os
import sys
from datetime import UTC, datetime

from bench.figures import commit
from bench.load import game, report
from bench.load.game import Plan
from bench.machine import machine
from devstack import stack as devstack
from devstack.emulators import ROOT
from quizcore.shards import shards_for

MOST_LISTENERS = 1_000


def main(arguments: list[str]) -> int:
    plan, source = _plan(arguments)
    no_limit = {"WORDRUSH_JOINS_PER_MINUTE": "1000000"}
    with devstack.running(devstack.CORE, say=_say, workers=0, project="demo-load", api_env=no_limit) as stack:
        os.environ.update(stack.env)
        for _ in range(plan.workers):
            stack.start_worker(WORDRUSH_SOURCE=source)
        _say("warming up ...")
        warm = Plan(min(100, plan.players), plan.shards, plan.workers, 2.0, 10, plan.reveal)
        game.play(stack, warm, lambda _: None)
        measured = game.play(stack, plan, _say)
    report.show(plan, measured)
    now = datetime.now(UTC)
    stem = f"load-{plan.players}-{plan.shards}-{plan.workers}-{now:%Y-%m-%d-%H%M}"
    about = {"at": now.isoformat(timespec="seconds"), "commit": commit(), "machine": machine(), "source": source}
    for path in report.write(ROOT / "bench" / "results", stem, plan, measured, about):
        _say(f"written to {path.relative_to(ROOT)}")
    return 0 if measured.lost == measured.doubled == 0 and measured.accepted == measured.asked else 1


def _plan(arguments: list[str]) -> tuple[Plan, str]:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--players", type=int, default=200)
    parser.add_argument("--shards", type=int, help="default: the number that a session of so many players gets")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--within", type=float, default=5.0, help="the seconds in which all players answer")
    parser.add_argument("--listeners", type=int, help=f"default: one a player, at most {MOST_LISTENERS}")
    parser.add_argument("--reveal", choices=["on_close", "on_answer"], default="on_close")
    parser.add_argument("--source", choices=["streaming", "unary"], default="streaming")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    return (
        Plan(
            players=asked.players,
            shards=asked.shards or shards_for(asked.players),
            workers=asked.workers,
            within_s=asked.within,
            listeners=asked.listeners or min(asked.players, MOST_LISTENERS),
            reveal=asked.reveal,
            seed=asked.seed,
        ),
        asked.source,
    )


def _say(text: str) -> None:
    print(f"wordrush: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
