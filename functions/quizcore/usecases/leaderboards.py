"""A leaderboard as a person reads it: its best rows, the person's own rank, and the people around.

Everybody's rank costs two documents, the person's own and the period's, and on a large board one leaf. Clients that
listen to both compute it themselves; this call is for those that do not, and for the rows around.
"""

from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import ClassDocument, PersonDocument
from quizcore.documents.leaderboard import (
    CandidatesDocument,
    LeafDocument,
    PeriodDocument,
    PersonRow,
    candidates_path,
    leaf_path,
    people_rows,
    period_path,
    read_candidates,
)
from quizcore.documents.person import PlaceName
from quizcore.documents.tallied import place_name, place_range, read_person
from quizcore.domain.leaderboard.calendar import UTC_ZONE, Span, date_of, is_period, periods_of
from quizcore.domain.leaderboard.contribution import GLOBAL, class_of, quiz_of
from quizcore.domain.leaderboard.moves import Standing
from quizcore.domain.leaderboard.person import Display
from quizcore.domain.leaderboard.plays import QUIZZES_BOARD
from quizcore.domain.leaderboard.table import leaf_of
from quizcore.domain.leaderboard.tally import Total
from quizcore.domain.leaderboard.top import Row
from quizcore.domain.ranks import rank_in
from quizcore.messages import is_document_name
from quizcore.ports import Caller, DocumentReader, OrderBy, Snapshot
from quizcore.usecases.people import check_account
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Own:
    """The caller's row; `rank` is 1 + the number of people with more points."""

    rank: int
    points: int
    games: int
    reached_at: int


@dataclass(frozen=True, slots=True)
class View:
    """`as_of` is when the board was folded (ms since the epoch), 0 of a period in which nobody has played. `rows` are
    the people around the caller, best first, with the caller among them."""

    board: str
    period: str
    as_of: int
    people: int
    top: list[PersonRow]
    own: Own | None
    rows: list[PersonRow]


def leaderboard(services: Services, caller: Caller, board: str, period: str, m: int) -> View:
    """`period` is the id of a period, or a span: then the period that runs now in the board's zone. `m` is how many
    people above and below the caller are listed.

    Raises Rejected `account_needed`, `account_unusable`, `unknown_board` or `invalid`; StoreError.
    """
    check_account(caller)
    zone = zone_of(services, caller, board)
    name = _period(period, services.clock.now_ms(), zone)
    return services.store.at_one_moment(lambda reader: _View(services, reader, board, name).read(caller.uid, m))


class _View:
    def __init__(self, services: Services, reader: DocumentReader, board: str, period: str) -> None:
        self._rules = services.rules
        self._reader = reader
        self._board = board
        self._period = period
        self._leaves: dict[int, bytes] = {}

    def read(self, uid: str, m: int) -> View:
        period_at, person_at = period_path(self._board, self._period), documents.person_path(uid)
        found = self._reader.get_many([period_at, person_at])
        person = found.get(person_at)
        if period_at not in found:
            return View(self._board, self._period, 0, 0, [], None, [])
        period = found[period_at].read_as(PeriodDocument)
        total = self._total(person) if person else None
        own = total and Own(self._rank(period, total.points), total.points, total.games, total.reached_at)
        rows = self._around(period, person, m) if person and own and m else []
        return View(self._board, self._period, period["as_of"], period["people"], period["top"], own, rows)

    def _total(self, person: Snapshot) -> Total | None:
        read = read_person(person.name, person.read_as(PersonDocument))
        return read.known_total(self._board, self._period, self._rules)

    def _rank(self, period: PeriodDocument, points: int) -> int:
        if not period["leaves"]:
            return rank_in(period["scores"], points)
        number = leaf_of([leaf["best"] for leaf in period["leaves"]], points)
        if number is None:
            return 1
        if number not in self._leaves:
            path = leaf_path(self._board, self._period, number)
            self._leaves[number] = self._reader.get_many([path])[path].read_as(LeafDocument)["scores"]
        return period["leaves"][number]["ahead"] + rank_in(self._leaves[number], points)

    def _around(self, period: PeriodDocument, person: Snapshot, m: int) -> list[PersonRow]:
        if class_of(self._board) is not None:
            return self._around_in_class(person.name, m)
        if self._board == GLOBAL:
            return self._around_of_everybody(period, person, m)
        return []

    def _around_in_class(self, uid: str, m: int) -> list[PersonRow]:
        path = candidates_path(self._board, self._period)
        rows = people_rows(
            self._board, read_candidates(self._reader.get_many([path])[path].read_as(CandidatesDocument)).rows
        )
        own = next((number for number, row in enumerate(rows) if row["who"] == uid), None)
        return [] if own is None else rows[max(0, own - m) : own + m + 1]

    def _around_of_everybody(self, period: PeriodDocument, person: Snapshot, m: int) -> list[PersonRow]:
        """By the index of the periods that run now; of an earlier period there are no rows around."""
        name, (first, last) = place_name(self._period), place_range(self._period)
        place = _place(person, name)
        if place is None or not first <= place < last:
            return []
        people = documents.PEOPLE
        above = self._reader.list(people, [(name, "<", place), (name, ">=", first)], m, OrderBy(name, descending=True))
        below = self._reader.list(people, [(name, ">", place), (name, "<", last)], m, OrderBy(name))
        return [self._row(period, one, shown=one is person) for one in (*reversed(above), person, *below)]

    def _row(self, period: PeriodDocument, one: Snapshot, *, shown: bool) -> PersonRow:
        document = one.read_as(PersonDocument)
        points, _games, reached_at = document["totals"][GLOBAL][self._period]
        display = Display(document["nickname"], document["avatar"], document["listed"] or shown)
        (row,) = people_rows(self._board, [Row(one.name, document["n"], Standing(points, reached_at), display)])
        return {**row, "rank": self._rank(period, points)}


def _place(person: Snapshot, name: PlaceName) -> str | None:
    return person.read_as(PersonDocument)[name]


def zone_of(services: Services, caller: Caller, board: str) -> str:
    """The zone of a board, which the caller may read. Raises Rejected `unknown_board`."""
    class_id = class_of(board)
    if class_id is None:
        if board not in {GLOBAL, QUIZZES_BOARD} and not is_document_name(quiz_of(board) or ""):
            raise _unknown()
        return UTC_ZONE
    if not is_document_name(class_id):
        raise _unknown()
    paths = [documents.class_path(class_id), documents.class_member_path(class_id, caller.uid)]
    found = services.store.get_many(paths)
    if paths[0] not in found:
        raise _unknown()
    school_class = found[paths[0]].read_as(ClassDocument)
    if paths[1] not in found and school_class["owner_id"] != caller.uid:
        raise _unknown()
    return school_class["zone"]


def _unknown() -> Rejected:
    return Rejected("unknown_board", "there is no such leaderboard, or it is that of a class that you are not in")


def _period(name: str, now: int, zone: str) -> str:
    """Raises Rejected `invalid`."""
    if name in set(Span):
        return str(getattr(periods_of(date_of(now, zone)), name))
    if not is_period(name):
        raise Rejected("invalid", "period is day, week, month or all, or one such as day-2026-11-24 or week-2026-W48")
    return name
