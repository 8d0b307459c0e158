"""`make scale`: one question of a game that is too large for this machine, as a discrete-event simulation (SimPy).

For this machine the service times are those that `make load` measured, and the results are checked against the same
runs. For Google Cloud they are published limits, and assumptions when nothing is published. docs/scale.md has the
results.
"""

import json
import random
import sys
from collections.abc import Generator
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any

import simpy
from rich.console import Console
from rich.table import Table

from bench.load.measure import shares
from devstack.emulators import ROOT
from quizcore.layout import Layout
from quizcore.settings import WorkerSettings
from quizcore.shards import shards_for

Process = Generator[simpy.Event, Any, None]
SETTINGS = WorkerSettings.model_construct()
SAMPLED_LISTENERS = 5
TOLERANCE = 0.25
SEEDS = 5
WITHIN_S = 10.0
CROWDS = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Service:
    """Times in ms. `api_ms` is one core's time for a POST, `cores` the number of cores of one instance."""

    api_ms: float
    cores: int
    overhead_ms: float  # the rest of a POST: network, the bus
    deliver_ms: float  # from the bus to the worker
    commit_ms: float
    commit_ms_a_write: float
    merge_ms: float
    merge_ms_a_shard: float
    fan_out_ms: float  # until the first listener hears
    fan_out_ms_a_listener: float  # the delay from one listener to the next
    writes_a_commit: int = 3  # beside the journal: the board, the session, and others


# From the runs in bench/results that `validate` names: this machine, everything on two cores.
HERE = Service(
    api_ms=1.6,
    cores=1,
    overhead_ms=4.0,
    deliver_ms=8.0,
    commit_ms=12.0,
    commit_ms_a_write=0.15,
    merge_ms=25.0,
    merge_ms_a_shard=4.0,
    fan_out_ms=12.0,
    fan_out_ms_a_listener=0.22,
)
# Assumed, because nothing is published: 50 ms of a POST beside the API's own time, 30 ms from the bus to a worker, 40
# ms for a commit and 60 ms for a merge, 100 ms to every listener, for any number of listeners.
CLOUD = replace(HERE, overhead_ms=50.0, deliver_ms=30.0, commit_ms=40.0, merge_ms=60.0, merge_ms_a_shard=0.5,
                fan_out_ms=100.0, fan_out_ms_a_listener=0.0)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """`within_s`: the time in which all players answer."""

    players: int
    within_s: float
    shards: int
    listeners: int
    instances: int = 1


@dataclass(slots=True)
class Latencies:
    """Latencies in ms from the server's receipt; `post` counts from the tap."""

    post: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)


def simulate(scene: Scene, service: Service, seed: int = 1) -> Latencies:
    return _Run(scene, service, random.Random(seed)).run()  # noqa: S311 (a crowd)


class _Run:
    def __init__(self, scene: Scene, service: Service, rng: random.Random) -> None:
        self.scene, self.service, self.rng = scene, service, rng
        self.env = simpy.Environment()
        self.instances = [simpy.Resource(self.env, service.cores) for _ in range(scene.instances)]
        self.arrived: list[list[float]] = [[] for _ in range(scene.shards)]
        self.committed: list[float] = []
        layout = Layout.for_shards("", scene.shards)
        self.groups = [layout.shards_of(group) for group in range(layout.groups)] if layout.grouped else []
        self.group_of = [layout.groups_of([shard]) for shard in range(scene.shards)]
        self.of_groups: list[list[float]] = [[] for _ in self.groups]
        self.group_woken = [self.env.event() for _ in self.groups]
        self.woken = [self.env.event() for _ in range(scene.shards)]
        self.merge = self.env.event()
        self.latencies = Latencies()
        a_shard = ceil(scene.players / scene.shards)
        self.interval_ms = SETTINGS.board_interval_ms(a_shard)
        self.merge_interval_ms = SETTINGS.board_interval_ms(scene.players)

    def run(self) -> Latencies:
        for number in range(self.scene.players):
            self.env.process(self._player(number % self.scene.shards))
        for shard in range(self.scene.shards):
            self.env.process(self._shard(shard))
        if self.scene.shards > 1:
            self.env.process(self._merger())
        for group in range(len(self.groups)):
            self.env.process(self._group(group))
        self.env.run()
        return Latencies(
            *(sorted(values) for values in (self.latencies.post, self.latencies.counted, self.latencies.seen))
        )

    def _player(self, shard: int) -> Process:
        yield self.env.timeout(self.rng.uniform(0, self.scene.within_s * 1000))
        tapped = self.env.now
        with self.rng.choice(self.instances).request() as turn:
            yield turn
            received = self.env.now
            yield self.env.timeout(self.rng.expovariate(1 / self.service.api_ms))
        yield self.env.timeout(self.service.overhead_ms)
        self.latencies.post.append(self.env.now - tapped)
        yield self.env.timeout(self.service.deliver_ms)
        self.arrived[shard].append(received)
        if not self.woken[shard].triggered:
            self.woken[shard].succeed()

    def _shard(self, shard: int) -> Process:
        flushed_at = -self.rng.uniform(0, self.interval_ms)
        while True:
            yield self.woken[shard]
            yield self.env.timeout(max(0.0, flushed_at + self.interval_ms - self.env.now))
            self.woken[shard] = self.env.event()
            flushed_at = self.env.now
            answers, self.arrived[shard] = self.arrived[shard], []
            # Answers of one commit are in one journal document; a fold and a plan take as long as a write.
            writes = self.service.writes_a_commit + 1 + len(answers) / 4
            yield self.env.timeout(self.service.commit_ms + writes * self.service.commit_ms_a_write)
            for group in self.group_of[shard]:
                self.of_groups[group] += answers
                if not self.group_woken[group].triggered:
                    self.group_woken[group].succeed()
            if not self.group_of[shard]:
                self._commit(answers)

    def _group(self, group: int) -> Process:
        """A group's summary is merged from the boards of its shards; then the public board is merged."""
        interval_ms = SETTINGS.board_interval_ms(ceil(self.scene.players / len(self.groups)))
        merged_at = -self.rng.uniform(0, interval_ms)
        while True:
            yield self.group_woken[group]
            yield self.env.timeout(max(0.0, merged_at + interval_ms - self.env.now))
            self.group_woken[group], merged_at = self.env.event(), self.env.now
            answers, self.of_groups[group] = self.of_groups[group], []
            yield self.env.timeout(self._merge_ms(len(self.groups[group])))
            self._commit(answers)

    def _commit(self, answers: list[float]) -> None:
        self.committed += answers
        if self.scene.shards == 1:
            self._show()
        elif not self.merge.triggered:
            self.merge.succeed()

    def _merge_ms(self, parts: int) -> float:
        return self.service.merge_ms + parts * self.service.merge_ms_a_shard

    def _merger(self) -> Process:
        merged_at = -self.rng.uniform(0, self.merge_interval_ms)
        while True:
            yield self.merge
            yield self.env.timeout(max(0.0, merged_at + self.merge_interval_ms - self.env.now))
            self.merge, merged_at = self.env.event(), self.env.now
            yield self.env.timeout(self._merge_ms(len(self.groups) or self.scene.shards))
            self._show()

    def _show(self) -> None:
        """A public board is written now; the listeners get it one after the other."""
        now, service = self.env.now, self.service
        heard = min(SAMPLED_LISTENERS, self.scene.listeners)
        for received in self.committed:
            self.latencies.counted.append(now - received)
            for _ in range(heard):
                later = service.fan_out_ms + self.rng.random() * self.scene.listeners * service.fan_out_ms_a_listener
                self.latencies.seen.append(now + later - received)
        self.committed = []


