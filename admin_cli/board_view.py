"""A session as the terminal shows it."""

from rich import box
from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from admin_cli.output import shown
from quizcore.documents import BoardDocument, PublicQuestion, SessionDocument
from quizcore.domain.session import Phase

SHAPES = "▲◆●■★✚⬟⬢"
BAR_CELLS = 24
MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


def board_view(session: SessionDocument, board: BoardDocument, now: int) -> RenderableType:
    """The title with PIN and state, the question with its tally, and the top of the board."""
    question = session["question"]
    parts = [_question(question, session, board, now) if question else _lobby(board), _top(board)]
    subtitle = f"{board['player_count']} players · board {board['seq']}" + (" · final" if board["final"] else "")
    pin = (session["pin"], "bold")
    title = Text.assemble(shown(session["title"], "bold"), " · PIN ", pin, f" · {session['state']}")
    return Panel(Group(*parts), title=title, subtitle=subtitle, box=box.ROUNDED, padding=(1, 2))


def _lobby(board: BoardDocument) -> RenderableType:
    names = "  ".join(board["recent"]) or "waiting for players …"
    return shown(names, "cyan")


def _question(question: PublicQuestion, session: SessionDocument, board: BoardDocument, now: int) -> RenderableType:
    index, reveal = session["question_index"] or 0, session["reveal"]
    number = f"{index + 1}/{session['question_count']}"
    head = Text.assemble(
        (f"{number}  ", "dim"), shown(question["prompt"], "bold"), ("   " + _clock(session, now), "yellow")
    )
    tally = board["tally"]
    rows = Table.grid(padding=(0, 2))
    counts = tally["choices"] if tally and tally["question_index"] == index else None
    for i, choice in enumerate(question["choices"]):
        right = reveal is not None and i in reveal["key"]
        style = "bold green" if right else ("dim" if reveal else "")
        count = counts[i] if counts else None
        rows.add_row(f"{SHAPES[i]}", shown(choice, style), "✔" if right else "", _bar(count, counts))
    answered = Text(f"{tally['answered'] if tally else 0} of {board['player_count']} have answered", "dim")
    explanation = shown((reveal and reveal["explanation"]) or "", "italic")
    return Group(head, rows, answered, explanation, Text())


def _clock(session: SessionDocument, now: int) -> str:
    opened_at, closes_at = session["opened_at"], session["closes_at"]
    if session["state"] != Phase.QUESTION or opened_at is None or closes_at is None:
        return ""
    if now < opened_at:
        return f"opens in {(opened_at - now + 999) // 1000} s"
    return f"{max(0, closes_at - now + 999) // 1000} s"


def _bar(count: int | None, counts: list[int] | None) -> Text:
    if count is None or not counts:
        return Text()
    return Text(f"{'█' * round(BAR_CELLS * count / max(*counts, 1))} {count}", "blue")


def _top(board: BoardDocument) -> RenderableType:
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
