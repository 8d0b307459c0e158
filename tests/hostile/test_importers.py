"""Files that authors did not mean to send, or that somebody made for them: one clear fault, and no long wait."""

import csv
import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from admin_cli.faults import MOST_BYTES, FileUnusable
from admin_cli.importers import MAX_UNPACKED_BYTES, read_kahoot, read_words
from admin_cli.quiz_file import read_quiz_file
from quizcore.domain.fold import fold
from quizcore.domain.quiz import MAX_QUESTIONS
from tests.support.games import START, game, joined
from tests.support.reports import files_of, rows_of

LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 10))
WHOLE = "title: a\nlanguage: en\nquestions: [{prompt: a, choices: [b, c], key: b}]"
BROKEN_YAML = {
    "nothing": "",
    "a number": "7",
    "tabs": "title:\t\tx\n\t- y",
    "an open bracket": "questions: [a, b",
    "an unknown anchor": "title: *nowhere",
    "two documents": "title: a\n---\ntitle: b",
    "a Python object": "title: !!python/object/apply:os.system [ls]\nlanguage: en\nquestions: []",
    "a billion laughs": "l0: &l0 [lol]\n" + LAUGHS + "title: *l9\nlanguage: en\nquestions: *l9\n",
    "itself": "title: &a [*a]\nlanguage: en\nquestions: *a",
    "too deep": "title: " + "[" * 20_000,
    "a control character": "title: a\x07b",
    "NUL": "title: \x00",
    "keys that are lists": "? [a, b]\n: c",
    "twice the same key": "title: a\ntitle: b\nlanguage: en\nquestions: []",
    "a time limit of infinity": "seconds: .inf\n" + WHOLE,
    "a time limit of nothing": "seconds: .nan\n" + WHOLE,
    "an id that is a path": "id: ../../x\n" + WHOLE,
    "too big": "#" * (MOST_BYTES + 1),
}


def faults_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(FileUnusable) as caught:
        read()
    assert caught.value.faults
    return [fault.message for fault in caught.value.faults]


@pytest.mark.parametrize("name", BROKEN_YAML)
def test_yaml_that_is_no_quiz_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(BROKEN_YAML[name])

    assert all(faults_of(lambda: read_quiz_file(path)))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00q", b"\x80", b"PK\x03\x04 not a zip", b"\x00" * 100])
def test_bytes_that_are_no_text_and_no_workbook_are_one_fault(tmp_path: Path, content: bytes) -> None:
    readers: dict[str, Callable[[Path], object]] = {
        "quiz.yaml": read_quiz_file,
        "words.csv": lambda path: read_words(path, "en", 1),
        "words.tsv": lambda path: read_words(path, "en", 1),
        "kahoot.xlsx": lambda path: read_kahoot(path, "en"),
    }
    for name, read in readers.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert len(faults_of(partial(read, path))) == 1


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "kahoot.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (MAX_UNPACKED_BYTES + 1))
    assert path.stat().st_size < 200_000

    assert "more than 50 MB" in faults_of(lambda: read_kahoot(path, "en"))[0]


def test_a_workbook_that_is_only_named_one_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "kahoot.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')

    assert len(faults_of(lambda: read_kahoot(path, "en"))) == 1


def test_a_hundred_thousand_rows_are_refused_at_the_first_that_is_too_many(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("".join(f"word{n},meaning{n}\n" for n in range(100_000)))

    assert faults_of(lambda: read_words(path, "en", 1)) == [f"has more than {MAX_QUESTIONS} words; split the file"]

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(100_000):
        sheet.append(["", "q", "a", "b", "", "", 20, 1])
    book.save(tmp_path / "kahoot.xlsx")
    assert faults_of(lambda: read_kahoot(tmp_path / "kahoot.xlsx", "en"))


def test_a_cell_longer_than_csv_allows_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("word,meaning\nlong," + "x" * 200_000)

    assert len(faults_of(lambda: read_words(path, "en", 1))) == 1


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_comes_in_as_text_and_never_goes_out_as_one(tmp_path: Path, formula: str) -> None:
    path = tmp_path / "words.csv"
    rows = io.StringIO()
    csv.writer(rows).writerows([(formula, "a meaning"), ("another", "another meaning")])
    path.write_text(rows.getvalue())
    found, _ = read_words(path, "en", 1)
    assert formula in found.questions[0].prompt

    state = fold(game(), [joined("ann", nickname=formula)], START)
    as_csv, as_xlsx = files_of(state)
    assert rows_of(state)[1][1] == f"'{formula}"
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    book.close()
    assert f"'{formula}" in as_csv.decode("utf-8-sig")
