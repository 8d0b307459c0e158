"""A worker ends within its setting after SIGTERM, even when services do not respond."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.pubsub_v1.types import PubsubMessage, PullResponse, ReceivedMessage, StreamingPullResponse

from quizcore.adapters.memory import ManualClock, MemoryStore, SequentialIds
from quizcore.adapters.sources import StreamingSource, UnarySource
from quizcore.messages import Message
from quizcore.telemetry import Telemetry
from tests.simulation.loop import SimulatedLoop
from tests.support.world import worker_settings
from workers.wiring import Outside, build_engine

TOLD_AT_S = 20.0
FOR_EVER_S = 10_000.0


class HangingClient:
    """Delivers an unreadable message and another one; then no call ends, not even when cancelled."""

    def __init__(self) -> None:
        self.transport = self
        self.grpc_channel = self
        self.asked: list[tuple[str, float]] = []  # calls, and the time they were given (s)
        self._given = 0

    def get_state(self) -> str:
        return "READY"

    async def streaming_pull(self, **request: Any) -> AsyncIterator[StreamingPullResponse]:
        return self._responses()

    async def _responses(self) -> AsyncIterator[StreamingPullResponse]:
        for _ in range(2):
            yield StreamingPullResponse(received_messages=self._two())
            await asyncio.sleep(1)
        await asyncio.sleep(FOR_EVER_S)

    async def pull(self, **request: Any) -> PullResponse:
        await asyncio.sleep(1 if self._given < 8 else FOR_EVER_S)
        return PullResponse(received_messages=self._two())

    async def acknowledge(self, **request: Any) -> None:
        await self._hang("acknowledge", request["timeout"])

    async def modify_ack_deadline(self, **request: Any) -> None:
        await self._hang("modify_ack_deadline", request["timeout"])

    async def close(self) -> None:
        return None

    async def _hang(self, call: str, timeout_s: float) -> None:
        self.asked.append((call, timeout_s))
        await asyncio.sleep(timeout_s)
        raise DeadlineExceeded(call)

    def _two(self) -> list[ReceivedMessage]:
        self._given += 2
        return [
            ReceivedMessage(ack_id=f"a{self._given + n}", message=PubsubMessage(data=b"unreadable")) for n in range(2)
        ]


class HangingPublisher:
    """Its calls never return."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def publish(self, messages: Sequence[Message]) -> None:
        self._loop.wait_in_thread(self._loop.create_future())

    def dead_letter(self, body: bytes, reason: str) -> None:
        self._loop.wait_in_thread(self._loop.create_future())


@pytest.mark.parametrize("kind", [StreamingSource, UnarySource])
@pytest.mark.parametrize("drain_s", [1.0, 8.0, 9.0])
def test_when_nothing_responds_the_worker_ends_in_time_after_trying_to_nack(
    kind: type[StreamingSource] | type[UnarySource], drain_s: float
) -> None:
    loop = SimulatedLoop()  # type: ignore[abstract] # what the worker uses of one is there
    client, stop = HangingClient(), asyncio.Event()

    async def work() -> float:
        source = kind(client, "projects/p/subscriptions/s")
        outside = Outside(source, MemoryStore(), HangingPublisher(loop), ManualClock(), SequentialIds())
        engine = build_engine(outside, worker_settings(drain_s=drain_s), Telemetry())
        loop.call_later(TOLD_AT_S, stop.set)
        await engine.run(stop)
        return loop.time() - TOLD_AT_S

    task = loop.create_task(work())
    assert loop.run(task.done, TOLD_AT_S + FOR_EVER_S)
    took_s = task.result()
    loop.close()

    assert 0 < took_s <= drain_s
    given_back = [seconds for call, seconds in client.asked if call == "modify_ack_deadline"][-1]
    assert 0 < given_back <= drain_s / 4, "what nobody received"


def test_a_process_does_not_wait_for_a_blocked_thread() -> None:
    left = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from workers.ending import leave
pool = ThreadPoolExecutor()
pool.submit(threading.Event().wait)
pool.shutdown(wait=False, cancel_futures=True)
sys.exit(leave(7, 1.0))
"""
    ended = subprocess.run([sys.executable, "-c", left], timeout=60, check=False)

    assert ended.returncode == 7


def test_a_process_whose_threads_are_done_ends_by_itself() -> None:
    left = """
import atexit, sys
from concurrent.futures import ThreadPoolExecutor
from workers.ending import leave
atexit.register(print, "by itself")
pool = ThreadPoolExecutor()
pool.submit(int).result()
pool.shutdown(wait=False, cancel_futures=True)
sys.exit(leave(7, 100.0))
"""
    ended = subprocess.run([sys.executable, "-c", left], timeout=60, check=False, capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (7, "by itself\n")
