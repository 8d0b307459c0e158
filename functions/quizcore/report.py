"""The results of a session as a table for spreadsheets."""

import csv
from io import BytesIO, StringIO
from typing import Any

from quizcore.domain.fold import Player, State
from quizcore.domain.quiz import Question
from quizcore.domain.sheet import Graded

Row = list[str | int | None]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def report_rows(state: State) -> list[Row]:
    """A header, then a row a player in the order of the standings; per question the answer and the points."""
    header: Row = ["rank", "nickname", "score", "right"]
    for number, question in enumerate(state.game.quiz.questions, 1):
        header += [f"{number}. {question.prompt}", f"{number}. points"]
    rows = [_safe(header)]
    for standing in state.standings.page(0, len(state.standings)):
        player = state.players[standing.player_id]
        row: Row = [standing.rank, standing.nickname, standing.score, player.sheet.correct_count]
        for index, question in enumerate(state.game.quiz.questions):
            row += _answer_cells(player, index, question)
        rows.append(_safe(row))
    return rows


def csv_bytes(rows: list[Row]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to see it."""
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: list[Row]) -> bytes:
    import openpyxl  # late: most instances of the door never need it
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "results"
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "C2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _answer_cells(player: Player, index: int, question: Question) -> Row:
    graded = player.sheet.answers.get(index)
    return [None, None] if graded is None else [_answer_text(graded, question), graded.points]


def _answer_text(graded: Graded, question: Question) -> str:
    answer = graded.submission.answer
    if answer.text is not None:
        return answer.text
    chosen = (question.choices[i] for i in answer.choices if i < len(question.choices))
    return ", ".join(chosen) + (" ✔" if graded.correct else "")


def _safe(row: Row) -> Row:
    """A nickname must not become a formula in somebody's spreadsheet (OWASP: CSV injection)."""
    return [f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA_STARTS) else c for c in row]
