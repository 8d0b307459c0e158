"""The injected faults, determined by the seed alone."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Fault = Literal[
    "commit_lost",  # the request does not arrive, and nobody says so
    "commit_reply_lost",  # made, but the answer is UNAVAILABLE
    "commit_sent_twice",  # made, and the client's silent repetition is refused by the fence
    "read_failed",
    "request_late",  # in flight for longer than a lease
    "reply_late",
    "publish_refused",
    "publish_in_part",  # some messages of a request are taken, and the sender hears of none
    "publish_reply_lost",
    "publish_twice",
    "delivered_again",  # an acknowledged message and all after it
    "ack_lost",
    "stream_dropped",
    "process_paused",
    "process_killed",
    "process_stopped",  # SIGTERM
    "clock_jumped",
    "receiver_failed",  # of final sessions: it did not take one, or took it and its answer was lost
]
FAULTS: tuple[Fault, ...] = get_args(Fault)

# The chance of each at each opportunity, before the seed's own mixture.
RATES: dict[Fault, float] = {
    "commit_lost": 0.04,
    "commit_reply_lost": 0.06,
    "commit_sent_twice": 0.06,
    "read_failed": 0.02,
    "request_late": 0.02,
    "reply_late": 0.02,
    "publish_refused": 0.04,
    "publish_in_part": 0.04,
    "publish_reply_lost": 0.06,
    "publish_twice": 0.06,
    "delivered_again": 0.05,
    "ack_lost": 0.05,
    "stream_dropped": 0.03,
    "process_paused": 0.01,
    "process_killed": 0.01,
    "process_stopped": 0.004,
    "clock_jumped": 0.01,
    "receiver_failed": 0.2,
}
SEVERITIES = (0.0, 0.5, 1.0, 1.0, 2.0)
SHARES = (0.0, 1.0, 1.0, 8.0)


def mixture(rng: random.Random) -> dict[Fault, float]:
    """Each seed leaves some faults out and has much of others: more different histories than all in equal shares
    (A. Groce et al., "Swarm testing", 2012)."""
    severity = rng.choice(SEVERITIES)
    return {fault: min(0.5, rate * severity * rng.choice(SHARES)) for fault, rate in RATES.items()}


@dataclass(slots=True)
class Faults:
    """`keep` are the numbers of the faults that may happen, or None for all: how a history is made shorter."""

    rng: random.Random
    rates: Mapping[Fault, float]
    keep: frozenset[int] | None
    tell: Callable[[str], None]
    over: bool = False
    seen: int = 0
    struck: list[int] = field(default_factory=list)
    counts: Counter[Fault] = field(default_factory=Counter)

    def strikes(self, fault: Fault) -> bool:
        if self.over or self.rng.random() >= self.rates[fault]:
            return False
        number, self.seen = self.seen, self.seen + 1
        if self.keep is not None and number not in self.keep:
            return False
        self.struck.append(number)
        self.counts[fault] += 1
        self.tell(f"fault {number}: {fault}")
        return True
