"""`wordrush verify`: fold the stored answers again and compare everything with what is shown."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from admin_cli.errors import Exit
from admin_cli.output import out
from admin_cli.wiring import services
from quizcore import documents
from quizcore.boards import board_fields, ranks_fields
from quizcore.loading import Loaded, load
from quizcore.ports import DocumentStore

TRIES = 20
PAUSE_S = 0.2


def verify(session_id: Annotated[str, typer.Argument(metavar="SESSION")]) -> None:
    """Fold the stored answers again; compare every score, rank and board. Exit code 1 on a difference.

    Works while the session runs: a reading that a commit has overtaken is taken again.
    """
    loaded = _settled(services().store, session_id)
    differences = list(compare(loaded))
    found = {
        "session": session_id,
        "seq": loaded.board.data["seq"],
        "players": len(loaded.players),
        "answers": sum(len(player.sheet.answers) + len(player.sheet.held) for player in loaded.state.players.values()),
        "differences": differences,
    }
    lines = [
        f"[red]{d['where']} {d['field']}: says {d['says']!r}, the fold gives {d['fold']!r}[/]" for d in differences
    ]
    summary = (
        f"board {found['seq']}: {found['players']} players, {found['answers']} answers folded again, "
        f"{len(differences)} differences"
    )
    out.value(found, "\n".join([*lines, summary]))
    if differences:
        raise typer.Exit(Exit.DIFFERENT)


def compare(loaded: Loaded) -> Iterator[dict[str, Any]]:
    """Every field of every document that is not what the fold gives."""
    state, session = loaded.state, loaded.session
    for snapshot in loaded.players:
        player = state.players[snapshot.name]
        fields = documents.player_fields(player, snapshot.data["shard"], snapshot.data["expires_at"])
        yield from _differences(snapshot.path, snapshot.data, fields)
    board = loaded.board.data
    fields = board_fields(state, seq=board["seq"], commit_id=board["commit_id"], top_k=max(1, len(board["top"])))
    yield from _differences(loaded.board.path, board, fields)
    yield from _differences(session.path, session.data, documents.clock_fields(state))
    ranks = ranks_fields(state)
    # Until the end they may be a second behind the board.
    if loaded.ranks is not None and ranks is not None and board["final"]:
        yield from _differences(loaded.ranks.path, loaded.ranks.data, ranks)


def _differences(path: str, says: dict[str, Any], fold: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for field, value in fold.items():
        if says.get(field) != value:
            yield {"where": path, "field": field, "says": says.get(field), "fold": value}


def _settled(store: DocumentStore, session_id: str) -> Loaded:
    """A reading during which no commit was made, so that its documents belong together."""
    for _ in range(TRIES):
        loaded = load(store, session_id, 0)
        after = store.get(loaded.board.path)
        if after is not None and after.version == loaded.board.version:
            return loaded
        time.sleep(PAUSE_S)
    return loaded
