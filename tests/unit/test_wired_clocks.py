"""The wired API and worker use the store's time and not their machine's."""

import asyncio
import time
from collections.abc import Iterator

import firebase_admin
import pytest

from http_api import wiring as api
from quizcore.adapters.clock import SystemClock
from quizcore.ports import Clock, DocumentStore
from quizcore.settings import ApiSettings, WorkerSettings, load
from quizcore.telemetry import Telemetry
from tests.support.store_twin import StoreTwin
from workers import wiring as worker

HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _wrong_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store with the right time, and a machine that is an hour ahead."""
    with StoreTwin() as twin:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", twin.address)
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", twin.address)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-clocks")
        monkeypatch.setattr(SystemClock, "now_ms", lambda _: true_ms() + HOUR_MS)
        yield


def true_ms() -> int:
    return time.time_ns() // 1_000_000


def goes_by_the_store(clock: Clock, store: DocumentStore) -> None:
    before_ms = clock.now_ms() - true_ms()
    assert before_ms > HOUR_MS // 2, "before the store has been heard there is only the machine's clock"

    store.get("any/thing")

    assert abs(clock.now_ms() - true_ms()) < HOUR_MS // 2


def test_the_api_s_clock_is_the_store_s() -> None:
    context = api.connect(load(ApiSettings))
    try:
        goes_by_the_store(context.clock, context.store)
    finally:
        firebase_admin.delete_app(firebase_admin.get_app())


def test_the_worker_s_clock_is_the_store_s_and_the_difference_is_a_metric() -> None:
    async def connected() -> None:
        telemetry = Telemetry()
        outside = worker.connect(load(WorkerSettings), telemetry)
        goes_by_the_store(outside.clock, outside.store)
        assert telemetry.snapshot()["clock_ahead_ms"] > HOUR_MS // 2

    asyncio.run(connected())
