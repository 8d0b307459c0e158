"""The report: the same table in both formats, for any texts and any number of players."""

import csv
import sys
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quizcore.adapters.memory import MemoryStore
from quizcore.domain.events import Event
from quizcore.domain.fold import fold
from quizcore.domain.quiz import Kind, Question
from quizcore.loading import SessionUnknown
from quizcore.ports import OrderBy, Snapshot, Where
from quizcore.usecases.report import PAGE_PLAYERS, CsvSheet, XlsxSheet, report, report_rows, safe_text
from tests.support.games import START, TEXT, answered, finished, game, joined, opened, removed
from tests.support.reports import SESSION, files_of, rows_of, stored

OVER = START + 10**9
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)  # surrogates and noncharacters too
FORMULAS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "=cmd|' /C calc'!A0"),
    *("\n=1+1", "\r=1+1", "\r\n=1+1", "\t=1+1", " =1+1", "\u00a0=1+1", "\u3000=1+1", "\u200b=1+1", "\ufeff=1+1"),
    *(
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM(A1)",
        "\ufe661+1",
        "\ufe621",
        "\ufe631",
        "\ufe6bSUM(A1)",
        "\u22121",
    ),
    *("x;=1+1", "x; =1+1", "x;\t=1+1", "x;\uff1d1+1", "x;;=1+1", "\x01=1+1", "x;\x00=1+1", "\ufffe=1+1"),
)


def cells_of(as_csv: bytes, as_xlsx: bytes) -> tuple[list[list[str]], list[list[str]]]:
    rows = list(csv.reader(StringIO(as_csv.decode("utf-8-sig"), newline="")))
    book = openpyxl.load_workbook(BytesIO(as_xlsx))
    sheet = book["results"]
    told = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    book.close()
    assert kinds <= {"s", "n", "inlineStr"}, "no cell is a formula"
    return rows, told


def test_the_report_of_the_documents_equals_the_fold() -> None:
    events: list[Event] = [joined(f"p{n}", START + n, nickname=f"Player {n % 7}") for n in range(20)]
    events += [opened(0, START), *(answered(f"p{n}", 0, START + 3_000 + n * 100, n % 4) for n in range(18))]
    events += [removed("p3", START + 30_000), finished(START + 60_000)]
    state = fold(game(), events, OVER)
    standings = state.standings.page(0, len(state.standings))

    rows = rows_of(state)

    assert rows[0][:4] == ["rank", "nickname", "score", "right"]
    assert [row[:3] for row in rows[1:]] == [[s.rank, s.nickname, s.score] for s in standings]
    assert len(rows) == 1 + 19, "who was removed is on no board"
    points = {p.player_id: p.sheet.answers[0].points for p in state.players.values() if 0 in p.sheet.answers}
    assert [row[5] for row in rows[1:]] == [points.get(s.player_id) for s in standings]
    assert {row[4] for row in rows[1:]} == {"rare", "plentiful ✔", "tiny", "late", None}


@given(text=ANY_TEXT)
@example(text="\x00")
@example(text="\ufffe")
@example(text="\ud800")
@example(text="\x0b=1+1")
@example(text="_x0001_")
def test_no_text_breaks_a_report(text: str) -> None:
    question = Question(text.strip() or "?", Kind.TEXT, ("start",))
    events: list[Event] = [joined("ann", nickname=text), opened(0, START), answered("ann", 0, START + 3_000, text=text)]

    rows, told = cells_of(*files_of(fold(game(question), events, OVER)))

    assert rows == told
    assert len(rows) == 2, "a row a player, whatever line breaks the texts hold"


def test_every_code_point_can_stand_in_a_cell() -> None:
    sheets = CsvSheet(), XlsxSheet()
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    for start in range(0, len(every), 1_024):
        text = safe_text("x".join(every[start : start + 1_024]))
        for sheet in sheets:
            sheet.append([text])

    as_csv, as_xlsx = (sheet.file() for sheet in sheets)

    assert as_csv.decode("utf-8-sig").count("\r\n") == len(every) // 1_024
    book = openpyxl.load_workbook(BytesIO(as_xlsx), read_only=True)
    assert sum(1 for _ in book["results"].iter_rows()) == len(every) // 1_024
    book.close()


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_becomes_a_formula_with_any_separator(formula: str) -> None:
    events: list[Event] = [joined("ann", nickname=formula), opened(0, START)]
    events.append(answered("ann", 0, START + 3_000, text=formula))
    as_csv, as_xlsx = files_of(fold(game(TEXT), events, OVER))

    rows, told = cells_of(as_csv, as_xlsx)
    text = as_csv.decode("utf-8-sig")
    by_semicolon = list(csv.reader(StringIO(text, newline=""), delimiter=";"))
    by_tab = list(csv.reader(StringIO(text, newline=""), delimiter="\t"))

    assert rows == told
    for cell in (cell for table in (rows, by_semicolon, by_tab) for row in table for cell in row):
        first = next((char for char in cell if not char.isspace() and char not in "\u200b\ufeff"), "")
        assert first not in set("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"), cell
    assert any(word in rows[1][1] for word in ("1", "SUM", "calc")), "and the text is still there to read"


def test_text_that_is_not_a_formula_is_unchanged() -> None:
    for text in ("Ann", "well-known", "a = b", "(=)", "x; y", "“yes”", "नमस्ते", "1 + 1", "🦊 fox"):
        assert safe_text(text) == text


class Pages(MemoryStore):
    """A session of so many players that are made as they are read."""

    def __init__(self, players: int) -> None:
        super().__init__()
        self.players = players
        self.pages = list[int]()
        self.commit_from(stored(fold(game(), [joined("ann")], OVER)))

    def commit_from(self, other: MemoryStore) -> None:
        self._documents |= other._documents

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        assert limit is not None, "a collection of any size is never read whole"
        start = 0 if where[0][2] == "" else int(where[0][2]) + 1
        numbers = range(start, min(start + limit, self.players))
        self.pages.append(len(numbers))
        return [Snapshot(f"{collection}/p{n}", self._player(n), 0) for n in numbers]

    def _player(self, number: int) -> dict[str, Any]:
        answers = {str(i): {"choices": [1], "correct": True, "points": 1_000, "receipt": "r" * 36} for i in range(20)}
        name, place = f"Player {number}", f"{number:012}"
        return {"nickname": name, "score": 9 - number // 1_000, "correct_count": 20, "answers": answers, "place": place}


def test_ten_thousand_players_are_read_page_by_page() -> None:
    store = Pages(10_000)

    told = report(store, SESSION, [CsvSheet])

    assert told.players == 10_000
    assert max(store.pages) <= PAGE_PLAYERS
    last = told.files[0].decode("utf-8-sig").splitlines()[-1].split(",")
    assert last[:3] == ["9001", "Player 9999", "0"]


def test_a_missing_session_has_no_report() -> None:
    with pytest.raises(SessionUnknown):
        list(report_rows(MemoryStore(), SESSION))


def test_a_player_who_only_answered_is_not_listed() -> None:
    state = fold(game(), [joined("ann"), opened(0, START), answered("ghost", 0, START + 3_000, 1)], OVER)

    assert "ghost" in state.players
    assert [row[1] for row in rows_of(state)] == ["nickname", "ann"]
