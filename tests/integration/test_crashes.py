"""Workers that die or are asked to leave under load: nothing lost, nothing counted twice."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from google.api_core.exceptions import DeadlineExceeded

from devstack import player as players
from devstack.player import Player
from devstack.stack import Stack
from tests.integration.conftest import StartWorker
from tests.integration.test_game import verify
from tests.support.bus import stack_publisher, stack_subscriber
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.games import SINGLE, quiz
from tests.support.live import Live, open_live

CROWD, FIRST = 60, 16
ARRIVAL_S = 0.03
PATIENT = replace(SINGLE, time_limit_ms=600_000)  # longer than a worker needs to come back


async def answer_all(live: Live, joined: list[Player], pause_s: float = 0.0) -> None:
    for number, player in enumerate(joined):
        await live.answer(player, 0, number % 2)
        await asyncio.sleep(pause_s)


async def assert_exact(live: Live) -> None:
    """Every accepted answer is counted once, and the board shows it."""
    await live.until(lambda: live.board()["tally"]["answered"] == len(live.accepted), "every answer counted")
    await live.close_question()
    expected = live.expected_scores()
    assert live.scores() == expected
    assert live.counted_receipts() == {receipt.event_id for *_, receipt in live.accepted}
    assert sum(score > 0 for score in expected.values()) == len(live.accepted) // 2
    code, said = await asyncio.to_thread(verify, live.stack, live.session_id)
    assert code == 0, said


@pytest.mark.parametrize("reveal", ["on_close", "on_answer"])
@pytest.mark.parametrize("point", ["before", "after"])
def test_a_worker_killed_around_its_commit_loses_and_doubles_nothing(
    stack: Stack, start_worker: StartWorker, point: str, reveal: str
) -> None:
    """`before`: between fold and commit. `after`: between commit and acknowledgement."""

    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, quiz(PATIENT), reveal=reveal)
            doomed = start_worker(("-m", "tests.support.doomed_worker", point), WORDRUSH_SOURCE="unary")
            joined = await live.join(10)
            await live.open_question(0)
            await answer_all(live, joined)
            code = await asyncio.to_thread(doomed.wait, PATIENCE_S)
            assert code == -signal.SIGKILL

            start_worker(WORDRUSH_SOURCE="unary")
            await assert_exact(live)

    asyncio.run(play())


@pytest.mark.parametrize("source", ["unary", "streaming"])
def test_a_worker_that_gets_sigterm_under_load_drains_and_hands_over(
    stack: Stack, start_worker: StartWorker, source: str
) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, quiz(PATIENT))
            leaving = start_worker(WORDRUSH_SOURCE=source)
            joined = await live.join(CROWD)
            await live.open_question(0)
            await answer_all(live, joined[:FIRST])
            await live.until(lambda: live.board()["tally"]["answered"] == FIRST, "under way")
            start_worker(WORDRUSH_SOURCE=source)
            crowd = asyncio.create_task(answer_all(live, joined[FIRST:], ARRIVAL_S))
            while len(live.accepted) < 2 * FIRST and not crowd.done():
                await asyncio.sleep(0.005)
            leaving.send(signal.SIGTERM)
            assert not crowd.done(), "it leaves while answers come in"
            assert await asyncio.to_thread(leaving.wait, PATIENCE_S) == 0
            await crowd
            await assert_exact(live)

    asyncio.run(play())


def test_poison_is_stored_with_its_reason_and_too_much_poison_stops_the_worker(
    stack: Stack, start_worker: StartWorker
) -> None:
    publisher, topic = stack_publisher(stack)

    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http)
            worker = start_worker(WORDRUSH_SOURCE="streaming", WORDRUSH_POISON_LIMIT="3")
            publisher.publish(topic=topic, messages=[{"data": b"{not ours"}])
            await live.join(2)
            assert worker.exit_code() is None, "a little poison stops nobody"
            for _ in range(3):
                publisher.publish(topic=topic, messages=[{"data": b"\xff\xfe"}])
            assert await asyncio.to_thread(worker.wait, PATIENCE_S) == 1

    asyncio.run(play())
    eventually(lambda: len(dead_letters(stack)) >= 4 or None, "four dead letters with a reason")


def test_a_worker_without_its_subscription_logs_it_and_ends(stack: Stack) -> None:
    child = stack.start(
        "worker", [sys.executable, "-m", "workers"], {"WORDRUSH_SUBSCRIPTION": "none", "WORDRUSH_HEALTH_PORT": "0"}
    )

    assert child.wait(PATIENCE_S) == 1
    assert "NotFound" in child.log.read_text()


def test_a_worker_with_bad_settings_lists_all_of_them_and_ends(stack: Stack) -> None:
    bad = {"WORDRUSH_TOP_K": "lots", "WORDRUSH_SOURCE": "kafka", "WORDRUSH_DRAIN_S": "99"}
    done = subprocess.run(
        [sys.executable, "-m", "workers"], env={**stack.env, **bad}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert all(name in done.stderr for name in bad)
    assert "Traceback" not in done.stderr


_seen: dict[str, str] = {}


def dead_letters(stack: Stack) -> dict[str, str]:
    """All dead letters so far: message id to reason."""
    subscriber = stack_subscriber(stack)
    name = f"projects/{stack.project}/subscriptions/session-events-dead-letters"
    try:
        found = subscriber.pull(subscription=name, max_messages=100, timeout=2, retry=None).received_messages
    except DeadlineExceeded:
        found = []
    _seen.update({m.message.message_id: m.message.attributes["reason"] for m in found})
    assert all(_seen.values())
    return _seen
