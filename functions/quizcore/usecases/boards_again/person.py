"""Adds up one person's contributions, and compares the sum with the person's document."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from quizcore.documents.person import MonthDocument, PersonDocument
from quizcore.documents.tallied import board_place, contributions_of
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.ports import Snapshot
from quizcore.usecases.verify import Difference

Place = tuple[str, str]  # a board, and one of its periods
Game = tuple[int, int]  # points, and when they were reached (ms since the epoch)
OF_EVERYBODY = "global"
PLACES = ("day", "week", "month", "all")


class Sum(NamedTuple):
    points: int
    games: int
    reached_at: int


@dataclass(frozen=True, slots=True)
class Adding:
    """How boards add up, `sum` or `best_per_quiz`: those of classes, and all others."""

    everybody: str = "best_per_quiz"
    of_class: str = "sum"

    def of(self, board: str) -> str:
        return self.of_class if board.startswith("class-") else self.everybody


@dataclass(frozen=True, slots=True)
class Played:
    """A person's contributions: those in the person's own document, and those in the history."""

    own: Sequence[Contribution]
    history: Sequence[Contribution]

    def __iter__(self) -> Iterator[Contribution]:
        yield from self.own
        yield from self.history


def played(person: Snapshot, months: Iterable[Snapshot]) -> Played:
    own: MonthDocument = {"counted": person.read_as(PersonDocument)["counted"]}
    return Played(contributions_of([own]), contributions_of(month.read_as(MonthDocument) for month in months))


def places_of(entry: Contribution) -> Iterator[Place]:
    utc = datetime.fromtimestamp(entry.at / 1_000, UTC).date()
    for board in (OF_EVERYBODY, f"quiz-{entry.quiz_id}"):
        yield from ((board, period) for period in periods_of(utc))
    if entry.class_id is not None and entry.class_day is not None:
        yield from ((f"class-{entry.class_id}", period) for period in periods_of(entry.class_day))


def sums(entries: Iterable[Contribution], adding: Adding) -> dict[Place, Sum]:
    games: defaultdict[Place, defaultdict[str, list[Game]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if entry.points is None:
            continue
        for place in places_of(entry):
            games[place][entry.quiz_id].append((entry.points, entry.at))
    return {place: _sum(of_place, adding.of(place[0])) for place, of_place in games.items()}


def own_differences(person: Snapshot, found: Played, totals: Mapping[Place, Sum]) -> Iterator[Difference]:
    """Totals, tallies of the past and places that are not those of the contributions."""
    document = person.read_as(PersonDocument)
    twice = {entry.session_id for entry in found.own} & {entry.session_id for entry in found.history}
    says: dict[str, object] = {f"counted.{session}": "in the history too" for session in twice}
    fold: dict[str, object] = {}
    for board, of_board in document["totals"].items():
        says |= {f"totals.{board}.{period}": total for period, total in of_board.items()}
        fold |= {f"totals.{board}.{period}": _as_list(totals.get((board, period))) for period in of_board}
    for place in _kept(found) & totals.keys():
        fold[f"totals.{place[0]}.{place[1]}"] = list(totals[place])
    says |= {f"past.{scope}": tally for scope, tally in document["past"].items() if tally}
    fold |= {f"past.{scope}": tally for scope, tally in _past(found.history).items()}
    places = document["totals"].get(OF_EVERYBODY, {})
    says |= {name: place for name, place in document.items() if name.startswith("place_")}
    fold |= {f"place_{span}": _place(person.name, span, places, totals) for span in PLACES}
    for name in sorted(says.keys() | fold.keys()):
        if says.get(name) != fold.get(name):
            yield Difference(where=person.path, field=name, says=says.get(name), fold=fold.get(name))


def _sum(games: Mapping[str, Sequence[Game]], adding: str) -> Sum:
    every = [game for of_quiz in games.values() for game in of_quiz]
    counting = every if adding == "sum" else [min(of_quiz, key=_best_first) for of_quiz in games.values()]
    reached = max((at for points, at in counting if points), default=0)
    return Sum(sum(points for points, _ in counting), len(every), reached)


def _best_first(game: Game) -> Game:
    return -game[0], game[1]


@lru_cache(maxsize=4_096)
def periods_of(day: date) -> tuple[str, ...]:
    return f"day-{day:%Y-%m-%d}", f"week-{day:%G}-W{day:%V}", f"month-{day:%Y-%m}", "all"


def _kept(found: Played) -> set[Place]:
    """The places whose totals the person's document must contain, because clients read them there."""
    lasting = {place for entry in found.history for place in places_of(entry) if place[1] == "all"}
    current = {place for entry in found.own for place in places_of(entry)}
    return current | {place for place in lasting if not place[0].startswith("quiz-")}


def _past(history: Iterable[Contribution]) -> dict[str, dict[str, list[int]]]:
    """Of each class, and of all games (`*`): by quiz the best points and when, the sum, the last moment, the number."""
    games: defaultdict[str, defaultdict[str, list[Game]]] = defaultdict(lambda: defaultdict(list))
    for entry in history:
        if entry.points is not None:
            for scope in {"*", entry.class_id or "*"}:
                games[scope][entry.quiz_id].append((entry.points, entry.at if entry.points else 0))
    return {
        scope: {
            quiz: [
                *min(of_quiz, key=_best_first),
                sum(p for p, _ in of_quiz),
                max(at for _, at in of_quiz),
                len(of_quiz),
            ]
            for quiz, of_quiz in of_scope.items()
        }
        for scope, of_scope in games.items()
    }


def _place(who: str, span: str, kept: Iterable[str], totals: Mapping[Place, Sum]) -> str | None:
    """By the latest period of this span in which the person stands on the board of everybody."""
    there = [name for name in kept if name.partition("-")[0] == span and (OF_EVERYBODY, name) in totals]
    if not there:
        return None
    total = totals[OF_EVERYBODY, max(there)]
    return board_place(max(there), total.points, total.reached_at, who)


def _as_list(total: Sum | None) -> list[int] | None:
    return None if total is None else list(total)
