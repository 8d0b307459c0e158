"""The deliveries of a runner that cannot commit, and the ends of a delivery."""

import asyncio
from collections.abc import Sequence

import pytest

from quizcore.adapters.memory import MemoryBus, MemorySource
from quizcore.messages import PlayerJoined
from quizcore.ports import BusUnavailable, Delivery
from quizcore.telemetry import Telemetry
from tests.unit.test_pieces import MESSAGE
from workers.deliveries import DELIVERIES_KEPT, Deliveries, Item, deliveries_of, without_repeats


def came(message: PlayerJoined, *ack_ids: str) -> Item:
    return Item(tuple(Delivery(b"", ack_id) for ack_id in ack_ids), message)


def test_a_redelivered_message_keeps_its_position_and_every_delivery_is_acknowledged() -> None:
    later = MESSAGE.model_copy(update={"event_id": "e2"})

    held = without_repeats([came(MESSAGE, "a"), came(later, "b"), came(MESSAGE, "c")])

    assert [item.message for item in held] == [MESSAGE, later]
    assert [delivery.ack_id for delivery in deliveries_of(held)] == ["a", "c", "b"]


def test_only_the_last_deliveries_of_an_often_redelivered_message_are_kept() -> None:
    held = without_repeats(came(MESSAGE, str(number)) for number in range(100))

    assert [d.ack_id for d in deliveries_of(held)] == [str(n) for n in range(100 - DELIVERIES_KEPT, 100)]


def deliveries_on(bus: MemoryBus) -> tuple[MemorySource, Deliveries, Telemetry]:
    source, telemetry = MemorySource(bus), Telemetry()
    return source, Deliveries(source, bus, telemetry), telemetry


@pytest.mark.parametrize("up", [True, False])
def test_a_message_that_cannot_be_counted_is_acknowledged_once_the_dead_letter_topic_has_it(
    up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = MemoryBus()
    source, deliveries, telemetry = deliveries_on(bus)
    bus.put(b"{")

    def refuse(_bus: MemoryBus, _body: bytes, _reason: str) -> None:
        raise BusUnavailable("the in-memory bus is down")

    if not up:
        monkeypatch.setattr(MemoryBus, "dead_letter", refuse)

    async def dead_letter_all() -> int:
        return await deliveries.dead_letter(await source.receive(), "no JSON")

    assert asyncio.run(dead_letter_all()) == int(up)
    asyncio.run(source.stop(0))
    assert list(bus.waiting) == ([] if up else [(b"{", {})])
    assert bus.dead_letters == ([(b"{", "no JSON")] if up else [])
    assert telemetry.snapshot().get("messages_poisoned", 0) == int(up)


def test_each_dead_letter_is_acknowledged_or_nacked_separately(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = MemoryBus()
    source, deliveries, telemetry = deliveries_on(bus)
    for body in (b"1", b"2", b"3"):
        bus.put(body)
    dead_letter = MemoryBus.dead_letter

    def refuse_one(to: MemoryBus, body: bytes, reason: str) -> None:
        if body == b"2":
            raise BusUnavailable("away")
        dead_letter(to, body, reason)

    monkeypatch.setattr(MemoryBus, "dead_letter", refuse_one)

    async def dead_letter_all() -> int:
        return await deliveries.dead_letter(await source.receive(), "no JSON")

    assert asyncio.run(dead_letter_all()) == 2
    assert bus.dead_letters == [(b"1", "no JSON"), (b"3", "no JSON")]
    assert list(bus.waiting) == [(b"2", {})]
    assert telemetry.snapshot()["messages_poisoned"] == 2
    assert not source._out


class Told(MemorySource):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(MemoryBus())
        self.asked: list[tuple[str, list[str]]] = []

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        self.asked.append(("ack", [delivery.ack_id for delivery in deliveries]))

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        self.asked.append(("nack", [delivery.ack_id for delivery in deliveries]))


def test_the_source_is_called_once_for_all_deliveries_and_never_for_none() -> None:
    source, telemetry = Told(), Telemetry()
    ends = Deliveries(source, MemoryBus(), telemetry)
    two = [Delivery(b"", "a"), Delivery(b"", "b")]

    async def end() -> None:
        await ends.ack([])
        await ends.nack([])
        await ends.ack(two)
        await ends.nack(two)

    asyncio.run(end())
    assert source.asked == [("ack", ["a", "b"]), ("nack", ["a", "b"])]
    assert telemetry.snapshot()["messages_acknowledged"] == 2
