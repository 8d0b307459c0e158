"""Broken and hostile files of authors: one clear fault each, and no long wait."""

import csv
import difflib
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.chart import BarChart

from admin_cli import quiz_file
from admin_cli.faults import MOST_BYTES, FileUnusable
from admin_cli.importers import MAX_UNPACKED_BYTES, read_kahoot, read_words
from admin_cli.quiz_file import read_quiz_file
from quizcore.domain.fold import fold
from quizcore.domain.quiz import MAX_QUESTIONS
from quizcore.domain.text import unfit_character
from tests.hostile.inputs import TEXTS
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
    "seconds of infinity": "seconds: inf\n" + WHOLE,
    "seconds beyond any float": "seconds: 1e400\n" + WHOLE,
    "minus infinity": "seconds: -Infinity\n" + WHOLE,
    "points of nothing": "points: nan\n" + WHOLE,
    "a question's seconds of infinity": WHOLE.replace("key: b", "key: b, seconds: inf"),
    "a question's points of nothing": WHOLE.replace("key: b", "key: b, points: NaN"),
    "an escaped control character": WHOLE.replace("title: a", 'title: "a\\x07"'),
    "an escaped surrogate": WHOLE.replace("prompt: a", 'prompt: "\\ud800"'),
    "an escaped noncharacter": WHOLE.replace("key: b", 'key: "b\\uffff"'),
    "an escape beyond Unicode": WHOLE.replace("title: a", 'title: "\\UFFFFFFFF"'),
    "a version of 5,000 digits": "%YAML " + "9" * 5_000 + ".1\n---\n" + WHOLE,
    "201 questions": WHOLE.replace("[{", "[" + "{prompt: a, choices: [b, c], key: b}, " * 200 + "{"),
    "an id that is a path": "id: ../../x\n" + WHOLE,
    "too big": "#" * (MOST_BYTES + 1),
}


# Small files that stand for much work. Each is refused after few steps; the steps are counted, not the time.
ALIASES = "&q {prompt: a, choices: [b, c], key: b}" + "\n  - *q" * 600_000
LABORIOUS_YAML = {
    "600,000 aliases": "title: a\nlanguage: en\nquestions:\n  - " + ALIASES,
    "600,000 numbers": "title: a\nlanguage: en\nquestions: [" + "1, " * 600_000 + "1]",
    "thousands of keys and choices": "title: a\nlanguage: en\nquestions:\n- prompt: a\n  choices: &c ["
    + ", ".join(f"c{n}" for n in range(9_000))
    + "]\n  key: ["
    + ", ".join(f"k{n}" for n in range(9_000))
    + "]\n",
    "the same thousands in every question": "title: a\nlanguage: en\nquestions:\n- &q {prompt: a, choices: ["
    + ", ".join(f"c{n}" for n in range(15_000))
    + "], key: x}\n"
    + "- *q\n" * 190,
    "a key of a million characters": WHOLE.replace("key: b", "key: " + "x" * 1_000_000).replace(
        "c]", "y" * 1_000_000 + "]"
    ),
    "a field of a million characters": WHOLE + "\n? " + "x" * 1_000_000 + "\n: y",
}


def faults_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(FileUnusable) as caught:
        read()
    assert caught.value.faults
    return [fault.message for fault in caught.value.faults]


@pytest.mark.parametrize("name", BROKEN_YAML)
def test_yaml_that_is_not_a_quiz_is_reported_with_its_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(BROKEN_YAML[name])

    assert all(faults_of(lambda: read_quiz_file(path)))


