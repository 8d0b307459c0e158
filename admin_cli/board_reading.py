"""Leaderboards as their readers see them: the head and what waits for it, the periods, and one person's rank."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from admin_cli.errors import CliError, Exit
from admin_cli.services import Services
from quizcore import documents
from quizcore.documents import ClassDocument
from quizcore.documents.leaderboard import (
    MOVES,
    LeaderboardDocument,
    LeafDocument,
    MovesDocument,
    PeriodDocument,
    leaderboard_path,
    leaf_path,
    period_path,
)
from quizcore.domain.leaderboard.calendar import UTC_ZONE, Span, date_of, is_period, periods_of
from quizcore.domain.leaderboard.contribution import class_of
from quizcore.domain.leaderboard.moves import unpack
from quizcore.domain.leaderboard.person import Rules
from quizcore.domain.leaderboard.table import leaf_of
from quizcore.domain.ranks import rank_in
from quizcore.people import known
from quizcore.ports import DocumentReader, Snapshot
from quizcore.usecases.leaderboard_range import DAYS_MOST


@dataclass(frozen=True, slots=True)
class Waiting:
    """The moves that no fold has processed yet; `oldest_ms` is the age of the oldest document, 0 for none."""

    documents: int
    moves: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class OwnRank:
    """`reads` is how many documents a client reads for it."""

    rank: int
    people: int
    points: int
    games: int
    reached_at: int
    reads: int


def head_of(reader: DocumentReader, board: str) -> LeaderboardDocument | None:
    path = leaderboard_path(board)
    found = reader.get_many([path]).get(path)
    return found.read_as(LeaderboardDocument) if found else None


def waiting_for(reader: DocumentReader, board: str, now: int) -> Waiting:
    found = [each.read_as(MovesDocument) for each in reader.list(MOVES, where=[("queue", "==", board)])]
    moves = sum(len(unpack(document["moves"]).who) for document in found)
    return Waiting(len(found), moves, max((now - document["at"] for document in found), default=0))


def periods_there(reader: DocumentReader, board: str) -> Iterable[Snapshot]:
    return reader.list(f"{leaderboard_path(board)}/periods")


def period_named(services: Services, board: str, name: str) -> str:
    """The period's id; `day`, `week` and `month` are those that run now in the board's zone. Raises CliError."""
    if name in set(Span):
        today = date_of(services.clock.now_ms(), _zone(services, board))
        return str(getattr(periods_of(today), name))
    if not is_period(name):
        text = f"{name} is no period; say day, week, month or all, or one such as day-2026-11-24 or week-2026-W48"
        raise CliError("invalid", text, Exit.USAGE)
    return name


def period_of(reader: DocumentReader, board: str, period: str) -> PeriodDocument:
    """Raises CliError."""
    path = period_path(board, period)
    found = reader.get_many([path]).get(path)
    if found is None:
        raise _no_period(board, period)
    return found.read_as(PeriodDocument)


def own_rank(reader: DocumentReader, board: str, period: str, uid: str, rules: Rules) -> OwnRank | None:
    """As a client finds it: by the person's own document, the period's, and on a large board one leaf. Of a period that
    is over the points may lie in the person's history. None for a person who does not stand there. Raises CliError."""
    paths = [documents.person_path(uid), period_path(board, period)]
    found = reader.get_many(paths)
    if paths[0] not in found:
        raise no_person(uid)
    if paths[1] not in found:
        raise _no_period(board, period)
    table, one = found[paths[1]].read_as(PeriodDocument), known(reader, found[paths[0]], 0)
    total = one.person.known_total(board, period, rules)
    if total is None and one.person.past:
        one = known(reader, found[paths[0]], 0, whole=True)
        total = one.person.total(board, period, rules)
    if total is None:
        return None
    rank, leaves = _rank(reader, board, period, table, total.points)
    return OwnRank(rank, table["people"], *total, reads=len(paths) + len(one.months) + leaves)


def _rank(reader: DocumentReader, board: str, period: str, table: PeriodDocument, points: int) -> tuple[int, int]:
    """The rank, and how many leaves were read for it."""
    if not table["leaves"]:
        return rank_in(table["scores"], points), 0
    number = leaf_of([leaf["best"] for leaf in table["leaves"]], points)
    if number is None:
        return 1, 0
    path = leaf_path(board, period, number)
    leaf = reader.get_many([path])[path].read_as(LeafDocument)
    return table["leaves"][number]["ahead"] + rank_in(leaf["scores"], points), 1


def dates(first: str, last: str) -> tuple[date, date]:
    """Raises CliError."""
    try:
        between = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise CliError("invalid", "say dates as 2026-11-24", Exit.USAGE) from None
    if not 0 <= (between[1] - between[0]).days < DAYS_MOST:
        raise CliError("invalid", f"--from is not after --to, and a range has at most {DAYS_MOST} days", Exit.USAGE)
    return between


def _zone(services: Services, board: str) -> str:
    """Raises CliError."""
    class_id = class_of(board)
    if class_id is None:
        return UTC_ZONE
    found = services.store.get(documents.class_path(class_id))
    if found is None:
        raise CliError("unknown_class", f"there is no class {class_id}", Exit.REFUSED)
    return found.read_as(ClassDocument)["zone"]


def no_person(uid: str) -> CliError:
    return CliError("no_profile", f"there is no person {uid}", Exit.REFUSED)


def _no_period(board: str, period: str) -> CliError:
    text = f"{board} has no {period}: nobody has played then, or nothing is folded yet (wordrush board show {board})"
    return CliError("unknown_period", text, Exit.REFUSED)
