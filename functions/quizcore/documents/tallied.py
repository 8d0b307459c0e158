"""How a person's contributions, tallies and totals lie in `people/{uid}` and in the months of the person's history.

They are packed as lists: a person with some hundred games is read and written at each further game.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from quizcore.documents.person import MonthDocument, Packed, PersonDocument, PlaceFields, PlaceName
from quizcore.documents.player import MOST_POINTS
from quizcore.domain.leaderboard.calendar import ALL, Span
from quizcore.domain.leaderboard.contribution import GLOBAL, Contribution
from quizcore.domain.leaderboard.person import Contributions, Display, Person
from quizcore.domain.leaderboard.tally import QuizTally, Total

_WITHOUT_CLASS = 7
_PLACES: dict[Span, PlaceName] = {
    Span.DAY: "place_day",
    Span.WEEK: "place_week",
    Span.MONTH: "place_month",
    Span.ALL: "place_all",
}


class TalliedFields(PlaceFields):
    """The fields that a change of a person's contributions writes."""

    n: int
    counted: dict[str, Packed]
    past: dict[str, dict[str, list[int]]]
    totals: dict[str, dict[str, list[int]]]


def read_person(uid: str, data: PersonDocument, months: Mapping[str, MonthDocument] | None = None) -> Person:
    """`months` are those of the history that were read, by name."""
    return Person(
        uid,
        Display(data["nickname"], data["avatar"], data["listed"]),
        data["n"],
        _read_entries(data["counted"]),
        {board: {p: Total(*total) for p, total in of.items()} for board, of in data["totals"].items()},
        {scope: {q: QuizTally(*tally) for q, tally in of.items()} for scope, of in data["past"].items()},
        {month: _read_entries(entries["counted"]) for month, entries in (months or {}).items()},
    )


def tallied_fields(person: Person) -> TalliedFields:
    return {
        "n": person.n,
        "counted": _entries(person.counted),
        "past": {scope: {q: list(tally) for q, tally in of.items()} for scope, of in person.past.items()},
        "totals": {board: {p: list(total) for p, total in of.items()} for board, of in person.totals.items()},
        **place_fields(person),
    }


def with_person(data: PersonDocument, person: Person) -> PersonDocument:
    """The whole document after a change of the contributions."""
    return {**data, **tallied_fields(person)}


def month_fields(entries: Contributions) -> MonthDocument:
    return {"counted": _entries(entries)}


def place_fields(person: Person) -> PlaceFields:
    """Of each span the latest period of the global board in which the person has a row."""
    periods = person.totals.get(GLOBAL, {})
    return {
        "place_day": _place(person.who, periods, Span.DAY),
        "place_week": _place(person.who, periods, Span.WEEK),
        "place_month": _place(person.who, periods, Span.MONTH),
        "place_all": _place(person.who, periods, Span.ALL),
    }


def board_place(period: str, points: int, reached_at: int = 0, who: str = "") -> str:
    """Sorts the people of a period as its board lists them. With the points alone it stands before everybody who has
    them."""
    return f"{period}\t{MOST_POINTS - points:012}\t{reached_at:013}\t{who}"


def place_name(period: str) -> PlaceName:
    """The field that sorts the people of this period."""
    return _PLACES[Span(period.partition("-")[0])]


def place_range(period: str) -> tuple[str, str]:
    """All places of a period lie from the first of these on, and before the second."""
    return f"{period}\t", f"{period}\n"


def _place(who: str, periods: Mapping[str, Total], span: Span) -> str | None:
    latest = max((period for period in periods if _is_of(period, span)), default=None)
    if latest is None:
        return None
    total = periods[latest]
    return board_place(latest, total.points, total.reached_at, who)


def _is_of(period: str, span: Span) -> bool:
    return period == ALL if span is Span.ALL else period.startswith(f"{span}-")


def _entries(entries: Contributions) -> dict[str, Packed]:
    return {session_id: _packed(entry) for session_id, entry in entries.items()}


def _read_entries(entries: Mapping[str, Packed]) -> dict[str, Contribution]:
    return {session_id: _read(session_id, packed) for session_id, packed in entries.items()}


def _packed(entry: Contribution) -> Packed:
    packed: Packed = [entry.version, entry.at, entry.quiz_id, entry.title, entry.points, entry.rank, entry.of]
    if entry.class_id is not None and entry.class_day is not None:
        packed += [entry.class_id, entry.class_day.isoformat()]
    return packed


def _read(session_id: str, packed: Packed) -> Contribution:
    class_id, day = packed[_WITHOUT_CLASS:] or (None, None)
    entry = Contribution._make([session_id, *packed[:_WITHOUT_CLASS], class_id, None])
    return entry if day is None else entry._replace(class_day=date.fromisoformat(str(day)))


def contributions_of(data: Iterable[MonthDocument]) -> list[Contribution]:
    """Those of whole documents of the history, newest first."""
    found = [entry for month in data for entry in _read_entries(month["counted"]).values()]
    return sorted(found, key=lambda entry: (entry.at, entry.session_id), reverse=True)