def pooled(runs: list[Latencies]) -> Latencies:
    """The latencies of several runs together. A short burst in one run meets one moment of the board's interval;
    several runs meet many moments."""
    return Latencies(*(sorted(chain.from_iterable(getattr(run, f.name) for run in runs)) for f in fields(Latencies)))


STEPS = {"receipt → counted": "counted", "receipt → seen by a listener": "seen"}


def validate(runs: list[Path]) -> tuple[list[tuple[str, str, float, float, float]], bool]:
    """Rows of (run, figure, measured ms, simulated ms, relative error), and whether all are within the tolerance."""
    rows = []
    for path in runs:
        run = json.loads(path.read_text())
        plan = run["plan"]
        scene = Scene(plan["players"], plan["within_s"], plan["shards"], plan["listeners"])
        runs_pooled = pooled([simulate(scene, HERE, seed) for seed in range(SEEDS)])
        for step, name in STEPS.items():
            simulated = shares(getattr(runs_pooled, name))
            for share in ("p50", "p90", "p99"):
                measured = run["latencies"][step][share]
                off = simulated[share] / measured - 1
                rows.append((path.stem, f"{step}, {share}", measured, simulated[share], off))
    return rows, all(abs(off) <= TOLERANCE for *_, off in rows)


MESSAGE_BYTES, WRITE_BYTES, REVEAL_S, MOST_INSTANCES, API_LOAD = 240, 700, 10.0, 50, 0.6


def limits(scene: Scene, service: Service) -> dict[str, float]:
    """Shares of published limits that one question uses. The last one is a recommendation and not a limit: traffic on a
    new collection should begin with 500 writes/s and grow by half every five minutes."""
    a_second = scene.players / scene.within_s
    return {
        "1 MB/s a key": a_second / scene.shards * MESSAGE_BYTES / 1e6,
        "10 MiB a commit": scene.players / scene.shards * WRITE_BYTES / (10 * 2**20),
        "50 API instances": instances_for(scene, service) / MOST_INSTANCES,
        "500/50/5": scene.players / REVEAL_S / 500,
    }


def instances_for(scene: Scene, service: Service) -> int:
    """The number of instances, each busy for the share `API_LOAD` of the time."""
    return ceil(scene.players / scene.within_s * service.api_ms / 1000 / service.cores / API_LOAD)


def main() -> int:
    console = Console(width=130)
    rows, good = validate(sorted((ROOT / "bench" / "results").glob("load-*.json")))
    table = Table("run", "figure", "measured, ms", "simulated, ms", "off", title="the simulator against measured runs")
    for run, figure, measured, simulated, off in rows:
        mark = "" if abs(off) <= TOLERANCE else " [red]![/]"
        table.add_row(run, figure, f"{measured:.0f}", f"{simulated:.0f}", f"{off:+.0%}{mark}")
    console.print(table)
    title = f"Google Cloud, all answers within {WITHIN_S:g} s, a listener a player; ms, and shares of limits"
    names = list(limits(Scene(1, WITHIN_S, 1, 1), CLOUD))
    table = Table("players", "shards", "API instances", "POST p99", "seen p50", "seen p99", *names, title=title)
    for players in CROWDS:
        scene = Scene(players, WITHIN_S, shards_for(players), players)
        scene = replace(scene, instances=instances_for(scene, CLOUD))
        latencies_ms = simulate(scene, CLOUD)
        post, seen = shares(latencies_ms.post), shares(latencies_ms.seen)
        latencies = (f"{ms:.0f}" for ms in (post["p99"], seen["p50"], seen["p99"]))
        near = (f"{share:.0%}" for share in limits(scene, CLOUD).values())
        table.add_row(f"{players:,}", str(scene.shards), str(scene.instances), *latencies, *near)
    console.print(table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
