"""What is counted, and how the log is written.

`Metric` is the closed list: a name that is not in it is a type error, and the list is what an
operator finds explained in `docs/operations.md`.
"""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Literal, get_args

import structlog

from quizcore.ledger import Ledger, Unit

Metric = Literal[
    "door_accepted",  # answers, joins and commands that the bus has taken
    "door_refused",  # requests answered with a problem
    "messages_received",  # deliveries from the bus, repeats included
    "messages_acknowledged",  # after the commit that holds them
    "messages_poisoned",  # unreadable, stored on session-events-dead
    "commits_made",  # commits that changed a shard
    "commits_lost",  # another writer was first: loaded and folded again
    "commits_unsure",  # no answer from the store: the board was read to find out
    "merges_made",  # public boards written from the boards of many shards
    "merges_lost",  # another worker merged first: read and merged again
    "flushes_given_up",  # bounded retries used up, or a fault; held, and tried again
    "sessions_resharded",  # sessions that were given more shards while they ran
    "clock_actions",  # questions opened, sessions finished or settled without the host
    "states_loaded",  # shard states rebuilt from documents
    "documents_written",
    "documents_read",
    "documents_deleted",
    "clock_ahead_ms",  # the machine's clock against the store's, which decides; a gauge
]

_DOCUMENTS: dict[Unit, Metric] = {
    "reads": "documents_read",
    "writes": "documents_written",
    "deletes": "documents_deleted",
}
METRICS: tuple[Metric, ...] = get_args(Metric)


class Telemetry:
    """Counts since the process began; safe from several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._gauges: dict[Metric, Callable[[], int]] = {}
        self._lock = threading.Lock()
        self.ledger = Ledger()

    def add(self, metric: Metric, amount: int = 1) -> None:
        with self._lock:
            self._counts[metric] += amount

    def gauge(self, metric: Metric, read: Callable[[], int]) -> None:
        """From now on the metric is whatever `read` gives."""
        self._gauges[metric] = read

    def spend(self, unit: Unit, amount: int) -> None:
        """In the ledger, and among the metrics where there is one for it."""
        self.ledger.spend(unit, amount)
        if unit in _DOCUMENTS:
            self.add(_DOCUMENTS[unit], amount)

    def snapshot(self) -> dict[str, int]:
        gauges = {metric: read() for metric, read in self._gauges.items()}
        return {metric: gauges.get(metric, self._counts[metric]) for metric in METRICS}


def configure_logging(level: str = "INFO") -> None:
    """One JSON object a line on stderr, with the field names that Cloud Logging reads.

    Never log a nickname, a token or an answer; ids are enough to find them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _severity,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _severity(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["severity"] = str(event.pop("level", "info")).upper()
    return event
