"""`make bench`: prints figures of docs/figures.md and writes bench/results. `make bench ONLY=scorer` runs a part."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bench import api, boards, figures, fleet, instead, many_people, pure, scorer
from bench.figures import Figure
from bench.load import game
from bench.load.game import Plan
from bench.load.measure import Measured
from devstack import stack as devstack
from devstack.emulators import ROOT
from devstack.stack import Stack
from workers.gc_tuning import collect_seldom

ROUNDS = 5
BUS_ROUNDS = 3
HAND_OVERS = (("unary", signal.SIGTERM, 1.0), ("streaming", signal.SIGTERM, 1.0), ("unary", signal.SIGKILL, 12.0))
CROWD = 200
WITHIN_S = 2.0
UNLIMITED = {"WORDRUSH_JOINS_PER_MINUTE": "1000000"}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="a part")
    only = parser.parse_args(arguments).only
    collect_seldom()  # as the worker does
    before, began = figures.last_kept(), datetime.now(UTC)
    with devstack.running(devstack.CORE, say=_say, workers=0, project="demo-bench", api_env=UNLIMITED) as stack:
        os.environ.update(stack.env)
        measured: list[Figure] = []
        for name in only or PARTS:
            measured += PARTS[name](stack)
            path = figures.keep(measured, began)
    figures.show(measured, before)
    _say(f"written to {path.relative_to(ROOT)}")
    return 0 if all(figure.met is not False for figure in measured) else 1


def _pure(_: Stack) -> Iterator[Figure]:
    _say("standings of a million, merging, memory ...")
    standings = [pure.standings() for _ in range(3)]
    yield figures.at_most("standings of 1,000,000: update, rank and top 20, us", [us for us, _ in standings], 20)
    yield figures.at_most("standings of 1,000,000: bytes a player", [size for _, size in standings], 200)
    merges = [pure.merging() for _ in range(ROUNDS)]
    yield figures.at_most("merged board and ranks, 64 shards of 2,000 players, ms", merges, 20)
    levels = [pure.merging_groups() for _ in range(ROUNDS)]
    yield figures.at_most("summary of a group of 64 shards of 2,000 players, ms", [ms for ms, _ in levels], 20)
    yield figures.at_most("merged board and ranks of 16 groups, ms", [ms for _, ms in levels], 20)
    yield figures.at_most("worker with 100,000 players in 50 shards, MiB", [pure.worker_memory()], 300)


def _scorer(stack: Stack) -> Iterator[Figure]:
    """The scorer, its commits alone, and the alternatives that a user would build, in turn."""
    _say("warming up (a cold Firestore emulator is many times slower) ...")
    scorer.from_memory(stack)
    plain = instead.plain_store(stack)
    ours: list[float] = []
    others: dict[str, list[float]] = {name: [] for name in INSTEAD}
    alone, wrong = [], 0
    for number in range(ROUNDS):
        _say(f"the scorer and its alternatives, round {number + 1} of {ROUNDS} ...")
        rate = scorer.from_memory(stack)
        ours.append(rate.per_s)
        wrong += rate.wrong
        alone.append(instead.commits_again(plain, rate.commits, rate.session_id, rate.answers))
        for name, count in INSTEAD.items():
            others[name].append(count(stack))
    yield figures.rate("scorer, from memory, 5,000 players", ours, 3_000)
    yield figures.rate("its commits alone", alone)
    yield figures.ratio("scorer : its commits alone", _ratios(ours, alone), 0.7)
    for name, rates in others.items():
        yield figures.rate(name, rates)
        yield figures.ratio(f"scorer : {name}", _ratios(ours, rates), 6.0 if name == TRANSACTION else 1.0)
    yield figures.none_wrong("scorer: lost or doubled", wrong)


TRANSACTION = "a transaction per answer"
INSTEAD: dict[str, Callable[[Stack], float]] = {
    TRANSACTION: instead.transaction,
    "a transaction per answer, then the top-k query": instead.transaction_and_query,
    "an increment per answer, no fence": instead.increments,
    "one hot document": instead.hot_document,
}


def _bus(stack: Stack) -> Iterator[Figure]:
    for source in scorer.SOURCES:
        alone, ours, wrong = [], [], 0
        for number in range(BUS_ROUNDS):
            _say(f"the bus alone and with the scorer, {source}, round {number + 1} of {BUS_ROUNDS} ...")
            alone.append(scorer.bus_alone(stack, source, f"alone-{source}-{number}").per_s)
            rate = scorer.over_bus(stack, source, f"score-{source}-{number}")
            ours.append(rate.per_s)
            wrong += rate.wrong
        yield figures.rate(f"bus alone, {source}", alone)
        yield figures.rate(f"scorer over the bus, {source}", ours)
        yield figures.ratio(f"scorer : bus alone, {source}", _ratios(ours, alone), 0.85)
        yield figures.none_wrong(f"over the bus, {source}: lost or doubled", wrong)


def _fleet(stack: Stack) -> Iterator[Figure]:
    wrong = 0
    for workers in (1, 2, 4):
        _say(f"{fleet.SHARDS} shards over the bus with {workers} worker processes ...")
        rates = []
        for number in range(3):
            rate, errors = fleet.over_bus(stack, workers, f"fleet-{workers}-{number}")
            rates.append(rate)
            wrong += errors
        yield figures.rate(f"{fleet.SHARDS} shards over the bus, {workers} workers", rates)
    for source, sent, most in HAND_OVERS:
        _say(f"{sent.name} to one of two workers under load, {source} ...")
        longer = []
        for number in range(3):
            name = f"{sent.name.lower()}-{source}-{number}"
            undisturbed, errors = fleet.longest_wait(stack, source, None, f"{name}-before")
            disturbed, more = fleet.longest_wait(stack, source, sent, name)
            longer.append(disturbed - undisturbed)
            wrong += errors + more
        yield figures.at_most(f"{sent.name}, {source}: an answer waits so much longer at most, s", longer, most)
    yield figures.none_wrong("many workers: lost or doubled", wrong)


def _crowd(stack: Stack) -> Iterator[Figure]:
    worker = stack.start_worker(WORDRUSH_SOURCE="streaming")
    _say("warming up the API ...")
    game.play(stack, _plan("on_close"), lambda _: None)
    for reveal in ("on_answer", "on_close"):
        rounds = []
        for number in range(ROUNDS):
            _say(f"{CROWD} players within {WITHIN_S:g} s, reveal {reveal}, round {number + 1} of {ROUNDS} ...")
            rounds.append(game.play(stack, _plan(reveal), lambda _: None))
        yield from _crowd_figures(reveal, rounds)
    worker.stop()


def _plan(reveal: str) -> Plan:
    return Plan(players=CROWD, shards=1, workers=1, within_s=WITHIN_S, listeners=CROWD, reveal=reveal)


def _crowd_figures(reveal: str, rounds: list[Measured]) -> Iterator[Figure]:
    def at(share: str, step: str) -> list[float]:
        return [measured.latencies[step][share] for measured in rounds]

    name, seen = f"{CROWD} players, {CROWD} listeners, {reveal}", "receipt → seen by a listener"
    yield figures.at_most(f"{name}: receipt to board seen, p50 ms", at("p50", seen), 300)
    yield figures.at_most(f"{name}: receipt to board seen, p99 ms", at("p99", seen), 700)
    yield figures.at_most(f"{name}: POST, p50 ms", at("p50", "POST"), None)
    yield figures.at_most(f"{name}: POST, p99 ms", at("p99", "POST"), 150)
    yield figures.at_most(f"{name}: writes an answer", [measured.per_answer["writes"] for measured in rounds], 1.1)
    yield figures.at_most(f"{name}: reads an answer", [measured.per_answer["reads"] for measured in rounds], 0.05)
    yield figures.none_wrong(f"{name}: lost or doubled", sum(measured.lost + measured.doubled for measured in rounds))


def _api(stack: Stack) -> Iterator[Figure]:
    """Accepted answers, and an empty function under the same server, in turn. Last, because no worker counts them."""
    ours, theirs, rejected = [], [], 0
    for number in range(ROUNDS):
        _say(f"the API and an empty function, round {number + 1} of {ROUNDS} ...")
        accepted, empty = api.accepted(stack), api.empty_function(stack)
        ours.append(accepted.per_s)
        theirs.append(empty.per_s)
        rejected += accepted.rejected + empty.rejected
    yield figures.rate("empty function, POST", theirs)
    yield figures.rate(f"API, accepted POST, {api.CONNECTIONS} connections", ours)
    yield figures.ratio("API : empty function", _ratios(ours, theirs), 0.6)
    yield figures.none_wrong("API: refused", rejected)


def _boards(stack: Stack) -> Iterator[Figure]:
    """Counting for people and a tutorial's way, in turn."""
    _say("warming up ...")
    boards.counted(stack, 2, 200)
    large, small, plain, queried = [], [], [], []
    for number in range(BUS_ROUNDS):
        _say(f"results counted for people, and as in a tutorial, round {number + 1} of {BUS_ROUNDS} ...")
        large.append(boards.counted(stack, 20, 200))
        small.append(boards.counted(stack, 60, 10))
        plain.append(boards.transaction(stack))
        queried.append(boards.transaction_and_query(stack))
    for name, rounds, writes in (("200", large, 1.05), ("10", small, 1.35)):
        per_s = [one.per_s for one in rounds]
        yield figures.rate(f"results counted, sessions of {name}", per_s, 1_500 if rounds is large else None)
        at_most = 0.3 if rounds is large else None
        yield figures.at_most(f"results counted, sessions of {name}: CPU ms each", [r.cpu_ms for r in rounds], at_most)
        yield figures.at_most(f"results counted, sessions of {name}: reads each", [r.reads for r in rounds], 2.1)
        yield figures.at_most(f"results counted, sessions of {name}: writes each", [r.writes for r in rounds], writes)
    yield figures.none_wrong("documents that a repetition writes", sum(one.replayed for one in (*large, *small)))
    per_s = [one.per_s for one in large]
    for name, rates, least in ((PER_PLAYER, plain, 5.0), (f"{PER_PLAYER}, then the top-k query", queried, 15.0)):
        yield figures.rate(name, rates)
        yield figures.ratio(f"results counted : {name}", _ratios(per_s, rates), least)


