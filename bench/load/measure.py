"""Latencies, computed from the answers that were sent and the boards that listeners got. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
UNITS = ("writes", "reads", "deletes", "written_bytes", "messages", "message_bytes")

Heard = Sequence[Sequence[tuple[float, float, int, int]]]  # listener → (heard at, written at, answered, bytes)


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies in ms by step, then by share. `per_answer` and `ledger` have the workers' documents, messages and
    bytes."""

    asked: int
    accepted: int
    retried: int
    lost: int
    doubled: int
    verify: str
    boards: int
    board_bytes: float
    latencies: dict[str, dict[str, float]]
    values: dict[str, list[float]]
    per_answer: dict[str, float]
    ledger: dict[str, dict[str, int]]
    usage: dict[str, dict[str, float]]
    arrivals: list[tuple[float, int]]
    boards_at: list[tuple[float, int]]


def measure(
    sent: list[dict[str, Any]],
    heard: Heard,
    ledger: dict[str, dict[str, int]],
    usage: dict[str, dict[str, float]],
    lost: int,
    doubled: int,
    verify: str,
) -> Measured:
    accepted = [answer for answer in sent if answer["status"] == 202]
    received = sorted(answer["received_at"] for answer in accepted)
    boards = _boards(heard)
    values = {
        "POST": sorted(answer["done_at"] - answer["due_at"] for answer in accepted),
        "receipt → counted": _counted_after(received, boards),
        "counted → seen by a listener": sorted(_seen_after(heard)),
        "receipt → seen by a listener": sorted(_receipt_to_seen(received, heard)),
        "receipt → seen by all": _seen_by_all(received, heard),
    }
    total = Counter[str]()
    for units in ledger.values():
        total.update(units)
    began = min(answer["due_at"] for answer in sent)
    sizes = [size for boards_heard in heard for *_, size in boards_heard]
    return Measured(
        asked=len(sent),
        accepted=len(accepted),
        retried=sum(answer["tries"] > 1 for answer in sent),
        lost=lost,
        doubled=doubled,
        verify=verify,
        boards=len(boards),
        board_bytes=sum(sizes) / max(len(sizes), 1),
        latencies={step: shares(latencies) for step, latencies in values.items()},
        values=values,
        per_answer={unit: total[unit] / max(len(accepted), 1) for unit in UNITS},
        ledger=ledger,
        usage=usage,
        arrivals=_by_tenth([at - began for at in received]),
        boards_at=[(round(at - began), answered) for at, answered in boards if at >= began],
    )


def shares(values: Sequence[float]) -> dict[str, float]:
    """The percentiles `SHARES` of sorted values; NaN when there are none."""
    if not values:
        return dict.fromkeys(SHARES, float("nan"))
    return {name: round(values[min(len(values) - 1, int(share * len(values)))], 1) for name, share in SHARES.items()}


def _boards(heard: Heard) -> list[tuple[float, int]]:
    """Every board that a listener got: when the store wrote it, and how many answers it counts."""
    return sorted({(written_at, answered) for boards in heard for _, written_at, answered, _ in boards})


def _counted_after(received: Sequence[int], boards: Sequence[tuple[float, int]]) -> list[float]:
    """The k-th answer is counted by the first board that counts k."""
    counts = [answered for _, answered in boards]
    counted = ((at, bisect_left(counts, number)) for number, at in enumerate(received, 1))
    return sorted(boards[position][0] - at for at, position in counted if position < len(boards))


def _seen_after(heard: Heard) -> Iterable[float]:
    for boards in heard:
        yield from (
            heard_at - written_at for heard_at, written_at, *_ in boards[1:]
        )  # without the subscription's first


def _receipt_to_seen(received: Sequence[int], heard: Heard) -> Iterable[float]:
    for boards in heard:
        known = 0
        for heard_at, _, answered, _ in boards:
            yield from (heard_at - at for at in received[known:answered])
            known = max(known, answered)


def _seen_by_all(received: Sequence[int], heard: Heard) -> list[float]:
    """For each answer, the time until the last listener has got a board that counts it (ms)."""
    last = [0.0] * len(received)
    for boards in heard:
        known = 0
        for heard_at, _, answered, _ in boards:
            for number in range(known, min(answered, len(last))):
                last[number] = max(last[number], heard_at)
            known = max(known, answered)
    return sorted(seen - at for seen, at in zip(last, received, strict=True) if seen)


def _by_tenth(moments_ms: Sequence[float]) -> list[tuple[float, int]]:
    """For each tenth of a second: (seconds, number of moments until then)."""
    tenths = range(int(max(moments_ms, default=0) // 100) + 2)
    return [(tenth / 10, bisect_left(moments_ms, tenth * 100)) for tenth in tenths]
