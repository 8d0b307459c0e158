"""A session as the terminal shows it."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from admin_cli.output import shown

SHAPES = "▲◆●■★✚⬟⬢"
BAR_CELLS = 24
MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


def board_view(session: Mapping[str, Any], board: Mapping[str, Any], now: int) -> RenderableType:
    """The title with PIN and state, the question with its tally, and the top of the board."""
    parts: list[RenderableType] = [_question(session, board, now)] if session["question"] else [_lobby(board)]
    parts.append(_top(board))
    subtitle = f"{board['player_count']} players · board {board['seq']}" + (" · final" if board["final"] else "")
    pin = (session["pin"], "bold")
    title = Text.assemble(shown(session["title"], "bold"), " · PIN ", pin, f" · {session['state']}")
    return Panel(Group(*parts), title=title, subtitle=subtitle, box=box.ROUNDED, padding=(1, 2))


def _lobby(board: Mapping[str, Any]) -> RenderableType:
    names = "  ".join(board["recent"]) or "waiting for players …"
    return shown(names, "cyan")


def _question(session: Mapping[str, Any], board: Mapping[str, Any], now: int) -> RenderableType:
    question, reveal = session["question"], session["reveal"]
    number = f"{session['question_index'] + 1}/{session['question_count']}"
    head = Text.assemble(
        (f"{number}  ", "dim"), shown(question["prompt"], "bold"), ("   " + _clock(session, now), "yellow")
    )
    tally = board["tally"] or {}
    rows = Table.grid(padding=(0, 2))
    counts = tally.get("choices") if tally.get("question_index") == session["question_index"] else None
    for i, choice in enumerate(question["choices"]):
        right = reveal is not None and i in reveal["key"]
        style = "bold green" if right else ("dim" if reveal else "")
        count = counts[i] if counts else None
        rows.add_row(f"{SHAPES[i]}", shown(choice, style), "✔" if right else "", _bar(count, counts))
    answered = Text(f"{tally.get('answered', 0)} of {board['player_count']} have answered", "dim")
    told = shown((reveal or {}).get("explanation") or "", "italic")
    return Group(head, rows, answered, told, Text())


def _clock(session: Mapping[str, Any], now: int) -> str:
    if session["state"] != "question":
        return ""
    if now < session["opened_at"]:
        return f"opens in {(session['opened_at'] - now + 999) // 1000} s"
    return f"{max(0, session['closes_at'] - now + 999) // 1000} s"


def _bar(count: int | None, counts: list[int] | None) -> Text:
    if count is None or not counts:
        return Text()
    return Text(f"{'█' * round(BAR_CELLS * count / max(*counts, 1))} {count}", "blue")


def _top(board: Mapping[str, Any]) -> RenderableType:
    if not board["top"]:
        return Text()
    most = max(row["score"] for row in board["top"]) or 1
    table = Table(box=None, pad_edge=False, show_header=False)
    for row in board["top"]:
        bar = Text("━" * round(BAR_CELLS * row["score"] / most), "green" if board["final"] else "cyan")
        medal = MEDALS.get(row["rank"], "") if board["final"] else ""
        score = Text(str(row["score"]), "bold", justify="right")
        table.add_row(f"{row['rank']}.", shown(row["nickname"]), bar, score, medal)
    return Align.left(table)
