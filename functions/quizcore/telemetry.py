"""Metrics, and the format of the log.

`Metric` is the closed list of names: another name is a type error. `docs/operations.md` explains each metric.
"""

import logging
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Literal, get_args

import structlog

from quizcore.ledger import Ledger, Unit

Metric = Literal[
    "api_accepted",  # published answers, joins and commands
    "api_refused",  # requests answered with a problem
    "pins_exhausted",  # openings refused because no PIN was free
    "messages_received",  # deliveries from the bus, repeats included
    "messages_acknowledged",  # after the commit that contains them
    "messages_poisoned",  # unreadable messages, sent to the dead-letter topic
    "commits_made",  # commits that changed a shard
    "commits_lost",  # another writer was first: the shard is loaded and folded again
    "commits_unsure",  # no response of the store: the board shows whether the commit was made
    "commits_in_parts",  # parts of commits that were too large for one request
    "merges_made",  # public boards written from the boards of many shards
    "groups_merged",  # summaries of groups of shards, of sessions that are merged in two levels
    "merges_lost",  # another worker merged first: the boards are read and merged again
    "flushes_given_up",  # bounded retries used up, or a fault; the messages stay in memory, and the worker tries again
    "sessions_resharded",  # sessions that were resharded
    "sessions_quarantined",  # sessions that stay overdue after every attempt; checked again after growing pauses
    "results_counted",  # results that were new to a person, or changed
    "counts_lost",  # another writer changed a person first: read and counted again
    "folds_made",
    "folds_lost",  # another worker folded first: read and folded again
    "sessions_completed",  # final sessions handed on, including changed versions and repetitions
    "clock_actions",  # questions opened or closed, sessions finished or made final by the worker
    "states_loaded",  # shard states rebuilt from documents
    "documents_written",
    "documents_read",
    "documents_deleted",
    "clock_ahead_ms",  # the machine's clock minus the store's clock; a gauge
]

_DOCUMENTS: dict[Unit, Metric] = {
    "reads": "documents_read",
    "writes": "documents_written",
    "deletes": "documents_deleted",
}
METRICS: tuple[Metric, ...] = get_args(Metric)


class Telemetry:
    """Counts since the start of the process; safe from several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._gauges: dict[Metric, Callable[[], int]] = {}
        self._lock = threading.Lock()
        self.ledger = Ledger()

    def add(self, metric: Metric, amount: int = 1) -> None:
        with self._lock:
            self._counts[metric] += amount

    def gauge(self, metric: Metric, read: Callable[[], int]) -> None:
        """From now on `read` gives the metric's value."""
        self._gauges[metric] = read

    def spend(self, unit: Unit, amount: int) -> None:
        """Add to the ledger, and to the metric of the unit if there is one."""
        self.ledger.spend(unit, amount)
        if unit in _DOCUMENTS:
            self.add(_DOCUMENTS[unit], amount)

    def snapshot(self) -> dict[str, int]:
        gauges = {metric: read() for metric, read in self._gauges.items()}
        return {metric: gauges.get(metric, self._counts[metric]) for metric in METRICS}


_CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
_NICKNAME = re.compile(r"nicknames/.*", re.DOTALL)  # in a document's path, which Firestore's errors quote


def configure_logging(level: str = "INFO") -> None:
    """One JSON object a line on stderr, with the field names that Cloud Logging reads; also the
    records of Python's `logging`, of the HTTP server, and uncaught exceptions. A traceback is one field of one entry.

    Never log a nickname, a token or an answer; ids are enough to find them. The message of an exception may quote any
    of them, so a traceback is written without messages.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _severity,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _traceback,
            _without_nicknames,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _forward(logging.getLogger(), logging.getLogger("gunicorn.error"))
    _take_uncaught()


class _ToStructlog(logging.Handler):
    """Passes the records of Python's `logging` to structlog. As a filter (`swallow`) it also keeps the records from the
    logger's other handlers: gunicorn adds a handler to its logger after this module is set up."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        logger.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)

    def swallow(self, record: logging.LogRecord) -> bool:
        self.emit(record)
        return False


_TO_STRUCTLOG = _ToStructlog()


def _forward(root: logging.Logger, server: logging.Logger) -> None:
    if _TO_STRUCTLOG not in root.handlers:
        root.addHandler(_TO_STRUCTLOG)
        server.addFilter(_TO_STRUCTLOG.swallow)


def _take_uncaught() -> None:
    """Log uncaught exceptions, unless somebody else (a test runner) has replaced the hooks."""
    if sys.excepthook is sys.__excepthook__ and threading.excepthook is threading.__excepthook__:
        sys.excepthook = _uncaught
        threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
        logging.captureWarnings(True)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        structlog.get_logger("uncaught").critical("uncaught exception", exc_info=error)
    else:
        sys.__excepthook__(kind, error or kind(), trace)


def _severity(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["severity"] = str(event.pop("level", "info")).upper()
    return event


def _traceback(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = _traceback_text(error)
    return event


def _traceback_text(error: BaseException) -> str:
    """The traceback as Python writes it, with the kinds of the exceptions and without their messages."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    first = "" if before is None else _traceback_text(before) + (_CAUSE if error.__cause__ else _CONTEXT)
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{first}Traceback (most recent call last):\n{frames}{type(error).__module__}.{type(error).__qualname__}"


def _without_nicknames(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str) and "nicknames/" in value:
            event[name] = _NICKNAME.sub("nicknames/…", value)
    return event
