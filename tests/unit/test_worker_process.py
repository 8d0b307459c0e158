"""The worker's own process, on streaming as in production, between twins of Pub/Sub and Firestore."""

import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstack import ports
from devstack.processes import Child, wait_until
from quizcore.adapters.channels import publisher_client
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.messages import PlayerJoined
from quizcore.telemetry import Telemetry
from tests.support.cloud_twin import CloudTwin
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.store_twin import StoreTwin

ROOT = Path(__file__).parents[2]
PROJECT = "demo-x"
START_S = 180.0
ENDS_S = 45.0  # sooner than the commit that hangs
Start = Callable[..., "Worker"]


class Worker:
    def __init__(self, folder: Path, **env: str) -> None:
        self.port = ports.choose(8_190, set())
        how = {"GOOGLE_CLOUD_PROJECT": PROJECT, "WORDRUSH_SOURCE": "streaming", "WORDRUSH_HEALTH_PORT": str(self.port)}
        log = folder / "worker.log"
        self.child = Child("worker", [sys.executable, "-m", "workers"], {**how, **env}, ROOT, log)
        wait_until(lambda: bool(self.health()), self.child, START_S)

    def health(self) -> tuple[int, dict[str, float | None]] | None:
        """The status and body of the health page; None before the page is served."""
        try:
            with urllib.request.urlopen(f"http://{ports.HOST}:{self.port}/health", timeout=PATIENCE_S) as page:
                return int(page.status), json.load(page)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except OSError:
            return None


@pytest.fixture(name="bus")
def _bus() -> Iterator[CloudTwin]:
    with CloudTwin() as twin:
        yield twin


@pytest.fixture(name="store")
def _store() -> Iterator[StoreTwin]:
    with StoreTwin() as twin:
        yield twin


@pytest.fixture(name="start")
def _start(tmp_path: Path, bus: CloudTwin, store: StoreTwin) -> Iterator[Start]:
    started: list[Worker] = []

    def start(**env: str) -> Worker:
        there = {"FIRESTORE_EMULATOR_HOST": store.address, "PUBSUB_EMULATOR_HOST": bus.address}
        started.append(Worker(tmp_path, **{**there, "WORDRUSH_SUBSCRIPTION": "session-events-reader", **env}))
        return started[-1]

    yield start
    for worker in started:
        worker.child.stop()


def test_the_health_page_fails_when_the_bus_is_silent(bus: CloudTwin, start: Start) -> None:
    worker = start(WORDRUSH_BUS_SILENCE_S="60")
    found = worker.health()
    assert found is not None
    assert found[0] == 200
    worker.child.stop()

    deaf = start(PUBSUB_EMULATOR_HOST=f"{ports.HOST}:1", WORDRUSH_BUS_SILENCE_S="1")

    def red() -> dict[str, float | None] | None:
        found = deaf.health()
        return found[1] if found is not None and found[0] == 503 else None

    told = eventually(red, "the page turns red")
    assert (told["bus_silent_s"] or 0) >= 1
    assert (told["loop_stalled_s"] or 0) < 30


def test_a_missing_subscription_ends_the_process_with_its_code(bus: CloudTwin, start: Start) -> None:
    worker = start()
    eventually(lambda: bus.streams == 2, "the streams stand")
    assert worker.child.exit_code() is None

    bus.missing.add(f"projects/{PROJECT}/subscriptions/session-events-reader")
    with bus.change():
        bus.cut = True
    assert worker.child.wait(START_S) == 1


def test_a_stopped_worker_ends_in_time_when_nothing_responds(bus: CloudTwin, store: StoreTwin, start: Start) -> None:
    worker = start(WORDRUSH_DRAIN_S="2", WORDRUSH_COMMIT_TIMEOUT_S="60")
    eventually(lambda: bus.streams == 2, "the streams stand")
    store.silent = True
    client = publisher_client(bus.address)
    topic = client.topic_path(PROJECT, "session-events")
    calls = store.calls.count("BatchGetDocuments")
    message = PlayerJoined(event_id="e1", session_id="s", shard=0, at=1, player_id="p", nickname="n", avatar="fox")
    PubSubPublisher(client, topic, f"{topic}-dead", 5.0, Telemetry()).publish([message])
    eventually(lambda: store.calls.count("BatchGetDocuments") > calls, "the worker waits for the store")
    with bus.change():
        bus.silent = True

    worker.child.send(signal.SIGTERM)

    assert worker.child.wait(ENDS_S) == 0
