"""How the scorer's throughput grows with the number of worker processes, over the bus; and how fast they hand over."""

import json
import signal
import time
import urllib.request
from typing import Any

from bench.props import PLAYERS, QUESTIONS, Game, answers, count_wrong, set_up
from bench.scorer import PUBLISH_AT_ONCE, Published
from devstack import ports
from devstack.processes import Child
from devstack.stack import Stack

SHARDS = 8
POLL_S = 0.05
LIMIT_S = 300.0
SHARE = 4  # of the answers of a whole game


def over_bus(stack: Stack, workers: int, name: str) -> tuple[float, int]:
    """Answers/s of so many processes, and how many answers are wrong."""
    game = set_up(stack, SHARDS)
    published = Published(stack, name)
    settings: Any = {
        "WORDRUSH_TOPIC": published.topic,
        "WORDRUSH_SUBSCRIPTION": published.reader,
        "WORDRUSH_SOURCE": "streaming",
        "WORDRUSH_SHARD_PLAYERS_MOST": str(10 * PLAYERS),
    }
    before = set(stack.workers)
    children = [stack.start_worker(**settings) for _ in range(workers)]
    mine = [port for port in stack.workers if port not in before]
    published.publish(game.opening)
    _acknowledged(mine, len(game.opening))
    todo = answers(game)[: PLAYERS * QUESTIONS // SHARE]
    began = time.monotonic()
    published.publish(todo)
    _acknowledged(mine, len(game.opening) + len(todo))
    took = time.monotonic() - began
    _stop(children)
    return len(todo) / took, count_wrong(game, todo)


def hand_over(stack: Stack, number: signal.Signals, name: str) -> tuple[float, int]:
    """Seconds from the signal to one of two workers until the other has counted what was under way to it."""
    game = set_up(stack, SHARDS)
    published = Published(stack, name)
    settings: Any = {
        "WORDRUSH_TOPIC": published.topic,
        "WORDRUSH_SUBSCRIPTION": published.reader,
        "WORDRUSH_SOURCE": "unary",
        "WORDRUSH_SHARD_PLAYERS_MOST": str(10 * PLAYERS),
    }
    before = set(stack.workers)
    leaving, staying = (stack.start_worker(**settings) for _ in range(2))
    ports_ = [port for port in stack.workers if port not in before]
    published.publish(game.opening)
    _acknowledged(ports_, len(game.opening))
    todo = answers(game)[: 8 * PUBLISH_AT_ONCE]
    published.publish(todo[: len(todo) // 2])
    leaving.send(number)
    began = time.monotonic()
    published.publish(todo[len(todo) // 2 :])
    _counted(game, len(todo))
    took = time.monotonic() - began
    _stop([leaving, staying])
    return took, count_wrong(game, todo)


def _counted(game: Game, wanted: int) -> None:
    """By the documents: whoever is gone tells nothing any more."""
    deadline = time.monotonic() + LIMIT_S
    while _stored(game) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError("the answers were not counted")
        time.sleep(POLL_S)


def _stored(game: Game) -> int:
    found = game.store.list(f"sessions/{game.session_id}/players")
    return sum(len(player.data["answers"]) for player in found)


def _acknowledged(health_ports: list[int], wanted: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while sum(_metric(port) for port in health_ports) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError("the workers did not acknowledge what was published")
        time.sleep(POLL_S)


def _metric(port: int) -> int:
    with urllib.request.urlopen(f"http://{ports.HOST}:{port}/metrics") as page:
        return int(json.load(page)["messages_acknowledged"])


def _stop(children: list[Child]) -> None:
    for child in children:
        if child.exit_code() is None:
            child.stop()
