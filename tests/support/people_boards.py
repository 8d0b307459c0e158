"""Whether leaderboards in a store are those that `people_oracle` says."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from quizcore.documents.leaderboard import BOARDS, MOVES
from quizcore.documents.person import PEOPLE, months_path
from quizcore.ports import DocumentStore
from tests.support import people_oracle as oracle

TOP = 20


def stored_people(store: DocumentStore, zones: Mapping[str, str]) -> dict[str, oracle.Person]:
    """Everybody with a profile, and what their documents say that they have played. Only the zones of the classes of a
    test are known; other classes are not looked at."""
    known = defaultdict(lambda: "UTC", zones)
    found = {}
    for person in store.list(PEOPLE):
        months = [month.data for month in store.list(months_path(person.name))]
        games = {game.session: game for game in oracle.games_of(person.data, months, known)}
        found[person.name] = oracle.Person(person.data["nickname"], person.data["listed"], games)
    return found


def differences(
    store: DocumentStore, people: Mapping[str, oracle.Person], boards: Collection[str] | None = None
) -> list[str]:
    """The faults of these boards, or of all. Moves that are not folded are a fault, too."""
    waiting = [moves.data["queue"] for moves in store.list(MOVES)]
    found = [f"moves of {board}" for board in waiting if boards is None or board in boards]
    expected = {place: rows for place, rows in oracle.boards(people).items() if boards is None or place[0] in boards}
    for board in boards or [head.name for head in store.list(BOARDS)]:
        for period in store.list(f"{BOARDS}/{board}/periods"):
            place = board, period.name
            found += _wrong(store, people, place, period.data, expected.pop(place, []))
    return found + [f"{place} is missing" for place in sorted(expected)]


def _wrong(
    store: DocumentStore,
    people: Mapping[str, oracle.Person],
    place: oracle.Place,
    period: Mapping[str, Any],
    rows: list[tuple[str, oracle.Total]],
) -> Iterator[str]:
    board, name = place
    path = f"{BOARDS}/{board}/periods/{name}"
    leaves = [leaf.data["scores"] for leaf in store.list(f"{path}/leaves")] if period["leaves"] else [period["scores"]]
    table = {points: n for part in leaves for points, n in oracle.histogram(part).items()}
    if table != Counter(points for _, (points, _) in rows):
        yield f"{place}: {period['people']} people with {sum(p * n for p, n in table.items())} points, not {len(rows)}"
    wanted = list(shown(people, place, rows))
    if _without_avatars(period["top"]) != wanted[:TOP]:
        yield f"{place} shows {period['top']}, not {wanted[:TOP]}"
    if board.startswith("class-"):
        paths = [f"{BOARDS}/{board}/pages/{name}-{number}" for number in range(period["pages"])]
        pages = store.get_many(paths)
        if _without_avatars(row for page in paths for row in pages[page].data["rows"]) != wanted:
            yield f"{place} has pages that are not its rows"


def _without_avatars(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "avatar"} for row in rows]


def shown(
    people: Mapping[str, oracle.Person], place: oracle.Place, rows: list[tuple[str, oracle.Total]]
) -> Iterator[dict[str, Any]]:
    """The rows as a reader of the board sees them."""
    for who, (points, at) in rows:
        person = people[who]
        named = person.listed or place[0].startswith("class-")
        yield {
            "rank": oracle.rank(rows, points),
            "who": who if named else "",
            "nickname": person.nickname if named else "",
            "points": points,
            "reached_at": at,
        }
