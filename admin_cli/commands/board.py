"""Leaderboards, read from the documents."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from admin_cli.board_reading import (
    dates,
    head_of,
    no_person,
    own_rank,
    period_named,
    period_of,
    periods_there,
    waiting_for,
)
from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.services import Context, Services
from quizcore import documents
from quizcore.documents.leaderboard import PeriodDocument, PersonRow, people_rows
from quizcore.domain.leaderboard.contribution import class_of
from quizcore.messages import is_document_name
from quizcore.usecases.leaderboard_range import board_between, people_between

app = typer.Typer(no_args_is_help=True, help="Show leaderboards, ranks and ranges of dates.")


def _a_name(value: str | None) -> str | None:
    if value is not None and not is_document_name(value):
        raise typer.BadParameter(f"{value!r} is no id")
    return value


Board = Annotated[
    str, typer.Argument(help="global, quizzes, quiz-QUIZ or class-CLASS.", metavar="BOARD", callback=_a_name)
]
Period = Annotated[
    str, typer.Argument(help="day, week, month or all; or one such as day-2026-11-24.", metavar="PERIOD")
]


@app.command()
def show(context: Context, board: Board) -> None:
    """The head, the periods with their numbers of people, and the moves that wait for a fold."""
    services = context.obj
    now = services.clock.now_ms()
    head, waiting = head_of(services.store, board), waiting_for(services.store, board, now)
    if head is None and not waiting.documents:
        raise CliError("unknown_board", f"there is no leaderboard {board}", Exit.REFUSED)
    periods = [_period_row(each.name, each.read_as(PeriodDocument)) for each in periods_there(services.store, board)]
    folded = f"folded {head['seq']} times, the last time {_ago(now - head['as_of'])}" if head else "not folded yet"
    pending = f"{waiting.moves} moves in {waiting.documents} documents wait" if waiting.documents else "no moves wait"
    oldest = f", the oldest for {waiting.oldest_ms / 1_000:.1f} s" if waiting.documents else ""
    if out.as_json:
        found = {"board": board, "head": head, "periods": periods, "waiting": asdict(waiting)}
        out.value(found, "")
        return
    out.line(f"{board}: {folded}; {pending}{oldest}")
    out.rows(periods, ["period", "people", "seq", "as_of", "leaves", "pages"], "no periods yet")


@app.command()
def top(context: Context, board: Board, period: Period) -> None:
    """The best rows, as everybody who may read the board sees them."""
    found = period_of(context.obj.store, board, period_named(context.obj, board, period))
    _rows(found["top"])


@app.command()
def rank(
    context: Context,
    board: Board,
    period: Period,
    person: Annotated[str, typer.Option(help="Whose rank.", metavar="UID", callback=_a_name)],
) -> None:
    """The exact rank of a person, from the documents that a client reads for it."""
    services, name = context.obj, period_named(context.obj, board, period)
    found = services.store.at_one_moment(lambda reader: own_rank(reader, board, name, person, services.settings.rules))
    if found is None:
        out.value(
            {"board": board, "period": name, "person": person, "rank": None}, f"{person} is not on {board} {name}"
        )
        return
    text = f"{person}: {found.points:,} points, rank {found.rank:,} of {found.people:,} ({found.reads} documents read)"
    out.value({"board": board, "period": name, "person": person, **asdict(found)}, text)


@app.command("range")
def range_(
    context: Context,
    board: Board,
    first: Annotated[str, typer.Option("--from", help="The first date.", metavar="DATE")],
    last: Annotated[str, typer.Option("--to", help="The last date.", metavar="DATE")],
    person: Annotated[str | None, typer.Option(help="Only this person's sum.", metavar="UID", callback=_a_name)] = None,
) -> None:
    """The board of a class between two dates, or the sum of one person on any board.

    The dates are those of the board's time zone. Of other boards there is no board of a range: a person's days must be
    added up first, for all people.
    """
    between, class_id = dates(first, last), class_of(board)
    if person is not None:
        _sum_of(context.obj, board, person, *between)
    elif class_id is not None:
        _board_of(context.obj, board, class_id, *between)
    else:
        text = f"{board} has no board of a range of dates; only classes have one. Say --person UID for one person's sum"
        raise CliError("no_range", text, Exit.REFUSED)


def _sum_of(services: Services, board: str, uid: str, first: date, last: date) -> None:
    found = next(people_between(services.store, [uid], first, last), None)
    if found is None:
        raise no_person(uid)
    total = found.total_between(board, first, last, services.settings.rules)
    points, games = (total.points, total.games) if total else (0, 0)
    about = {"board": board, "from": first, "to": last, "person": uid, "points": points, "games": games}
    out.value(about, f"{uid}: {points:,} points in {games} games from {first} to {last}")


def _board_of(services: Services, board: str, class_id: str, first: date, last: date) -> None:
    if services.store.get(documents.class_path(class_id)) is None:
        raise CliError("unknown_class", f"there is no class {class_id}", Exit.REFUSED)
    members = [member.name for member in services.store.list(documents.class_members_path(class_id))]
    people = people_between(services.store, members, first, last)
    _rows(people_rows(board, board_between(people, board, first, last, services.settings.rules).candidates.rows))


def _rows(rows: list[PersonRow]) -> None:
    shown: list[dict[str, object]] = [{**row, "reached_at": _moment(row["reached_at"])} for row in rows]
    out.rows(shown, ["rank", "nickname", "points", "reached_at", "who"], "nobody stands there")


def _period_row(name: str, document: PeriodDocument) -> dict[str, object]:
    return {
        "period": name,
        "people": document["people"],
        "seq": document["seq"],
        "as_of": _moment(document["as_of"]),
        "leaves": len(document["leaves"]),
        "pages": document["pages"],
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="seconds")


def _ago(ms: int) -> str:
    return f"{ms / 1_000:.1f} s ago"
