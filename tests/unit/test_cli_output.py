"""The command line shows any text as text: no markup, no escape sequence, no traceback."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from admin_cli.board_view import board_view
from admin_cli.faults import FileUnusable
from admin_cli.output import out, shown
from admin_cli.quiz_file import quiz_text, read_quiz_file
from quizcore import documents
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.domain.text import may_hold, unfit_character
from quizcore.ports import Update
from tests.hostile.inputs import TEXTS
from tests.support.api_calls import open_question
from tests.support.cli import Cli
from tests.support.games import START
from tests.support.world import QUIZ_ID, World

MARKUP = {
    "a closing tag": "[/x] sale",
    "an opening tag": "[bold",
    "a style": "[red]warning[/]",
    "a link": "[link=https://example.org]here[/link]",
    "two closing tags": "[/b][/b]",
    "an escape": "\\[bold]",
    "a newline tag": "[/]\n[/]",
    "emoji code": ":skull:",
}
HOSTILE = {**{name: text for name, text in TEXTS.items() if name != "empty"}, **MARKUP}
# As it comes from Firestore, which holds no lone surrogate.
STORED = {name: text for name, text in HOSTILE.items() if name != "a lone surrogate"}


def fit(text: str) -> bool:
    return all(may_hold(char) for char in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_output_shows_the_text_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = HOSTILE[name]
    for as_json in (False, True):
        out.as_json = as_json
        out.value({"title": text}, text)
        out.rows([{"title": text, "n": 1}], ["title", "n"], "")
        out.rows([], ["title"], text)
        out.error("code", text)
    out.as_json = False

    told, failed = capsys.readouterr()
    plain = "".join(line for line in told.splitlines() if not line.startswith(("{", "[{")))
    assert fit(told.replace("\x1b[1m", "").replace("\x1b[0m", "")), "no escape sequence of the text's own"
    assert fit(failed)
    if name in MARKUP:
        assert "".join(text.split())[:8] in "".join(plain.split())


@pytest.mark.parametrize("name", STORED)
def test_lists_of_quizzes_and_sessions_show_hostile_titles(
    cli: Cli, world: World, session: dict[str, str], name: str
) -> None:
    text = STORED[name]
    world.add_quiz(Quiz(f"{text}!", "en", (Question("a", Kind.TEXT, ("b",)),)), "hostile")
    world.store.commit([Update(documents.session_path(session["session_id"]), {"title": text})])

    assert cli.run("quiz", "list") == 0, cli.err
    assert fit(cli.out)
    assert cli.run("session", "list") == 0, cli.err
    assert fit(cli.out)
    assert {row["quiz"]: row["title"] for row in cli.json("quiz", "list")}["hostile"] == f"{text}!"


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("field", ["title", "prompt", "choice", "explanation", "nickname", "recent"])
def test_the_live_board_shows_hostile_texts(world: World, session: dict[str, str], name: str, field: str) -> None:
    text = STORED[name]
    open_question(world, session)
    found = world.store.get(documents.session_path(session["session_id"]))
    assert found is not None
    data: Any = found.data
    if field == "title":
        data["title"] = text
    elif field == "prompt":
        data["question"]["prompt"] = text
    elif field == "choice":
        data["question"]["choices"] = [text, "another"]
    elif field == "explanation":
        data["reveal"] = {"key": [0], "explanation": text}
    row = {"rank": 1, "player_id": "p", "nickname": text if field == "nickname" else "Ann", "avatar": "fox", "score": 1}
    board: Any = {"seq": 1, "final": False, "player_count": 1, "tally": None, "top": [row], "recent": [text]}
    if field == "recent":
        data["question"] = None

    file = io.StringIO()
    Console(file=file, width=200, color_system=None).print(board_view(data, board, START))

    assert fit(file.getvalue())


@pytest.mark.parametrize("name", HOSTILE)
def test_an_exported_quiz_is_imported_unchanged_or_reported_with_its_line(tmp_path: Path, name: str) -> None:
    text = HOSTILE[name][:100]
    question = Question(f"{text}?", Kind.SINGLE, (0,), (f"{text}1", "b"), explanation=f"{text}e")
    written = Quiz(f"{text}t", "en", (question,), description=f"{text}d")
    path = tmp_path / "quiz.yaml"
    path.write_text(quiz_text("quiz", written, "private", 1), encoding="utf-8")

    unfit = unfit_character(text.replace("\x85", " "))  # which is a line break in YAML

    if unfit is None:
        assert read_quiz_file(path).quiz.title.split() == written.title.replace("\x85", " ").split()
        return
    with pytest.raises(FileUnusable) as caught:
        read_quiz_file(path)
    told = [fault.message for fault in caught.value.faults]
    assert len(told) == 6, "title, description, prompt, choice, key and explanation"
    assert all("U+" in message and message.isascii() for message in told)


def test_a_wrong_argument_with_markup_is_an_error_without_a_traceback(cli: Cli) -> None:
    assert cli.run("quiz", "import", "[/x].yaml") == 2
    assert "[/x].yaml" in cli.err.replace("\n", "")
    assert cli.refused("quiz", "export", "[/x]") == (3, "unknown_quiz")


def test_shown_keeps_the_characters_that_people_type() -> None:
    for text in ("नमस्ते", "Zoë 🦊", "a\tb", "[bold]"):
        assert shown(text).plain == text


def test_a_quiz_with_the_worlds_texts_is_listed(cli: Cli, world: World) -> None:
    world.add_quiz(Quiz("Zoë’s “नमस्ते” 🦊", "en", (Question("a", Kind.TEXT, ("b",)),)), QUIZ_ID)

    assert cli.run("quiz", "list") == 0
    assert "Zoë’s" in cli.out
