"""The turns of work, in simulated time (s)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.simulation.loop import SimulatedLoop
from workers.pacer import Pacer

INTERVAL_S, IDLE_S, PAUSE_S = 2.0, 15.0, 4.0


class Work:
    """Notes when it has its turns, and when it ends. `asks_at`: the moment at which time alone asks for a turn."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self.loop = loop
        self.turns: list[float] = []
        self.ended_at: float | None = None
        self.asks_at: float | None = None
        self.fails = False
        self.pacer = Pacer(lambda: INTERVAL_S, self._clock_wait_s, IDLE_S, PAUSE_S)

    async def run(self) -> None:
        while await self.pacer.next_turn():
            self.turns.append(self.loop.time())
            if self.asks_at is not None and self.asks_at <= self.loop.time():
                self.asks_at = None
            if self.fails:
                await self.pacer.pause()
        self.ended_at = self.loop.time()

    def _clock_wait_s(self) -> float | None:
        return None if self.asks_at is None else self.asks_at - self.loop.time()


@pytest.fixture
def work() -> Iterator[Work]:
    with closing(SimulatedLoop()) as loop:  # type: ignore[abstract] # what the pacer uses of one is there
        yield Work(loop)


def play(work: Work, *happens: tuple[float, Callable[[], object]]) -> None:
    work.loop.create_task(work.run())
    for at, what in happens:
        work.loop.call_at(at, what)
    work.loop.run(lambda: work.ended_at is not None, 1_000)
    assert not work.loop.faults


def test_the_first_turn_is_immediate_and_idle_work_ends(work: Work) -> None:
    play(work)
    assert (work.turns, work.ended_at) == ([0.0], IDLE_S)


def test_pending_work_waits_for_the_interval_since_the_last_turn(work: Work) -> None:
    play(work, (0.5, work.pacer.note), (1.0, work.pacer.note), (7.0, work.pacer.note))
    assert work.turns == [0.0, INTERVAL_S, 7.0]


def test_a_backlog_waits_for_no_interval(work: Work) -> None:
    play(work, (0.5, lambda: work.pacer.note(hurried=True)), (0.75, work.pacer.hurry))
    assert work.turns == [0.0, 0.5, 0.75]


def test_a_due_clock_causes_a_turn_and_keeps_the_work_alive(work: Work) -> None:
    work.asks_at = 100.0
    play(work)
    assert (work.turns, work.ended_at) == ([0.0, 100.0], 100.0 + IDLE_S)


@pytest.mark.parametrize(("pending", "turns"), [(True, [0.0, 1.0]), (False, [0.0])])
def test_a_drain_gives_pending_work_a_last_turn_and_then_ends(work: Work, pending: bool, turns: list[float]) -> None:
    work.asks_at = 100.0
    happens = [(0.5, work.pacer.note)] if pending else []
    play(work, *happens, (1.0, work.pacer.drain))
    assert (work.turns, work.ended_at) == (turns, 1.0)


def test_a_failed_turn_is_followed_by_a_pause_except_in_a_drain(work: Work) -> None:
    work.fails = True
    play(work, (1.0, lambda: work.pacer.note(hurried=True)), (5.0, work.pacer.note), (5.5, work.pacer.drain))
    assert work.turns == [0.0, PAUSE_S, 2 * PAUSE_S]
    assert work.ended_at == 2 * PAUSE_S


@pytest.mark.parametrize("woken", [False, True])
def test_a_waiter_can_be_cancelled_at_the_moment_of_a_wake_up(work: Work, woken: bool) -> None:
    """Until Python 3.12 `asyncio.wait_for` swallows a cancellation that meets a wake-up: a drain hung."""
    task = work.loop.create_task(work.run())
    if woken:
        work.loop.call_at(1.0, work.pacer.note)
    work.loop.call_at(1.0, task.cancel)
    work.loop.run(task.done, 10.0)
    assert task.cancelled()
    with pytest.raises(asyncio.CancelledError):
        task.result()


def test_work_that_is_drained_before_its_start_has_no_turn(work: Work) -> None:
    assert (work.pacer.pending, work.pacer.draining) == (False, False)
    work.pacer.drain()
    play(work)
    assert (work.turns, work.ended_at) == ([], 0.0)


def test_other_work_does_not_slow_down_hurried_work(work: Work) -> None:
    def both() -> None:
        work.pacer.note(hurried=True)
        work.pacer.note()

    play(work, (0.5, both))
    assert work.turns == [0.0, 0.5]


def test_cleared_work_is_not_pending(work: Work) -> None:
    def cleared() -> None:
        work.pacer.note()
        work.pacer.clear()
        assert work.pacer.pending is False
        work.pacer.drain()

    play(work, (0.5, cleared))
    assert (work.turns, work.ended_at) == ([0.0], 0.5)
