"""The games of a person, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents.tallied import read_person
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.domain.leaderboard.person import Person
from quizcore.ports import Caller, DocumentReader
from quizcore.usecases.people import check_account, no_profile
from quizcore.usecases.services import Services

MOST_GAMES = 100
Keyset = tuple[int, str]  # when a game ended (ms since the epoch), and its session


@dataclass(frozen=True, slots=True)
class Page:
    """The next page begins behind the game `next`; None on the last page."""

    games: list[Contribution]
    next: Keyset | None


def history(services: Services, caller: Caller, limit: int, before: Keyset | None) -> Page:
    """A game from which the host has removed the player is not in the history.

    Raises Rejected `account_needed`, `account_unusable` or `no_profile`; StoreError.
    """
    check_account(caller)
    person = services.store.at_one_moment(lambda reader: _whole(reader, caller.uid))
    if person is None:
        raise no_profile()
    games = sorted(_games(person), key=_keyset, reverse=True)
    behind = [game for game in games if before is None or _keyset(game) < before]
    page = behind[:limit]
    return Page(page, _keyset(page[-1]) if len(behind) > limit else None)


def _whole(reader: DocumentReader, uid: str) -> Person | None:
    """The person with all months of the history, from one moment: a game moves between the documents."""
    path = documents.person_path(uid)
    found = reader.get_many([path])
    if path not in found:
        return None
    months = {month.name: month.read_as(documents.MonthDocument) for month in reader.list(documents.months_path(uid))}
    return read_person(uid, found[path].read_as(documents.PersonDocument), months)


def _games(person: Person) -> Iterable[Contribution]:
    for contributions in (person.counted, *person.history.values()):
        yield from (each for each in contributions.values() if each.counts)


def _keyset(game: Contribution) -> Keyset:
    return game.at, game.session_id
