"""docs/quiz-format.md: its examples are read as authors read them, and its limits are those of the code."""

import re
from pathlib import Path

import pytest

from admin_cli.importers import read_words
from admin_cli.quiz_file import QUESTION_FIELDS, QUIZ_FIELDS, read_quiz_file
from quizcore.domain import quiz as limits

PAGE = (Path(__file__).parents[2] / "docs" / "quiz-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
YAML = [body for language, body in BLOCKS if language == "yaml"]


def fields_of(table: str) -> set[str]:
    rows = PAGE.partition(f"| field of {table} ")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)`", rows, re.MULTILINE))


@pytest.mark.parametrize("text", YAML, ids=range(len(YAML)))
def test_every_yaml_example_is_a_quiz_without_faults(text: str, tmp_path: Path) -> None:
    (tmp_path / "animals.yaml").write_text(text, encoding="utf-8")

    found = read_quiz_file(tmp_path / "animals.yaml")

    assert found.quiz.title == "Animals"
    assert found.quiz_id.startswith("animals")


def test_the_word_list_is_a_quiz_of_all_its_words(tmp_path: Path) -> None:
    (body,) = [body for language, body in BLOCKS if language == "csv"]
    (tmp_path / "animals.csv").write_text(body, encoding="utf-8")

    found, skipped = read_words(tmp_path / "animals.csv", "en", seed=1)

    assert (len(found.questions), skipped) == (4, [])


def test_the_tables_name_every_field_and_no_other() -> None:
    assert fields_of("the quiz") == QUIZ_FIELDS
    assert fields_of("a question") == QUESTION_FIELDS


def test_the_limits_are_those_of_the_code() -> None:
    for sentence in (
        f"| `questions` | 1 to {limits.MAX_QUESTIONS} |",
        f"| `prompt` | 1 to {limits.MAX_PROMPT_CHARS} characters |",
        f"2 to {limits.MAX_CHOICES} different texts of at most {limits.MAX_CHOICE_CHARS} characters",
        f"| `seconds` | {limits.MIN_TIME_LIMIT_MS // 1000} to {limits.MAX_TIME_LIMIT_MS // 1000};",
        f"| `points` | 0 to {limits.MAX_POINTS};",
    ):
        assert sentence in PAGE, sentence
