"""Which day, ISO week and month an instant belongs to, in a board's time zone.

Instants are mapped to dates, and durations are never added, so days of 23 and 25 hours need no care. A week is a week
of ISO 8601: it begins on Monday and belongs to the year of its Thursday (2027-01-03 lies in 2026-W53).
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

ALL = "all"
UTC_ZONE = "UTC"


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


class Periods(NamedTuple):
    """The ids of the periods that a result belongs to. Each is a document's name."""

    day: str
    week: str
    month: str
    all: str = ALL


def date_of(at: int, zone: str = UTC_ZONE) -> date:
    """The date of an instant (ms since the epoch). Raises ZoneInfoNotFoundError for an unknown zone."""
    return datetime.fromtimestamp(at / 1_000, UTC if zone == UTC_ZONE else ZoneInfo(zone)).date()


@lru_cache(maxsize=4_096)
def periods_of(day: date) -> Periods:
    year, week, _ = day.isocalendar()
    return Periods(f"day-{day.isoformat()}", f"week-{year}-W{week:02}", f"month-{day:%Y-%m}")


def month_of(at: int) -> str:
    """The UTC month of an instant, as `2026-11`."""
    return f"{date_of(at):%Y-%m}"


def is_period(name: str) -> bool:
    """Whether this is the id of a period."""
    try:
        return name in periods_of(_first_date(name)) if name != ALL else True
    except ValueError:
        return False


@lru_cache(maxsize=4_096)
def dates_of(period: str) -> tuple[date, date]:
    """The first and the last date of a day, week or month. Raises ValueError for any other id."""
    first = _first_date(period)
    match period.partition("-")[0]:
        case Span.DAY:
            return first, first
        case Span.WEEK:
            return first, first + timedelta(days=6)
        case _:
            return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@lru_cache(maxsize=4_096)
def utc_moments_of(first: date, last: date) -> tuple[int, int]:
    """Where the first date begins in UTC, and where the date after the last does (ms since the epoch)."""
    return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1_000)


def months_between(first: date, last: date) -> list[str]:
    """The UTC months in which a result of these dates may have ended, in any zone."""
    day, months = first - timedelta(days=1), list[str]()
    while day <= last + timedelta(days=1):
        months.append(f"{day:%Y-%m}")
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return months


def _first_date(period: str) -> date:
    span, _, name = period.partition("-")
    match span:
        case Span.DAY:
            return date.fromisoformat(name)
        case Span.WEEK:
            year, _, week = name.partition("-W")
            return date.fromisocalendar(int(year), int(week), 1)
        case Span.MONTH:
            return date.fromisoformat(f"{name}-01")
        case _:
            raise ValueError(f"{period!r} is no day, week or month")
