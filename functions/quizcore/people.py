"""A person as the documents have it, and what a change of the person's results writes.

The worker that counts sessions and the API that keeps, shows and erases a person write the same way: the person's
document at the version that was read, and in the same commit the moves that tell the boards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from quizcore.documents.leaderboard import MovesDocument, moves_path
from quizcore.documents.person import MonthDocument, PersonDocument, month_path, months_path
from quizcore.documents.tallied import month_fields, read_person, with_person
from quizcore.domain.leaderboard.contribution import Contribution, class_board
from quizcore.domain.leaderboard.moves import Move, batch, moved, pack
from quizcore.domain.leaderboard.person import (
    Display,
    Person,
    Place,
    Rules,
    counting,
    leaving,
    needs_history,
    old_months,
    places_of,
    tidied,
)
from quizcore.ports import Clock, Create, Delete, DocumentReader, Ids, Put, Replace, Snapshot, Write


@dataclass(frozen=True, slots=True)
class Known:
    """A person and the documents that were read. `months` are those of the history that were read, by name."""

    person: Person
    snapshot: Snapshot
    months: Mapping[str, Snapshot] = field(default_factory=dict)

    @property
    def document(self) -> PersonDocument:
        return self.snapshot.read_as(PersonDocument)


@dataclass(frozen=True, slots=True)
class Change:
    """The writes of a person's documents, and the person's moves by board."""

    writes: list[Write]
    moves: Mapping[str, Move]


def known(store: DocumentReader, snapshot: Snapshot, now: int, *, whole: bool = False) -> Known:
    """The person of this document, with those months of the history that a change at `now` (ms since the epoch) may
    concern, or with the whole history."""
    uid, document = snapshot.name, snapshot.read_as(PersonDocument)
    person = read_person(uid, document)
    if whole:
        months = {month.name: month for month in store.list(months_path(uid))}
    else:
        paths = [month_path(uid, month) for month in old_months(person, now)]
        months = {month.name: month for month in (store.get_many(paths) if paths else {}).values()}
    return with_months(snapshot, months) if months else Known(person, snapshot)


def with_months(snapshot: Snapshot, months: Mapping[str, Snapshot]) -> Known:
    """The person of this document, with these months of the history, by name."""
    read = {name: month.read_as(MonthDocument) for name, month in months.items()}
    return Known(read_person(snapshot.name, snapshot.read_as(PersonDocument), read), snapshot, months)


def known_for(store: DocumentReader, snapshot: Snapshot, contribution: Contribution, now: int) -> Known:
    """The person, with as much of the history as this contribution needs."""
    return known(store, snapshot, now, whole=needs_history(contribution, now))


def counted(of: Known, contribution: Contribution, now: int, rules: Rules) -> Change | None:
    """None when this version of the session, or a later one, is counted already."""
    after = counting(of.person, contribution)
    if after is of.person:
        return None
    before = of.person.contribution(contribution.session_id)
    places = {*places_of(contribution), *(places_of(before) if before else ())}
    return _change(of, after, places, now, rules)


def shown_as(of: Known, display: Display, document: PersonDocument, now: int, rules: Rules) -> Change:
    """The person under another name, avatar or listing; `document` has the new profile. The whole history must have
    been read."""
    after = replace(of.person, display=display)
    return _change(replace(of, snapshot=replace(of.snapshot, data={**document})), after, of.person.places(), now, rules)


def left(of: Known, class_id: str, now: int, rules: Rules) -> Change:
    """The person's results no longer count for this class. The whole history must have been read."""
    board = class_board(class_id)
    places = {place for place in of.person.places() if place[0] == board}
    return _change(of, leaving(of.person, class_id), places, now, rules)


def erased(of: Known, rules: Rules) -> Change:
    """The person stands nowhere any more, and the documents are gone. The whole history must have been read."""
    nothing = Person(of.person.who, of.person.display, of.person.n)
    _, moves = moved(of.person, nothing, of.person.places(), rules)
    deletions = [Delete(month.path, month.version) for month in of.months.values()]
    return Change([Delete(of.snapshot.path, of.snapshot.version), *deletions], moves)


def writes_of(changes: Iterable[Change], clock: Clock, ids: Ids) -> list[Write]:
    """One commit: all the people's documents, and one document of moves for each board."""
    writes: list[Write] = []
    by_board: dict[str, list[Move]] = {}
    for change in changes:
        writes += change.writes
        for board, move in change.moves.items():
            by_board.setdefault(board, []).append(move)
    now = clock.now_ms()
    for board, moves in sorted(by_board.items()):
        document: MovesDocument = {"queue": board, "at": now, "moves": pack(batch(moves))}
        writes.append(Create(moves_path(ids.secret_id()), document))
    return writes


def _change(of: Known, after: Person, places: set[Place], now: int, rules: Rules) -> Change:
    written, moves = moved(of.person, after, places, rules)
    written = tidied(written, now)
    writes: list[Write] = [Replace(of.snapshot.path, with_person(of.document, written), of.snapshot.version)]
    for month, entries in written.history.items():
        if entries != of.person.history.get(month):
            path, fields = month_path(after.who, month), month_fields(entries)
            stored = of.months.get(month)
            writes.append(Replace(path, fields, stored.version) if stored else Put(path, fields))
    return Change(writes, moves)
