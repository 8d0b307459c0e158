"""Imports quizzes from Kahoot's spreadsheet and from word lists."""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import BinaryIO

import openpyxl

from admin_cli.faults import Fault, FileUnusable, Skipped, read_text
from quizcore.domain.quiz import MAX_QUESTIONS, Kind, Question, Quiz, QuizInvalid
from quizcore.domain.text import unfit_character

KAHOOT_FIRST_ROW = 9
KAHOOT_COLUMNS = 8
MAX_ROWS = 1_000
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
WRONG_CHOICES = 3
HEADERS = {"word", "term", "front", "meaning", "definition", "translation", "back"}


def read_kahoot(path: Path, language: str) -> tuple[Quiz, list[Skipped]]:
    """Kahoot's xlsx template: data from row 9, columns B to H (question, four answers, seconds, numbers of the right
    answers). Returns the quiz and the skipped rows. Raises FileUnusable."""
    questions: list[Question] = []
    skipped: list[Skipped] = []
    for number, cells in _kahoot_rows(path):
        try:
            questions.append(_kahoot_question(cells))
        except ValueError as error:
            skipped.append(Skipped(number, str(error)))
    return _quiz(path, language, questions, skipped), skipped


def _kahoot_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(_sheet_rows(path), KAHOOT_FIRST_ROW):
        cells = ["" if cell is None else _cell_text(cell) for cell in [*row, *[None] * KAHOOT_COLUMNS][1:8]]
        if any(cells):
            yield number, cells


def _sheet_rows(path: Path) -> list[tuple[object, ...]]:
    """The rows of the first worksheet from Kahoot's first on. Raises FileUnusable."""
    try:
        with path.open("rb") as file:  # openpyxl leaves the file open when it fails
            return _first_sheet(file, path)
    except FileUnusable:
        raise
    except Exception as error:  # openpyxl raises any error for a broken file: KeyError, TypeError, …
        raise FileUnusable([Fault(str(path), 1, f"is not an xlsx file: {error!r:.200}")]) from error


def _first_sheet(file: BinaryIO, path: Path) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(file) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise FileUnusable([Fault(str(path), 1, "unpacks to more than 50 MB; is it the right file?")])
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]  # a sheet may be a chart
        if not sheets:
            raise FileUnusable([Fault(str(path), 1, "has no worksheet; is it the right file?")])
        rows = sheets[0].iter_rows(min_row=KAHOOT_FIRST_ROW, max_col=KAHOOT_COLUMNS, values_only=True)
        return list(islice(rows, MAX_ROWS))
    finally:
        book.close()


def _cell_text(cell: object) -> str:
    """A spreadsheet stores `2` as a float; the number of a right answer must stay `2`, not `2.0`."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _kahoot_question(cells: list[str]) -> Question:
    """Raises ValueError with the reason why the row is skipped."""
    unfit = _unfit(*cells)
    if unfit:
        raise ValueError(unfit)
    prompt, *answers, seconds, right = cells
    if not prompt:
        raise ValueError("there is no question in column B")
    if not right:
        raise ValueError("there is no right answer in column H")
    offered = [i for i, answer in enumerate(answers, 1) if answer]
    try:
        numbers = [int(n) for n in right.replace(";", ",").split(",") if n.strip()]
        limit_ms = _milliseconds(seconds or "20")
    except ValueError:
        raise ValueError("columns G and H hold numbers: seconds, and 1 to 4 for the right answers") from None
    if not set(numbers) <= set(offered):
        raise ValueError(
            f"column H says {right:.40}, but answers {', '.join(map(str, offered)) or 'none'} are filled in"
        )
    key = tuple(sorted(offered.index(n) for n in set(numbers)))
    kind = Kind.SINGLE if len(key) == 1 else Kind.MULTIPLE
    choices = tuple(answers[i - 1] for i in offered)
    return Question(prompt, kind, key, choices, time_limit_ms=limit_ms)


def _milliseconds(seconds: str) -> int:
    """Raises ValueError, also for `inf` and `nan`, which `float` accepts."""
    milliseconds = float(seconds) * 1_000
    if not isfinite(milliseconds):
        raise ValueError("not finite")
    return round(milliseconds)


def read_words(path: Path, language: str, seed: int) -> tuple[Quiz, list[Skipped]]:
    """A CSV or TSV list of word and meaning. Wrong choices are the meanings of other words, drawn
    with `seed`, so that the same file gives the same quiz. Raises FileUnusable."""
    pairs: dict[str, str] = {}
    skipped: list[Skipped] = []
    for number, cells in _word_rows(path):
        if len(pairs) > MAX_QUESTIONS:
            raise FileUnusable([Fault(str(path), number, f"has more than {MAX_QUESTIONS} words; split the file")])
        reason = _word_fault(cells, pairs)
        if reason:
            skipped.append(Skipped(number, reason))
        else:
            pairs[cells[0]] = cells[1]
    meanings = sorted(set(pairs.values()))
    if len(meanings) < 2:
        raise FileUnusable([Fault(str(path), 1, "at least two words with different meanings are needed")])
    rng = random.Random(seed)  # noqa: S311 (a quiz, not a secret)
    questions: list[Question] = []
    for word, meaning in pairs.items():
        try:
            questions.append(_word_question(word, meaning, meanings, rng))
        except QuizInvalid as error:
            skipped.append(Skipped(0, f"{word:.40}: {error}"))
    return _quiz(path, language, questions, skipped), skipped


def _word_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = read_text(path)
    delimiter = "\t" if path.suffix.lower() == ".tsv" or "\t" in text.partition("\n")[0] else _csv_delimiter(text)
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            cells = [" ".join(cell.split()) for cell in row]
            header = number == 1 and len(cells) > 1 and {cells[0].lower(), cells[1].lower()} <= HEADERS
            if any(cells) and not header:
                yield number, cells
    except csv.Error as error:
        raise FileUnusable([Fault(str(path), number + 1, f"is not a table of words: {error}")]) from error


def _csv_delimiter(text: str) -> str:
    """European spreadsheets save CSV with semicolons."""
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _word_fault(cells: list[str], known: dict[str, str]) -> str | None:
    if len(cells) < 2 or not cells[0] or not cells[1]:
        return "a row needs a word and its meaning"
    unfit = _unfit(*cells[:2])
    if unfit:
        return unfit
    return f"the word {cells[0][:40]!r} is in an earlier row" if cells[0] in known else None


def _unfit(*texts: str) -> str | None:
    unfit = next(filter(None, map(unfit_character, texts)), None)
    return unfit and f"the row contains {unfit}, which is not a character that people type"


def _word_question(word: str, meaning: str, meanings: list[str], rng: random.Random) -> Question:
    others = [other for other in meanings if other != meaning]
    choices = [meaning, *rng.sample(others, min(WRONG_CHOICES, len(others)))]
    rng.shuffle(choices)
    return Question(f"What does “{word}” mean?", Kind.SINGLE, (choices.index(meaning),), tuple(choices))


def _quiz(path: Path, language: str, questions: list[Question], skipped: list[Skipped]) -> Quiz:
    if not questions:
        faults = [Fault(str(path), row.row or 1, row.reason) for row in skipped]
        raise FileUnusable(faults or [Fault(str(path), 1, "no question was found")])
    title = path.stem.replace("-", " ").replace("_", " ")
    unfit = unfit_character(title)
    if unfit:
        raise FileUnusable([Fault(str(path), 1, f"the file's name, the title, contains {unfit}; rename it")])
    try:
        return Quiz(title, language, tuple(questions))
    except QuizInvalid as error:
        raise FileUnusable([Fault(str(path), 1, str(error))]) from error
