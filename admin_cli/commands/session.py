"""Sessions: opened and controlled through the API, watched and reported from the documents."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.text import Text

from admin_cli.errors import CliError, Exit
from admin_cli.live_board import watch_board
from admin_cli.output import out, shown
from admin_cli.services import Context, Services
from quizcore import documents
from quizcore.documents import PlayerDocument, SessionDocument
from quizcore.domain.commands import Command, question_meant
from quizcore.domain.session import Reveal, Scoring
from quizcore.loading import SessionUnknown, shard_count
from quizcore.messages import is_document_name
from quizcore.ports import DocumentStore, Where
from quizcore.usecases.archive import Archived, ArchiveUnreadable, SessionExists, archived, read, restore
from quizcore.usecases.list_sessions import all_sessions
from quizcore.usecases.report import CsvSheet, XlsxSheet, report

MOST_ARCHIVE_BYTES = 512 * 1024**2  # some 100,000 players

app = typer.Typer(no_args_is_help=True, help="Open, drive, watch and report sessions.")

SessionId = Annotated[str, typer.Argument(help="As `session open` and `session list` show it.", metavar="SESSION")]


@app.command("open")
def open_(
    context: Context,
    quiz_id: Annotated[str, typer.Argument(help="As `wordrush quiz list` shows it.", metavar="QUIZ")],
    scoring: Annotated[Scoring, typer.Option(help="How answers pay.")] = Scoring.CLASSIC,
    reveal: Annotated[Reveal, typer.Option(help="When scores move.")] = Reveal.ON_CLOSE,
    streak_bonus: Annotated[bool, typer.Option("--streak-bonus", help="Extra for right answers in a row.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Part of the points for part of the key.")] = False,
    auto_advance: Annotated[bool, typer.Option("--auto-advance", help="Continue without next.")] = False,
    auto_close: Annotated[bool, typer.Option(help="Close a question when all have answered.")] = True,
    late_join: Annotated[bool, typer.Option(help="Players may join after the start.")] = True,
    approval: Annotated[bool, typer.Option("--approval", help="Players wait until you admit them.")] = False,
    hide_board: Annotated[bool, typer.Option("--hide-board", help="The board lists no players.")] = False,
    players: Annotated[int, typer.Option(help="About how many; above 2,000 they are spread over shards.", min=1)] = 1,
    class_id: Annotated[
        str | None, typer.Option("--class", help="Your class that plays, for its leaderboard.", metavar="CLASS")
    ] = None,
    lead_ms: Annotated[int, typer.Option(help="From `next` to the choices.", min=0, max=30_000)] = 3_000,
    review_ms: Annotated[int, typer.Option(help="With auto-advance: after each close.", min=1_000)] = 5_000,
) -> None:
    """Open a session and show how to join: [bold]wordrush session open everyday-a2 --auto-advance[/]"""
    options = {
        "scoring": scoring.value,
        "reveal": reveal.value,
        "streak_bonus": streak_bonus,
        "partial": partial,
        "auto_advance": auto_advance,
        "auto_close": auto_close,
        "late_join": late_join,
        "approval": approval,
        "board_hidden": hide_board,
        "lead_ms": lead_ms,
        "review_ms": review_ms,
    }
    body = {"quiz_id": quiz_id, "options": options, "expected_players": players}
    opened = context.obj.api.post("/sessions", body | ({} if class_id is None else {"class_id": class_id}))
    how_to_join = f"\n{opened['join_url']}\nsession {opened['session_id']}"
    out.value(opened, Text.assemble("PIN ", (opened["pin"], "bold"), shown(how_to_join)))
    if not out.as_json:
        segno.make(opened["join_url"], error="m").terminal(compact=True)


@app.command("export")
def export(
    context: Context, session_id: SessionId, file: Annotated[Path, typer.Argument(help="Where to write it.")]
) -> None:
    """Write every document of the session to one file, with a checksum."""
    store = context.obj.store
    shard_count(store, session_id)  # raises SessionUnknown when fields of the session document are missing
    archive = archived(store, session_id)
    file.write_text(json.dumps(archive, ensure_ascii=False))
    summary = {
        "session": session_id,
        "file": str(file),
        "documents": len(archive["documents"]),
        "sha256": archive["sha256"],
    }
    out.value(summary, f"{summary['documents']} documents written to {file}\nSHA-256 {archive['sha256']}")


@app.command("import")
def import_(
    context: Context,
    file: Annotated[Path, typer.Argument(help="What `session export` wrote.", exists=True, dir_okay=False)],
    host: Annotated[str | None, typer.Option(help="The host that the session gets.", metavar="UID")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Import it for the host that the file names.")] = False,
) -> None:
    """Restore an exported session with its id. Refused when a session with this id exists.

    Without --host or --yes the command only names the session's host; nothing is written. The session expires after the
    usual time from now. A final session gets no PIN; any other session gets its old PIN, or a new PIN when the old one
    is in use. The checksum detects only accidents: import only files that you trust.
    """
    archive, services = _read_archive(file), context.obj
    head = archive.head
    players = sum(path.startswith(documents.players_path(archive.session_id) + "/") for path in archive.documents)
    summary = {
        "session": archive.session_id,
        "title": head["title"],
        "host": host or head["host_id"],
        "players": players,
    }
    about = f"session {archive.session_id} of the host {host or head['host_id']}: {head['title']}, {players} players"
    if host is None and not yes:
        out.value(summary | {"imported": False}, f"{about}\nwould be imported: say --yes, or --host UID")
        return
    expires_at = documents.expiry(services.clock.now_ms()) + timedelta(days=services.settings.session_days)
    try:
        pin = restore(services.store, archive, host_id=host or head["host_id"], expires_at=expires_at, ids=services.ids)
    except SessionExists as error:
        raise CliError("session_exists", f"{error} exists already; nothing was changed", Exit.REFUSED) from None
    opened = f"PIN {pin}" if pin else "it is over, and has no PIN"
    out.value(summary | {"imported": True, "pin": pin}, f"{about}\nis back: {opened}; `wordrush verify` folds it again")


def _read_archive(file: Path) -> Archived:
    """Raises CliError."""
    try:
        if file.stat().st_size > MOST_ARCHIVE_BYTES:
            raise ArchiveUnreadable(f"has more than {MOST_ARCHIVE_BYTES // 1024**2} MiB; is it the right file?")
        return read(json.loads(file.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise CliError("archive_unreadable", f"{file}: {error}", Exit.REFUSED) from None


@app.command("next")
def next_(context: Context, session_id: SessionId) -> None:
    """Open the next question."""
    _command(context.obj, session_id, "next")


@app.command()
def close(context: Context, session_id: SessionId) -> None:
    """End the running question before its time."""
    _command(context.obj, session_id, "close")


@app.command()
def finish(context: Context, session_id: SessionId) -> None:
    """End the session; the podium shows once every accepted answer is counted."""
    _command(context.obj, session_id, "finish")


@app.command()
def lock(context: Context, session_id: SessionId) -> None:
    """Refuse further players."""
    _command(context.obj, session_id, "lock")


@app.command()
def unlock(context: Context, session_id: SessionId) -> None:
    """Allow players to join again."""
    _command(context.obj, session_id, "unlock")


@app.command()
def remove(
    context: Context, session_id: SessionId, player_id: Annotated[str, typer.Argument(metavar="PLAYER")]
) -> None:
    """Take a player off the board."""
    _command(context.obj, session_id, "remove", player_id=player_id)


@app.command()
def rename(
    context: Context,
    session_id: SessionId,
    player_id: Annotated[str, typer.Argument(metavar="PLAYER")],
    nickname: Annotated[str, typer.Argument(help="The name that all users see from now on.")],
) -> None:
    """Give a player another name."""
    _command(context.obj, session_id, "rename", player_id=player_id, nickname=nickname)


@app.command()
def admit(context: Context, session_id: SessionId, player_id: Annotated[str, typer.Argument(metavar="PLAYER")]) -> None:
    """Admit a waiting player; `session waiting` lists the waiting players."""
    _command(context.obj, session_id, "admit", player_id=player_id)


@app.command()
def waiting(context: Context, session_id: SessionId) -> None:
    """List the players who wait for admission."""
    where: list[Where] = [("admitted", "==", False), ("removed", "==", False)]
    players = context.obj.store.list(documents.players_path(session_id), where=where)
    names = {player.name: player.read_as(PlayerDocument)["nickname"] for player in players}
    rows = [{"player": name, "nickname": nickname} for name, nickname in names.items() if nickname]
    out.rows(rows, ["player", "nickname"], "no player waits")


@app.command()
def expect(
    context: Context,
    session_id: SessionId,
    players: Annotated[int, typer.Argument(help="About how many will play.", min=1)],
) -> None:
    """Announce the number of players: for more than 2,000 the session gets more shards between two questions."""
    _command(context.obj, session_id, "expect", players=players)


@app.command("list")
def list_(context: Context) -> None:
    """List the sessions of the host that this command line acts as."""
    rows = [
        {"session": session.name, **_listed(session.read_as(SessionDocument))}
        for session in all_sessions(context.obj.store, context.obj.settings.host_uid)
    ]
    out.rows(rows, ["session", "pin", "title", "state", "player_count", "final"], "no sessions yet")


def _listed(session: SessionDocument) -> dict[str, object]:
    return {
        "pin": session["pin"],
        "title": session["title"],
        "state": session["state"],
        "player_count": session["player_count"],
        "final": session["final"],
    }


@app.command()
def watch(
    context: Context,
    session_id: SessionId,
    until_final: Annotated[bool, typer.Option("--until-final", help="End at the podium.")] = False,
) -> None:
    """Show the live board until Ctrl-C: [bold]wordrush session watch SESSION[/]. With --json one line per board."""
    shard_count(context.obj.store, session_id)  # raises SessionUnknown before the board is drawn
    try:
        watch_board(context.obj, session_id, until_final=until_final)
    except KeyboardInterrupt:
        return


@app.command("report")
def report_(
    context: Context,
    session_id: SessionId,
    to: Annotated[Path, typer.Option("--to", help="A folder.", file_okay=False)] = Path(),
) -> None:
    """Write the results as CSV and xlsx: [bold]wordrush session report SESSION --to results[/]"""
    store = context.obj.store
    session = store.get(documents.session_path(session_id))
    if session is None or not documents.is_whole_session(session.data):
        raise SessionUnknown(session_id)
    results = report(store, session_id, [CsvSheet, XlsxSheet])
    to.mkdir(parents=True, exist_ok=True)
    stem = f"{session.read_as(SessionDocument)['pin']}-{session_id[:8]}"
    files = [to / f"{stem}.csv", to / f"{stem}.xlsx"]
    for file, content in zip(files, results.files, strict=True):
        file.write_bytes(content)
    listed = {"files": [str(file) for file in files], "players": results.players}
    out.value(listed, f"{results.players} players:\n" + "\n".join(map(str, files)))


def _command(services: Services, session_id: str, command: str, **more: str | int) -> None:
    api = services.api  # first, so that a failed sign-in reads no document
    body = {"command": command, **more, **_question(services.store, session_id, command)}
    accepted = api.post(f"/sessions/{session_id}/commands", body)
    out.value(accepted, f"{command}: accepted")


def _question(store: DocumentStore, session_id: str, command: str) -> dict[str, int]:
    """The field `question_index` of `next` and `close`, from the session as it is now; empty for other commands. With
    the field a late command cannot affect another question."""
    if question_meant(Command(command), 0) is None or not is_document_name(session_id):
        return {}
    session = store.get(documents.session_path(session_id))
    if session is None or not documents.is_whole_session(session.data):
        return {}
    meant = question_meant(Command(command), session.read_as(SessionDocument)["question_index"])
    return {} if meant is None else {"question_index": meant}
