"""The scorer's throughput over the bus by the number of worker processes, and the time in which one worker takes over
from another."""

import json
import signal
import time
import urllib.request
from functools import partial
from typing import Any

from bench.props import PLAYERS, QUESTIONS, BenchSession, answers, count_wrong, set_up
from bench.scorer import BenchTopic
from devstack import ports
from devstack.processes import Child
from devstack.stack import Stack
from quizcore.layout import Layout
from quizcore.ports import Snapshot

SHARDS = 8
POLL_S = 0.05
LIMIT_S = 300.0
SHARE = 4  # of the answers of a whole session
STREAMED, STREAM_EVERY_S = 600, 0.005


def over_bus(stack: Stack, workers: int, name: str) -> tuple[float, int]:
    """Answers/s of `workers` processes, and the number of answers that are lost or doubled."""
    session = set_up(stack, SHARDS)
    topic = BenchTopic(stack, name)
    before = set(stack.workers)
    children = [stack.start_worker(**_settings(topic, "streaming")) for _ in range(workers)]
    health_ports = [port for port in stack.workers if port not in before]
    topic.publish(session.setup)
    _acknowledged(health_ports, len(session.setup))
    todo = answers(session)[: PLAYERS * QUESTIONS // SHARE]
    began = time.monotonic()
    topic.publish(todo)
    _acknowledged(health_ports, len(session.setup) + len(todo))
    took = time.monotonic() - began
    _stop(children)
    return len(todo) / took, count_wrong(session, todo)


def longest_wait(stack: Stack, source: str, sent: signal.Signals | None, name: str) -> tuple[float, int]:
    """The longest time (s) that an answer of a steady stream waits to be counted, and the number of answers that are
    lost or doubled. With `sent`, one of two workers gets that signal in the middle of the stream."""
    session = set_up(stack, SHARDS)
    topic = BenchTopic(stack, name)
    before = set(stack.workers)
    leaving, staying = (stack.start_worker(**_settings(topic, source)) for _ in range(2))
    topic.publish(session.setup)
    _acknowledged([port for port in stack.workers if port not in before], len(session.setup))
    boards = _Boards(session)
    todo = answers(session)[-PLAYERS:][:STREAMED]  # answers to the last question, whose tally the boards have
    sent_at: list[list[float]] = [[] for _ in range(SHARDS)]
    for position, message in enumerate(todo):
        if position == STREAMED // 3 and sent is not None:
            leaving.send(sent)
        sent_at[message.shard].append(time.monotonic())
        topic.publish([message])
        time.sleep(STREAM_EVERY_S)
    waits = boards.waits(sent_at)
    _stop([leaving, staying])
    return max(waits), count_wrong(session, todo)


class _Boards:
    """For each shard, when its board first counted each number of answers."""

    def __init__(self, session: BenchSession) -> None:
        self._heard: list[list[tuple[float, int]]] = [[] for _ in range(SHARDS)]
        self._stops = []
        for shard, heard in enumerate(self._heard):
            path = Layout(session.session_id, SHARDS).fence(shard)
            self._stops.append(session.store.listen(path, partial(self._hear, heard)))

    @staticmethod
    def _hear(heard: list[tuple[float, int]], snapshot: Snapshot | None) -> None:
        if snapshot is not None and snapshot.data["tally"] is not None:
            heard.append((time.monotonic(), snapshot.data["tally"]["answered"]))

    def waits(self, sent_at: list[list[float]]) -> list[float]:
        deadline = time.monotonic() + LIMIT_S
        for heard, sent in zip(self._heard, sent_at, strict=True):
            while not heard or heard[-1][1] < len(sent):
                if time.monotonic() > deadline:
                    raise TimeoutError("not every answer was counted")
                time.sleep(POLL_S)
        for stop in self._stops:
            stop()
        return [
            next(at for at, answered in heard if answered >= number) - moment
            for heard, sent in zip(self._heard, sent_at, strict=True)
            for number, moment in enumerate(sent, 1)
        ]


def _settings(topic: BenchTopic, source: str) -> Any:
    return {
        "WORDRUSH_TOPIC": topic.topic,
        "WORDRUSH_SUBSCRIPTION": topic.reader,
        "WORDRUSH_SOURCE": source,
        "WORDRUSH_SHARD_PLAYERS_MOST": str(10 * PLAYERS),
    }


def _acknowledged(health_ports: list[int], wanted: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while sum(_metric(port) for port in health_ports) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError("the workers did not acknowledge all messages")
        time.sleep(POLL_S)


def _metric(port: int) -> int:
    with urllib.request.urlopen(f"http://{ports.HOST}:{port}/metrics") as page:
        return int(json.load(page)["messages_acknowledged"])


def _stop(children: list[Child]) -> None:
    for child in children:
        if child.exit_code() is None:
            child.stop()
