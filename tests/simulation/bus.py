"""Pub/Sub as the worker sees it: at least once, in order within a key, and a redelivery includes the later messages of
its key.

After cloud.google.com/pubsub/docs/ordering: a redelivered message is followed by all later messages of its key, also by
acknowledged ones. `wild` breaks the order, which the product promises to survive but Pub/Sub never does.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quizcore.messages import Message, attributes, encode
from quizcore.ports import Delivery
from tests.simulation.faults import Faults
from tests.simulation.loop import NOBODY, SimulatedLoop

if TYPE_CHECKING:
    from tests.simulation.source import RemoteSource

LEASE_S = 10.0
BATCH_MOST = 20


@dataclass(slots=True)
class Key:
    """One ordering key. Numbers are places in `log`."""

    log: list[Message] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    out: dict[str, int] = field(default_factory=dict)  # by ack id
    owner: "RemoteSource | None" = None


class SimulatedBus:
    def __init__(
        self,
        loop: SimulatedLoop,
        rng: random.Random,
        faults: Faults,
        tell: Callable[[str], None],
        *,
        wild: bool,
        affine: bool,
    ) -> None:
        self.taken: list[Message] = []
        self.dead_letters: list[tuple[bytes, str]] = []
        self._keys: defaultdict[str, Key] = defaultdict(Key)
        self._sources: list[RemoteSource] = []
        self._leases: dict[str, tuple[str, float]] = {}  # ack id -> key, until when (s)
        self._loop = loop
        self._rng = rng
        self._faults = faults
        self._tell = tell
        self._wild = wild
        self._affine = affine  # as StreamingPull: several batches of a key in flight to their owner

    @property
    def empty(self) -> bool:
        return not any(key.waiting or key.out for key in self._keys.values())

    def attach(self, source: "RemoteSource") -> None:
        self._sources.append(source)
        for name in list(self._keys):
            self._soon(name)

    def detach(self, source: "RemoteSource") -> None:
        """The stream has ended: its messages are redelivered, to any subscriber."""
        if source not in self._sources:
            return
        self._sources.remove(source)
        for name, key in self._keys.items():
            if key.owner is source:
                self._back(name, min(key.out.values(), default=None))

    def take(self, message: Message) -> None:
        self.taken.append(message)
        self._tell(
            f"the bus takes {message.ordering_key}#{len(self._keys[message.ordering_key].log)}: {_told(message)}"
        )
        key = self._keys[message.ordering_key]
        key.waiting.append(len(key.log))
        key.log.append(message)
        self._soon(message.ordering_key)

    def settle(self, deliveries: Sequence[Delivery], *, acked: bool) -> list[str]:
        """Acknowledge or nack; messages whose lease has ended are ignored."""
        names = []
        for delivery in deliveries:
            name, _ = self._leases.pop(delivery.ack_id, (None, 0.0))
            if name is None:
                continue
            key = self._keys[name]
            place = key.out.pop(delivery.ack_id)
            if not acked or self._faults.strikes("delivered_again"):
                self._back(name, place)
            names.append(name)
        for name in names:
            self._soon(name)
        return names

    def extend(self, ack_ids: Sequence[str]) -> None:
        for ack_id in ack_ids:
            if ack_id in self._leases:
                self._leases[ack_id] = (self._leases[ack_id][0], self._loop.time() + LEASE_S)

    def _soon(self, name: str) -> None:
        self._loop.call_later(self._rng.expovariate(1 / 0.01), self._deliver, name, context=NOBODY)

    def _deliver(self, name: str) -> None:
        key = self._keys[name]
        if not key.waiting or not self._sources or (key.out and not self._affine and not self._wild):
            return
        if key.owner is None or not key.out or self._wild:
            key.owner = (
                self._rng.choice(self._sources) if key.owner not in self._sources or not self._affine else key.owner
            )
        if self._wild:
            self._rng.shuffle(key.waiting)
        size = self._rng.randint(1, BATCH_MOST)
        places, key.waiting = key.waiting[:size], key.waiting[size:]
        batch = []
        for place in places:
            message = key.log[place]
            ack_id = f"{name}#{place}#{self._rng.getrandbits(40):x}"
            key.out[ack_id] = place
            self._leases[ack_id] = (name, self._loop.time() + LEASE_S)
            self._loop.call_later(LEASE_S + 0.1, self._check_lease, ack_id, context=NOBODY)
            batch.append(Delivery(encode(message), ack_id, attributes(message)))
        assert key.owner is not None
        self._tell(f"{key.owner.name} is sent {name}#{', #'.join(map(str, places))}")
        key.owner.deliver(batch)
        if key.waiting:
            self._soon(name)

    def _check_lease(self, ack_id: str) -> None:
        name, until = self._leases.get(ack_id, (None, 0.0))
        if name is None:
            return
        if until > self._loop.time():
            self._loop.call_later(until - self._loop.time() + 0.1, self._check_lease, ack_id, context=NOBODY)
        else:
            self._back(name, self._keys[name].out.get(ack_id))

    def _back(self, name: str, place: int | None) -> None:
        """Redeliver all messages of the key from this one on. While earlier messages of the key are outstanding, their
        subscriber gets these too: Pub/Sub keeps a key at the subscriber that has messages of it outstanding
        (`docs/laws.md`, law 8)."""
        key = self._keys[name]
        if place is not None:
            again = {place, *(p for p in key.out.values() if p > place), *key.waiting}
            acked_too = self._rng.random() < 0.5
            later = range(place, len(key.log)) if acked_too else ()
            for ack_id in [a for a, p in key.out.items() if p >= place]:
                del key.out[ack_id], self._leases[ack_id]
            key.waiting = sorted({*again, *later})
        if not key.out:
            key.owner = None
        self._soon(name)


def _told(message: Message) -> str:
    said = message.model_dump(exclude={"v", "session_id", "shard"}, exclude_none=True)
    return " ".join(f"{name}={value}" for name, value in said.items())
