"""The results of a session as a table for spreadsheets.

Read from the players' documents page by page, in the order of the standings, so that a session of any size needs the
memory of one page and of the file.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any, Protocol

from quizcore import documents
from quizcore.documents import GradedFields, PlayerDocument, SessionQuizDocument
from quizcore.domain.quiz import Question, Quiz
from quizcore.domain.text import may_hold
from quizcore.loading import SessionUnknown
from quizcore.ports import DocumentReader, DocumentStore, OrderBy, Where

PAGE_PLAYERS = 500
Row = list[str | int | None]

# Where a cell of a spreadsheet can begin: at the start, or after a semicolon, the separator of many European ones.
_CELL_START = re.compile(r"(^|;)([^\w;]*)")
_FORMULA_STARTS = frozenset("=+-@\N{MINUS SIGN}")


class Sheet(Protocol):
    """A spreadsheet file that is written row by row."""

    def append(self, row: Row) -> None: ...

    def file(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Report:
    players: int
    files: list[bytes]


def report(store: DocumentStore, session_id: str, kinds: Sequence[Callable[[], Sheet]]) -> Report:
    """One file per entry of `kinds`, all as of one moment. Raises SessionUnknown."""

    def read(reader: DocumentReader) -> Report:
        sheets = [kind() for kind in kinds]
        count = -1  # the first row is the header
        for row in report_rows(reader, session_id):
            count += 1
            for sheet in sheets:
                sheet.append(row)
        return Report(count, [sheet.file() for sheet in sheets])

    return store.at_one_moment(read)


def report_rows(reader: DocumentReader, session_id: str) -> Iterator[Row]:
    """A header, then one row per player in the order of the standings, with the answer and the points per question.

    Raises SessionUnknown."""
    path = documents.session_quiz_path(session_id)
    stored = reader.get_many([path]).get(path)
    if stored is None:
        raise SessionUnknown(session_id)
    quiz = documents.read_session_quiz(stored.read_as(SessionQuizDocument))
    yield _safe(_header(quiz))
    rank, before = 0, None
    for number, player in enumerate(_players(reader, session_id), 1):
        score = player["score"]
        rank, before = (rank if score == before else number), score
        yield _safe([rank, *_player_cells(player, quiz)])


def _players(reader: DocumentReader, session_id: str) -> Iterator[PlayerDocument]:
    """The players on the board, the best first. The field `place` is null for all others. It contains the player's id,
    so it is unique."""
    page = reader.list(documents.players_path(session_id), [("place", ">", "")], PAGE_PLAYERS, OrderBy("place"))
    while page:
        players = [snapshot.read_as(PlayerDocument) for snapshot in page]
        yield from players
        behind: Where = ("place", ">", players[-1]["place"])
        page = reader.list(documents.players_path(session_id), [behind], PAGE_PLAYERS, OrderBy("place"))


def _header(quiz: Quiz) -> Row:
    header: Row = ["rank", "nickname", "score", "right"]
    for number, question in enumerate(quiz.questions, 1):
        header += [f"{number}. {question.prompt}", f"{number}. points"]
    return header


def _player_cells(player: PlayerDocument, quiz: Quiz) -> Row:
    row: Row = [player["nickname"], player["score"], player["correct_count"]]
    for index, question in enumerate(quiz.questions):
        graded = player["answers"].get(str(index))
        row += [None, None] if graded is None else [_answer_text(graded, question), graded["points"]]
    return row


def _answer_text(graded: GradedFields, question: Question) -> str:
    return question.kind.rules.in_words(question, documents.read_answer(graded), correct=graded["correct"])


class CsvSheet:
    """CSV in UTF-8 with a byte order mark; without the mark spreadsheets guess another encoding."""

    def __init__(self) -> None:
        self._bytes = BytesIO()
        self._text = TextIOWrapper(self._bytes, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text)

    def append(self, row: Row) -> None:
        self._writer.writerow(row)

    def file(self) -> bytes:
        return self._bytes.getvalue()


class XlsxSheet:
    def __init__(self) -> None:
        import openpyxl  # imported late: most instances of the API never need it

        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet("results")
        self._sheet.freeze_panes = "C2"
        self._head = True

    def append(self, row: Row) -> None:
        self._sheet.append([self._bold(cell) for cell in row] if self._head else row)
        self._head = False

    def file(self) -> bytes:
        file = BytesIO()
        self._book.save(file)
        return file.getvalue()

    def _bold(self, value: str | int | None) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        cell = WriteOnlyCell(self._sheet, value)
        cell.font = Font(bold=True)
        return cell


def _safe(row: Row) -> Row:
    return [safe_text(cell) if isinstance(cell, str) else cell for cell in row]


def safe_text(text: str) -> str:
    """The text in one line, for any spreadsheet, and never read as a formula (OWASP: CSV injection). Characters that no
    text may contain are dropped, because older documents may contain them."""
    line = "".join(" " if char in "\t\n\r" else char for char in text if may_hold(char))
    return _CELL_START.sub(lambda match: match[1] + _disarmed(match[2]), line)


def _disarmed(start: str) -> str:
    """`start`, the characters of a cell before its first letter or digit, with an apostrophe before a formula. A
    spreadsheet also reads a formula after spaces and in full-width forms."""
    shown = unicodedata.normalize("NFKC", start).lstrip()
    visible = next((char for char in shown if unicodedata.category(char) != "Cf" and not char.isspace()), "")
    return f"'{start}" if visible in _FORMULA_STARTS and visible else start
