"""Firestore's responses contain its time, on which the clocks of the API and of the worker are based."""

from collections.abc import Callable
from itertools import count

from devstack.stack import Stack
from quizcore.adapters.channels import FirestoreClient
from quizcore.adapters.clock import SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.ports import Put
from quizcore.telemetry import Telemetry

_numbers = count(1)
COARSE_MS = 1  # both sides round


def test_every_response_has_a_time_between_request_and_response(stack: Stack) -> None:
    heard: list[int] = []
    store = FirestoreStore(
        FirestoreClient(project=stack.project), Telemetry(), heard=lambda at_ms, _: heard.append(at_ms)
    )
    root, machine = f"time-{next(_numbers)}", SystemClock()
    asks: dict[str, Callable[[], object]] = {
        "commit": lambda: store.commit([Put(f"{root}/a", {"n": 1})]),
        "get": lambda: store.get(f"{root}/a"),
        "get of what is not there": lambda: store.get(f"{root}/b"),
        "list": lambda: store.list(root),
        "at one moment": lambda: store.at_one_moment(lambda reader: reader.get_many([f"{root}/a"])),
    }
    for what, ask in asks.items():
        heard.clear()
        before = machine.now_ms()
        ask()
        after = machine.now_ms()

        assert heard, what
        assert before - COARSE_MS <= heard[-1] <= after + COARSE_MS, (what, heard[-1] - before, after - before)