def _ranks(stack: Stack) -> Iterator[Figure]:
    _say(f"{boards.RANKS:,} ranks among {boards.CROWD:,} people ...")
    found = boards.ranks(stack)
    yield figures.none_wrong(f"wrong among {boards.RANKS:,} ranks of {boards.CROWD:,} people", found.wrong)
    yield figures.at_most("a rank from two documents, p50 ms", [found.ours_ms], 20)
    yield figures.at_most("a rank from two documents: reads", [found.ours_reads], 2)
    yield figures.at_most("a rank by count(), p50 ms", [found.count_ms], None)
    yield figures.at_most("a rank by count(): reads", [found.count_reads], None)


def _many_people(_: Stack) -> Iterator[Figure]:
    _say("ten seconds of results at 10,000/s, on tables of 10 to 60 million people ...")
    peak = many_people.peak()
    yield figures.at_most("peak: reading the moves of 10 s, CPU s", [peak.reading_s], None)
    for span, one in peak.folds.items():
        name = f"peak, {span}, {one.scores:,} scores in {one.leaves} leaves"
        yield figures.at_most(f"{name}: fold of 10 s, CPU s", [one.cpu_s], 1.0)
        yield figures.at_most(f"{name}: KiB of the largest leaf", [one.largest / 1_024], 64)
        yield figures.at_most(f"{name}: MiB written", [one.written / 2**20], 8)
        yield figures.at_most(f"{name}: error of the root, % of the people", [100 * one.error], 0.05)
        yield figures.none_wrong(f"{name}: wrong among 2,000 ranks", one.wrong)
    whole = sum(one.cpu_s for one in peak.folds.values()) + peak.reading_s
    yield figures.at_most("peak: fold of 10 s, all four periods, CPU s", [whole], 1.0)
    written = sum(one.written for one in peak.folds.values())
    yield figures.at_most("peak: commit of all four periods, MiB", [written / 2**20], 8)
    yield figures.at_most("peak: bytes a move", [peak.move_bytes], None)


PER_PLAYER = "a transaction per finished player on 4 periods"
PARTS: dict[str, Callable[[Stack], Iterator[Figure]]] = {
    "pure": _pure,
    "scorer": _scorer,
    "bus": _bus,
    "fleet": _fleet,
    "crowd": _crowd,
    "boards": _boards,
    "ranks": _ranks,
    "many-people": _many_people,
    "api": _api,
}


def _ratios(ours: list[float], theirs: list[float]) -> list[float]:
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def _say(text: str) -> None:
    print(f"wordrush: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