@pytest.mark.parametrize("name", LABORIOUS_YAML)
def test_a_small_file_that_expands_hugely_is_refused_early(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(LABORIOUS_YAML[name])
    assert path.stat().st_size <= MOST_BYTES
    steps = Counter[str]()
    compose, closest = yaml.SafeLoader.compose_node, difflib.get_close_matches

    def counted_node(loader: Any, parent: Any, index: Any) -> Any:
        steps["nodes"] += 1
        return compose(loader, parent, index)

    def counted_comparison(word: str, possibilities: Any, n: int) -> list[str]:
        steps["comparisons"] += len(word) * sum(map(len, possibilities))
        return closest(word, possibilities, n)

    monkeypatch.setattr(yaml.SafeLoader, "compose_node", counted_node)
    monkeypatch.setattr(difflib, "get_close_matches", counted_comparison)

    faults = faults_of(lambda: read_quiz_file(path))

    assert len(faults) <= 2 * MAX_QUESTIONS
    assert steps["nodes"] <= quiz_file.MOST_NODES
    assert steps["comparisons"] <= 10**6


NUMBERS = ("inf", "-inf", "nan", "1e400", 1e308, "9" * 4_000, "٣٠")


@pytest.mark.parametrize("seconds", NUMBERS)
@pytest.mark.parametrize("column", ["seconds", "right"])
def test_a_row_with_an_invalid_number_is_skipped(tmp_path: Path, seconds: str | float, column: str) -> None:
    path = kahoot(tmp_path, ("Good?", "a", "b", None, None, 20, 1))
    assert len(read_kahoot(path, "en")[0].questions) == 1
    row = ("Bad?", "a", "b", None, None, *((seconds, 1) if column == "seconds" else (20, seconds)))

    found, skipped = read_kahoot(kahoot(tmp_path, ("Good?", "a", "b", None, None, 20, 1), row), "en")

    if (column, seconds) == ("seconds", "٣٠"):
        assert found.questions[1].time_limit_ms == 30_000, "digits of another script are digits"
        return
    assert [one.row for one in skipped] == [10]
    assert len(skipped[0].reason) < 300


def kahoot(folder: Path, *rows: tuple[Any, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, 9):
        for column, value in enumerate(row, 2):
            sheet.cell(number, column).value = value
    path = folder / "kahoot.xlsx"
    book.save(path)
    book.close()
    return path


def test_a_workbook_of_charts_alone_is_one_fault(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.create_chartsheet("chart").add_chart(BarChart())
    book.save(tmp_path / "charts.xlsx")

    assert faults_of(lambda: read_kahoot(tmp_path / "charts.xlsx", "en")) == ["has no worksheet; is it the right file?"]


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("content", [b"", b"<", b"<a/>", b"\x00" * 50, b"<worksheet><sheetData><row r='x'><c r='??'/>"])
def test_a_workbook_with_a_broken_part_is_one_fault(tmp_path: Path, part: str, content: bytes) -> None:
    whole, broken = kahoot(tmp_path, ("Good?", "a", "b", None, None, 20, 1)), tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))

    assert len(faults_or_none(lambda: read_kahoot(broken, "en"))) <= 1, "openpyxl can do without some parts"


def faults_or_none(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except FileUnusable as error:
        return [fault.message for fault in error.faults]
    return []


@pytest.mark.parametrize("name", TEXTS)
def test_forbidden_characters_are_reported_with_their_row(tmp_path: Path, name: str) -> None:
    text = TEXTS[name].replace("\ud800", "\uffff")[:150]  # no file holds a surrogate; YAML's escapes are tried above
    words = tmp_path / "words.csv"
    rows = io.StringIO()
    csv.writer(rows).writerows([("one", "eins"), ("two", "zwei"), (text, "drei"), ("four", f"{text}x")])
    words.write_text(rows.getvalue(), encoding="utf-8")

    found, skipped = read_words(words, "en", 1)

    texts = [found.title, *(text for q in found.questions for text in (q.prompt, *q.choices))]
    assert all(unfit_character(text) is None for text in texts)
    assert {one.row for one in skipped if "not a character" in one.reason} == (
        {3, 4} if unfit_character(" ".join(text.split())) else set()
    )


@pytest.mark.parametrize("content", [b"\xff\xfe\x00q", b"\x80", b"PK\x03\x04 not a zip", b"\x00" * 100])
def test_bytes_that_are_neither_text_nor_workbook_are_one_fault(tmp_path: Path, content: bytes) -> None:
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


def test_a_file_that_only_has_the_name_of_a_workbook_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "kahoot.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')

    assert len(faults_of(lambda: read_kahoot(path, "en"))) == 1


def test_a_hundred_thousand_rows_are_refused_at_the_first_row_above_the_limit(tmp_path: Path) -> None:
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
def test_a_formula_is_imported_as_text_and_never_exported_as_a_formula(tmp_path: Path, formula: str) -> None:
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
