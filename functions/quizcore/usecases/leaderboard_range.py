"""A leaderboard of any range of dates: a person's own sum, and for a class the whole board.

A board of a range cannot be merged from boards of days, because a person's days must be added up first. A class has so
few people that their documents are folded. The result is kept beside the class's board, and is good until that changes.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from quizcore import documents
from quizcore.documents import PersonDocument
from quizcore.documents.leaderboard import (
    LeaderboardDocument,
    PeriodDocument,
    PersonRow,
    leaderboard_path,
    period_fields,
    range_path,
)
from quizcore.documents.person import MonthDocument, month_path
from quizcore.documents.tallied import read_person
from quizcore.domain.leaderboard.calendar import months_between
from quizcore.domain.leaderboard.contribution import class_of
from quizcore.domain.leaderboard.fold import PeriodBoard
from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Person, Rules
from quizcore.domain.leaderboard.table import table_of, with_changes
from quizcore.domain.leaderboard.tally import Total
from quizcore.domain.leaderboard.top import Candidates, Row
from quizcore.domain.ranks import rank_in
from quizcore.ports import Caller, Conflict, DocumentReader, DocumentStore, Put, Replace, Snapshot
from quizcore.usecases.leaderboards import Own, zone_of
from quizcore.usecases.people import check_account
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services

DAYS_MOST = 366
READ_AT_ONCE = 100  # people, with their months


@dataclass(frozen=True, slots=True)
class Range:
    """Of a class `own.rank`, `people` and `top` are those of the range; of other boards there is the own sum alone:
    rank 0, nobody listed."""

    board: str
    first: date
    last: date
    as_of: int
    people: int
    top: list[PersonRow]
    own: Own | None


def leaderboard_range(services: Services, caller: Caller, board: str, first: date, last: date) -> Range:
    """Raises Rejected `account_needed`, `account_unusable`, `unknown_board` or `invalid`; StoreError."""
    check_account(caller)
    if not first <= last or (last - first).days >= DAYS_MOST:
        raise Rejected("invalid", f"from is not after to, and a range has at most {DAYS_MOST} days")
    zone_of(services, caller, board)
    now = services.clock.now_ms()
    found = services.store.get(documents.person_path(caller.uid))
    people = people_between(services.store, [caller.uid] if found else [], first, last)
    total = next((person.total_between(board, first, last, services.rules) for person in people), None)
    own = total and Own(0, total.points, total.games, total.reached_at)
    if class_of(board) is None:
        return Range(board, first, last, now, 0, [], own)
    period = _of_class(services, board, first, last, now)
    ranked = own and Own(rank_in(period["scores"], own.points), own.points, own.games, own.reached_at)
    return Range(board, first, last, period["as_of"], period["people"], period["top"], ranked)


def people_between(store: DocumentReader, uids: Sequence[str], first: date, last: date) -> Iterator[Person]:
    """The people of these ids who are there, each with the months of the history that the range needs."""
    months = months_between(first, last)
    for start in range(0, len(uids), READ_AT_ONCE):
        part = uids[start : start + READ_AT_ONCE]
        paths = [month_path(uid, month) for uid in part for month in months]
        found = store.get_many([*(documents.person_path(uid) for uid in part), *paths])
        for uid in part:
            if (person := found.get(documents.person_path(uid))) is not None:
                read = {m: found[p].read_as(MonthDocument) for m in months if (p := month_path(uid, m)) in found}
                yield read_person(uid, person.read_as(PersonDocument), read)


def board_between(people: Iterator[Person], board: str, first: date, last: date, rules: Rules) -> PeriodBoard:
    """Everybody's row, best first."""
    histogram: dict[int, int] = {}
    rows: list[Row] = []
    for person in people:
        total = person.total_between(board, first, last, rules)
        if total is not None:
            histogram[total.points] = histogram.get(total.points, 0) + 1
            rows.append(_row(person, total))
    rows.sort(key=lambda row: row.place)
    return PeriodBoard(with_changes((), histogram), len(rows), Candidates(tuple(rows)))


def _row(person: Person, total: Total) -> Row:
    return Row(person.who, person.n, Standing(total.points, total.reached_at), person.display)


def _of_class(services: Services, board: str, first: date, last: date, now: int) -> PeriodDocument:
    """The stored range, if the class's board has not been folded since."""
    store, kept_at, head_at = services.store, range_path(board, f"{first}_{last}"), leaderboard_path(board)
    found = store.get_many([kept_at, head_at])
    seq = found[head_at].read_as(LeaderboardDocument)["seq"] if head_at in found else 0
    if kept_at in found and (kept := found[kept_at].read_as(PeriodDocument))["seq"] == seq:
        return kept
    members = store.list(documents.class_members_path(class_of(board) or ""))
    people = people_between(store, [member.name for member in members], first, last)
    folded = board_between(people, board, first, last, services.rules)
    period = period_fields(board, folded, table_of(folded.parts), {"seq": seq, "as_of": now})
    if head_at in found:
        _keep(store, kept_at, {**period, "pages": 0}, found[head_at])
    return period


def _keep(store: DocumentStore, path: str, period: PeriodDocument, head: Snapshot) -> None:
    """Keep the range, unless the board was folded meanwhile: people who have left since must not be in it."""
    with suppress(Conflict):
        store.commit([Put(path, period), Replace(head.path, head.read_as(LeaderboardDocument), head.version)])
