"""The expected leaderboards, from docs/boards.md alone. Shares no code with the product: own weeks, zones, tables."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Place = tuple[str, str]  # a board, a period
Total = tuple[int, int]  # points, when they were reached


@dataclass(frozen=True)
class Game:
    """One person's result in one session."""

    session: str
    at: int
    quiz: str
    points: int
    class_id: str | None = None
    zone: str = "UTC"


@dataclass
class Person:
    nickname: str
    listed: bool
    games: dict[str, Game] = field(default_factory=dict)


def local_date(at: int, zone: str) -> date:
    moment = EPOCH + timedelta(milliseconds=at)
    return (moment + timedelta(hours=offset_hours(moment, zone))).date()


def offset_hours(moment: datetime, zone: str) -> int:
    if zone == "UTC":
        return 0
    if zone == "Asia/Ho_Chi_Minh":
        return 7
    assert zone == "Europe/Berlin"
    summer = _last_sunday_at_one(moment.year, 3) <= moment < _last_sunday_at_one(moment.year, 10)
    return 2 if summer else 1


def _last_sunday_at_one(year: int, month: int) -> datetime:
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    while day.weekday() != 6:
        day -= timedelta(days=1)
    return day


def periods(day: date) -> list[str]:
    thursday = day + timedelta(days=3 - day.weekday())
    week = 1 + (thursday - date(thursday.year, 1, 1)).days // 7
    return [
        f"day-{day:%Y}-{day:%m}-{day:%d}",
        f"week-{thursday.year:04}-W{week:02}",
        f"month-{day:%Y}-{day:%m}",
        "all",
    ]


def places(game: Game) -> list[Place]:
    utc = periods(local_date(game.at, "UTC"))
    found = [("global", period) for period in utc] + [(f"quiz-{game.quiz}", period) for period in utc]
    if game.class_id is not None:
        found += [(f"class-{game.class_id}", period) for period in periods(local_date(game.at, game.zone))]
    return found


def total(board: str, games: Sequence[Game]) -> Total:
    """Class boards add all games up. The other boards take the best game of each quiz, the earliest of equal ones."""
    if board.startswith("class-"):
        return sum(game.points for game in games), max([0, *(game.at for game in games if game.points)])
    best: dict[str, Game] = {}
    for game in sorted(games, key=lambda game: game.at):
        if game.quiz not in best or game.points > best[game.quiz].points:
            best[game.quiz] = game
    return sum(g.points for g in best.values()), max([0, *(g.at for g in best.values() if g.points)])


def totals(games: Iterable[Game]) -> dict[Place, Total]:
    by_place: defaultdict[Place, list[Game]] = defaultdict(list)
    for game in games:
        for place in places(game):
            by_place[place].append(game)
    return {place: total(place[0], found) for place, found in by_place.items()}


def boards(people: Mapping[str, Person]) -> dict[Place, list[tuple[str, Total]]]:
    """Every board and period with its people, best first."""
    found: defaultdict[Place, list[tuple[str, Total]]] = defaultdict(list)
    for who, person in people.items():
        for place, of_person in totals(person.games.values()).items():
            found[place].append((who, of_person))
    return {place: sorted(rows, key=lambda row: (-row[1][0], row[1][1], row[0])) for place, rows in found.items()}


def rank(rows: Sequence[tuple[str, Total]], points: int) -> int:
    return 1 + sum(of[0] > points for _, of in rows)


def histogram(table: bytes) -> dict[int, int]:
    """The table of scores: pairs of LEB128 numbers, a step down and how many."""
    numbers, number, shift = [], 0, 0
    for byte in table:
        number += (byte % 128) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    score, found = None, {}
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        score = step if score is None else score - step
        found[score] = count
    return found


def steps(moves: bytes) -> list[tuple[str, int | None, int | None]]:
    """Period, points before, points after."""
    _who, _n, _display, by_period = json.loads(moves)
    return [
        (period, before, after)
        for period, (_of, befores, _before_at, afters, _after_at) in by_period.items()
        for before, after in zip(befores, afters, strict=True)
    ]


def games_of(document: Mapping[str, Any], months: Iterable[Mapping[str, Any]], zones: Mapping[str, str]) -> list[Game]:
    """The games of a person, from the person's documents."""
    found = []
    for counted in (document["counted"], *(month["counted"] for month in months)):
        for session, packed in counted.items():
            _version, at, quiz, _title, points, _rank, _of, *of_class = packed
            if points is not None:
                game = Game(session, at, quiz, points)
                found.append(replace(game, class_id=of_class[0], zone=zones[of_class[0]]) if of_class else game)
    return found
