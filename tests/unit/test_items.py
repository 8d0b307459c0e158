"""What a runner holds while it cannot commit."""

from quizcore.messages import PlayerJoined
from quizcore.ports import Delivery
from tests.unit.test_pieces import MESSAGE
from workers.items import DELIVERIES_KEPT, Item, deliveries_of, without_repeats


def came(message: PlayerJoined, *ack_ids: str) -> Item:
    return Item(tuple(Delivery(b"", ack_id) for ack_id in ack_ids), message)


def test_a_message_that_comes_again_keeps_its_place_and_every_delivery_is_acknowledged() -> None:
    later = MESSAGE.model_copy(update={"event_id": "e2"})

    held = without_repeats([came(MESSAGE, "a"), came(later, "b"), came(MESSAGE, "c")])

    assert [item.message for item in held] == [MESSAGE, later]
    assert [delivery.ack_id for delivery in deliveries_of(held)] == ["a", "c", "b"]


def test_of_a_message_that_comes_for_hours_only_the_last_deliveries_are_kept() -> None:
    held = without_repeats(came(MESSAGE, str(number)) for number in range(100))

    assert [d.ack_id for d in deliveries_of(held)] == [str(n) for n in range(100 - DELIVERIES_KEPT, 100)]
