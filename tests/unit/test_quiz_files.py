"""Quiz files and imports: every fault with its place, every skipped row with its reason."""

from pathlib import Path

import openpyxl
import pytest

from admin_cli.faults import FileUnusable
from admin_cli.importers import read_kahoot, read_words
from admin_cli.quiz_file import quiz_text, read_quiz_file
from quizcore.domain.quiz import Kind
from tests.support.games import quiz

SHIPPED = sorted((Path(__file__).parents[2] / "quizzes").glob("*.yaml"))
GOOD = """\
title: Animals
language: en
seconds: 15
questions:
  - prompt: Which one barks?
    choices: [cat, dog]
    key: dog
  - prompt: Which fly?
    kind: multiple
    choices: [bat, owl, cow]
    key: [bat, owl]
    seconds: 2.5
  - prompt: A word for no?
    kind: text
    key: [no, nope]
"""


def write(tmp_path: Path, text: str, name: str = "animals.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(FileUnusable) as caught:
        read_quiz_file(write(tmp_path, text))
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def test_a_quiz_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    found = read_quiz_file(write(tmp_path, GOOD))

    assert (found.quiz_id, found.visibility, found.quiz.title) == ("animals", "private", "Animals")
    assert [q.kind for q in found.quiz.questions] == [Kind.SINGLE, Kind.MULTIPLE, Kind.TEXT]
    assert [q.key for q in found.quiz.questions] == [(1,), (0, 1), ("no", "nope")], "`no` is a word, not false"
    assert [q.time_limit_ms for q in found.quiz.questions] == [15_000, 2_500, 15_000]


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    bad = GOOD.replace("key: dog", "key: dgo").replace("kind: text", "kind: essay").replace("title:", "titel:")

    assert faults(tmp_path, bad) == [
        "1: unknown field 'titel'; did you mean title?",
        "1: title is missing",
        "7: key 'dgo' is not one of the choices; did you mean 'dog'?",
        "14: kind is single, multiple, text, not 'essay'",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: [", "is not YAML"),
        ("- a\n- b\n", "a quiz file is a mapping"),
        (GOOD.replace("language: en", "language: English"), "language is a tag"),
        (GOOD.replace("[cat, dog]", "[dog]"), "offer 2 to 8 choices"),
        (GOOD.replace("[cat, dog]", "[dog, dog]"), "two choices are the same"),
        (GOOD.replace("seconds: 2.5", "seconds: soon"), "seconds is a number"),
        (GOOD.replace("seconds: 15", "version: 1.5"), "version is a whole number"),
        (GOOD.replace("seconds: 2.5", "seconds: 1"), "the time limit must be"),
        (GOOD.split("questions:", maxsplit=1)[0], "questions is a list"),
    ],
)
def test_unplayable_questions_are_reported(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(tmp_path, text))


def test_a_quiz_survives_export_and_import(tmp_path: Path) -> None:
    path = write(tmp_path, quiz_text("words", quiz(), "public", 7))

    found = read_quiz_file(path)

    assert (found.quiz_id, found.visibility, found.quiz, found.version) == ("words", "public", quiz(), 7)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_quizzes_are_whole(path: Path) -> None:
    found = read_quiz_file(path).quiz

    assert len(found.questions) >= 15
    assert all(q.explanation and "“" in q.explanation for q in found.questions), "with an example sentence"
    assert {q.kind for q in found.questions} == set(Kind)


def kahoot(tmp_path: Path, *rows: tuple[str | float | None, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"] = "Quiz template"
    for number, row in enumerate(rows, 9):
        for column, value in enumerate(row, 2):
            sheet.cell(number, column, value)
    path = tmp_path / "kahoot.xlsx"
    book.save(path)
    return path


def test_kahoot_s_template_is_imported_and_each_skipped_row_has_a_reason(tmp_path: Path) -> None:
    path = kahoot(
        tmp_path,
        ("Barks?", "cat", "dog", None, None, 20, 2),
        ("Fly?", "bat", "owl", "cow", None, 30.0, "1,2"),
        ("No key", "a", "b", None, None, 20, None),
        (None, "a", "b", None, None, 20, 1),
        ("Wrong key", "a", "b", None, None, 20, 4),
        ("Words as time", "a", "b", None, None, "soon", 1),
    )

    found, skipped = read_kahoot(path, "en")

    assert [(q.kind, q.key, q.time_limit_ms) for q in found.questions] == [
        (Kind.SINGLE, (1,), 20_000),
        (Kind.MULTIPLE, (0, 1), 30_000),
    ]
    assert [row.row for row in skipped] == [11, 12, 13, 14]
    assert all(row.reason for row in skipped)


def test_a_word_list_gets_its_wrong_choices_from_the_other_meanings(tmp_path: Path) -> None:
    text = "word;meaning\nHund;dog\nKatze;cat\nMaus;mouse\nPferd;horse\nVogel;bird\nHund;hound\nleer;\n"
    path = write(tmp_path, text, "tiere.csv")

    found, skipped = read_words(path, "de", seed=1)

    assert [q.prompt for q in found.questions][:2] == ["What does “Hund” mean?", "What does “Katze” mean?"]
    assert [q.choices[int(q.key[0])] for q in found.questions] == ["dog", "cat", "mouse", "horse", "bird"]
    assert all(len(set(q.choices)) == 4 for q in found.questions)
    assert [(row.row, row.reason) for row in skipped] == [
        (7, "the word 'Hund' is in an earlier row"),
        (8, "a row needs a word and its meaning"),
    ]
    assert read_words(path, "de", seed=1)[0] == found, "one seed, one quiz"


def test_tabs_and_quotes_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    path = write(tmp_path, 'lend\t"to give, for a time"\nborrow\tto take for a time\n', "verbs.tsv")

    found, _ = read_words(path, "en", seed=1)

    assert found.questions[0].choices[int(found.questions[0].key[0])] == "to give, for a time"


@pytest.mark.parametrize("name", ["broken.xlsx", "broken.csv"])
def test_a_file_of_another_format_is_one_clear_fault(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00 not a table")

    with pytest.raises(FileUnusable) as caught:
        read_kahoot(path, "en") if name.endswith("xlsx") else read_words(path, "en", 1)

    assert len(caught.value.faults) == 1
