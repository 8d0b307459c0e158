"""The store's clock, as a process can know it: the API stamps answers and the worker reveals by this clock."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from quizcore.adapters.clock import HEARD_FOR_NS, NS_PER_MS, StoreClock
from tests.support.games import START


@dataclass(slots=True)
class World:
    """The true time (ms), which is the store's, and a machine whose clock is wrong by a number of ms."""

    passed_ms: int = 0
    machine_off_ms: int = 0

    @property
    def true_ms(self) -> int:
        return START + self.passed_ms

    def now_ms(self) -> int:
        return self.true_ms + self.machine_off_ms

    def monotonic_ns(self) -> int:
        return 7_654_321 + self.passed_ms * NS_PER_MS

    def answer(self, clock: StoreClock, took_ms: int) -> None:
        """The store responds at once; the response arrives later."""
        at = self.true_ms
        self.passed_ms += took_ms
        clock.heard(at, took_ms / 1_000)


def test_before_the_first_response_the_machine_s_clock_is_used() -> None:
    world = World(machine_off_ms=7)

    assert StoreClock(world.now_ms, world.monotonic_ns).now_ms() == START + 7


steps = st.lists(
    st.tuples(
        st.sampled_from(["answer", "pass", "set the machine's clock"]), st.integers(0, 60_000), st.integers(0, 2_000)
    ),
    max_size=40,
)


@given(steps)
def test_the_clock_is_never_ahead_and_behind_by_at_most_the_quickest_recent_response(
    steps: list[tuple[str, int, int]],
) -> None:
    world = World()
    clock = StoreClock(world.now_ms, world.monotonic_ns)
    answers: list[tuple[int, int]] = []  # the time of each response, and its duration

    for what, much, took_ms in steps:
        if what == "answer":
            world.answer(clock, took_ms)
            answers.append((world.passed_ms, took_ms))
        elif what == "pass":
            world.passed_ms += much
        else:
            world.machine_off_ms = much - 30_000
        if answers:
            newest, _ = answers[-1]
            recent = [took for at, took in answers if newest - at <= HEARD_FOR_NS // NS_PER_MS]
            behind_ms, most_ms = world.true_ms - clock.now_ms(), clock.behind_most_ms()
            assert 0 <= behind_ms <= min(recent)
            assert most_ms is not None
            assert behind_ms <= most_ms <= min(recent) + 1, "it knows how far it may be behind"


def test_the_quickest_response_of_the_previous_period_still_counts() -> None:
    world = World()
    clock = StoreClock(world.now_ms, world.monotonic_ns)
    world.answer(clock, took_ms=3)
    world.passed_ms += HEARD_FOR_NS // NS_PER_MS

    world.answer(clock, took_ms=900)

    assert world.true_ms - clock.now_ms() == 3
    assert clock.behind_most_ms() in {3, 4}


def test_before_the_first_response_the_lag_is_unknown() -> None:
    world = World()

    assert StoreClock(world.now_ms, world.monotonic_ns).behind_most_ms() is None


def test_the_clock_measures_how_far_the_machine_s_clock_is_ahead() -> None:
    world = World(machine_off_ms=3_000)
    clock = StoreClock(world.now_ms, world.monotonic_ns)

    world.answer(clock, took_ms=5)

    assert clock.machine_ahead_ms() == 3_005
