"""`wordrush verify`: fold the stored answers again and compare the result with all documents."""

from itertools import chain
from typing import Annotated

import typer
from rich.progress import track

from admin_cli.errors import CliError, Exit
from admin_cli.output import errors, out
from admin_cli.services import Context, Services
from quizcore import documents
from quizcore.documents import SessionDocument
from quizcore.loading import SessionUnknown
from quizcore.ports import Snapshot
from quizcore.usecases.boards_again.person import Adding
from quizcore.usecases.verify import Difference, Findings, folded_again
from quizcore.usecases.verify_boards import Asked, BoardUnknown, boards_again


def verify(
    context: Context,
    session_id: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sessions, for a nightly run.")] = False,
    boards: Annotated[bool, typer.Option("--boards", help="The leaderboards, for a nightly run.")] = False,
    board: Annotated[
        str | None, typer.Option(help="With --boards: only this leaderboard, such as quiz-everyday-a2.")
    ] = None,
) -> None:
    """Fold the stored answers again; compare every score, rank and board. Exit code 1 on a difference.

    Works while the session runs: a reading that a commit has overtaken is taken again. Deletion by age takes documents
    one by one, so a difference after a session's `expires_at` is reported but does not fail. With --all the last lines
    are metrics in the text format of Prometheus: how many sessions were verified, and how many differ.

    --boards computes every leaderboard again from the people's documents, and compares what is counted with the
    sessions that still exist. It reads everything at one moment, also while games run.
    """
    if [session_id is not None, everything, boards].count(True) != 1:
        raise typer.BadParameter("name a session, or say --all, or --boards")
    if board is not None and not boards:
        raise typer.BadParameter("--board is for --boards")
    if boards:
        _verify_boards(context.obj, board)
    elif session_id is not None:
        _verify_one(context.obj, session_id)
    else:
        _verify_all(context.obj)


def _verify_one(services: Services, session_id: str) -> None:
    store, now = services.store, services.clock.now_ms()
    found = folded_again(store, session_id, services.sleep, now)
    expired = _expired(store.get(documents.session_path(session_id)), now)
    lines = [*_lines(found), f"{session_id} is past its time: deletion by age has begun" if expired else ""]
    out.value({**found, "expired": expired}, "\n".join(filter(None, lines)))
    if found["differences"] and not expired:
        raise typer.Exit(Exit.DIFFERENT)


def _expired(session: Snapshot | None, now: int) -> bool:
    return session is None or bool(session.read_as(SessionDocument)["expires_at"] <= documents.expiry(now))


def _verify_all(services: Services) -> None:
    """A partly deleted session is reported, but does not fail."""
    sessions, now = services.store.list(documents.SESSIONS), services.clock.now_ms()
    wrong, gone = list[Findings](), list[str]()
    for session in track(sessions, "sessions", console=errors, disable=out.as_json):
        try:
            found = folded_again(services.store, session.name, services.sleep, now)
        except SessionUnknown:
            gone.append(session.name)
            continue
        if found["differences"]:
            gone.append(session.name) if _expired(session, now) else wrong.append(found)
    metrics = {"wordrush_sessions_verified": len(sessions) - len(gone), "wordrush_sessions_different": len(wrong)}
    lines = [*chain.from_iterable(map(_lines, wrong)), *(f"{session} is only partly there" for session in gone)]
    metric_lines = [f"{name} {value}" for name, value in metrics.items()]
    out.value({**metrics, "different": wrong, "partly_there": gone}, "\n".join([*lines, *metric_lines]))
    if wrong:
        raise typer.Exit(Exit.DIFFERENT)


def _verify_boards(services: Services, board: str | None) -> None:
    settings = services.settings
    asked = Asked(services.clock.now_ms(), Adding(settings.leaderboard_points, settings.class_points), board)
    try:
        found = boards_again(services.store, asked)
    except BoardUnknown as error:
        text = f"there is no leaderboard {error}; say global, quiz-QUIZ or class-CLASS"
        raise CliError("unknown_board", text, Exit.REFUSED) from None
    metrics = {
        "wordrush_people_verified": found["people"],
        "wordrush_boards_verified": found["boards"],
        "wordrush_boards_different": found["different"],
    }
    summary = (
        f"{found['boards']} boards with {found['periods']} periods computed again from {found['people']} people, with "
        f"{found['pending']} pending documents of moves: {found['different']} differences"
    )
    lines = [*(_line(one, "the people's documents give") for one in found["differences"]), summary]
    out.value({**found, **metrics}, "\n".join([*lines, *(f"{name} {value}" for name, value in metrics.items())]))
    if found["different"]:
        raise typer.Exit(Exit.DIFFERENT)


def _lines(found: Findings) -> list[str]:
    lines = [_line(difference, "the fold gives") for difference in found["differences"]]
    summary = (
        f"board {found['seq']}: {found['players']} players, {found['answers']} answers folded again, "
        f"{len(found['differences'])} differences"
    )
    return [*lines, summary]


def _line(difference: Difference, source: str) -> str:
    where, field = difference["where"], difference["field"]
    return f"{where} {field}: says {difference['says']!r}, {source} {difference['fold']!r}"
