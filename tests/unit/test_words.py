"""The repository's prose uses one word for one meaning, and says who does what."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("functions", "workers", "admin_cli", "devstack", "bench", "tests")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "venv" not in path.parts)
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
# What to write instead is in CONTRIBUTING.md or beside the word.
RETIRED = {
    r"doors?": "API",
    r"anew": "again",
    r"told": "report, show, send",
    r"mend(?:s|ed|ing)?": "fix",
    r"bears?|bore": "have, contain",
    r"settles?|settled": "ack or nack; become final",
    r"bur(?:y|ied)|set aside": "send to the dead-letter topic",
    r"gives? back|given back": "nack",
    r"comes? again": "is redelivered",
    r"under way": "in flight",
    r"let in|lets in": "admit",
    r"for ever": "without end",
    r"whoever|whatever|whomever": "name the subject",
}
RETIRED_WORD = re.compile(rf"\b(?:{'|'.join(RETIRED)})\b", re.IGNORECASE)
# "What the store holds." and "Who comes next." name no subject; a question may begin so.
HEADLESS = re.compile(r"(?:Who|Whom|Whose|What)\b(?![^.:]*\?)")
HEADLESS_NAME = re.compile(
    r"test_(?:who|whom|whose|what)_|_(?:anew|told|whoever|whatever|nobody|somebody|anybody)(?:_|$)"
)


def prose(source: str) -> Iterator[str]:
    """The docstrings and comments of a module, each in one line."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds) and (docstring := ast.get_docstring(node)):
            yield " ".join(docstring.split())
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")


def riddles(texts: Iterator[str]) -> list[str]:
    return [text for text in texts if RETIRED_WORD.search(re.sub(r"`[^`]+`", "", text)) or HEADLESS.match(text)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_docstrings_and_comments_name_their_subject_in_current_words(folder: str) -> None:
    modules = [path for path in MODULES if path.relative_to(ROOT).parts[0] == folder and path != Path(__file__)]
    found = {path: riddles(prose(path.read_text(encoding="utf-8"))) for path in modules}

    assert modules
    assert {str(path.relative_to(ROOT)): texts for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_use_current_words(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert RETIRED_WORD.findall(text) == []


def test_names_of_tests_are_claims() -> None:
    sources = [path.read_text(encoding="utf-8") for path in MODULES if path.name.startswith("test_")]
    names = [name for source in sources for name in re.findall(r"^(?:async )?def (test_\w+)", source, re.MULTILINE)]

    assert len(names) > 500
    assert [name for name in names if HEADLESS_NAME.search(name)] == []


@pytest.mark.parametrize(
    "source", ['"""What the bus holds."""', "x = 1  # whoever comes first", 'def f() -> None:\n    """Judged anew."""']
)
def test_the_check_detects_riddles(source: str) -> None:
    assert len(riddles(prose(source))) == 1


@pytest.mark.parametrize(
    "source", ['"""What is a shard? A slice of players."""', "x = 1  # the token's bearer, `settle`"]
)
def test_the_check_accepts_plain_sentences(source: str) -> None:
    assert riddles(prose(source)) == []
