"""Quizzes: check, import, export, list."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from admin_cli.errors import Exit
from admin_cli.faults import FileUnusable, Skipped
from admin_cli.importers import read_kahoot, read_words
from admin_cli.output import out
from admin_cli.quiz_file import QuizFile, quiz_text, read_quiz_file
from admin_cli.wiring import Services, services
from quizcore import documents
from quizcore.documents import QUIZZES
from quizcore.ports import Delete, Put, Write

app = typer.Typer(no_args_is_help=True, help="Write, check and keep quizzes.")

Files = Annotated[list[Path], typer.Argument(help="Quiz files.", exists=True, dir_okay=False)]


@app.command()
def check(files: Files) -> None:
    """Read quiz files and name every fault with its line: [bold]wordrush quiz check quizzes/*.yaml[/]"""
    faults = []
    for path in files:
        try:
            read_quiz_file(path)
        except FileUnusable as error:
            faults += error.faults
    if faults:
        out.rows(
            [dataclasses.asdict(fault) for fault in faults],
            ["file", "line", "message"],
            "",
        )
        raise typer.Exit(Exit.DIFFERENT)
    out.value({"files": len(files), "faults": 0}, f"{len(files)} quiz files, no faults")


@app.command("import")
def import_(
    files: Files,
    owner: Annotated[str | None, typer.Option(help="The uid that owns the quizzes.")] = None,
    language: Annotated[str, typer.Option(help="For xlsx and word lists, which do not say it.")] = "en",
    public: Annotated[bool, typer.Option("--public", help="For xlsx and word lists: playable by every host.")] = False,
    seed: Annotated[int, typer.Option(help="For word lists: draws the wrong choices.")] = 1,
) -> None:
    """Import YAML, Kahoot's xlsx template, or CSV/TSV word lists (word, meaning).

    [bold]wordrush quiz import quizzes/*.yaml[/] · [bold]wordrush quiz import words.csv --language de[/]
    """
    held = services()
    rows, faults, skipped_all = [], [], []
    for path in files:
        try:
            found, skipped = _read(path, language, seed, "public" if public else "private")
        except FileUnusable as error:
            faults += [dataclasses.asdict(fault) for fault in error.faults]
            continue
        version = _write(held, found, owner or held.settings.host_uid)
        rows.append({"quiz": found.quiz_id, "questions": len(found.quiz.questions), "version": version})
        skipped_all += [{"file": str(path), "row": row.row, "reason": row.reason} for row in skipped]
    if out.as_json:
        out.value({"imported": rows, "skipped": skipped_all, "faults": faults}, "")
    else:
        out.rows(rows, ["quiz", "questions", "version"], "nothing was imported")
        for title, listed in (("skipped", skipped_all), ("not imported", faults)):
            for row in listed:
                where = row.get("row") or row.get("line")
                out.line(f"{title}: {row['file']}:{where}: {row.get('reason') or row.get('message')}")
    if faults:
        raise typer.Exit(Exit.DIFFERENT)


@app.command()
def export(
    quiz_id: Annotated[str, typer.Argument(help="As `wordrush quiz list` shows it.")],
    to: Annotated[Path | None, typer.Option("--to", help="A file; default: standard output.")] = None,
) -> None:
    """Write a quiz as YAML: [bold]wordrush quiz export everyday-a2 --to everyday-a2.yaml[/]"""
    store = services().store
    found = store.get(documents.quiz_path(quiz_id))
    if found is None:
        out.error("unknown_quiz", f"there is no quiz {quiz_id}; `wordrush quiz list` shows them")
        raise typer.Exit(Exit.REFUSED)
    questions = sorted(store.list(documents.questions_path(quiz_id)), key=lambda question: int(question.name))
    quiz = documents.read_quiz(found.data, [question.data for question in questions])
    text = quiz_text(quiz_id, quiz, found.data["visibility"])
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
        out.value({"file": str(to), "questions": len(questions)}, f"{to}: {len(questions)} questions")


@app.command("list")
def list_() -> None:
    """The quizzes in the project."""
    rows = [
        {
            "quiz": quiz.name,
            **{n: quiz.data[n] for n in ("title", "language", "level", "question_count", "visibility", "version")},
        }
        for quiz in services().store.list(QUIZZES)
    ]
    columns = ["quiz", "title", "language", "level", "question_count", "visibility", "version"]
    out.rows(rows, columns, "no quizzes yet: wordrush quiz import quizzes/*.yaml")


def _read(path: Path, language: str, seed: int, visibility: str) -> tuple[QuizFile, list[Skipped]]:
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return read_quiz_file(path), []
    if suffix == ".xlsx":
        quiz, skipped = read_kahoot(path, language)
    else:
        quiz, skipped = read_words(path, language, seed)
    return QuizFile(_id_from(path.stem), quiz, visibility), skipped


def _id_from(stem: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem.lower())
    return "-".join(part for part in kept.split("-") if part)[:64] or "quiz"


def _write(held: Services, found: QuizFile, owner: str) -> int:
    """Replace the quiz in one commit; questions that are no more go away. Gives the version."""
    store, quiz_id = held.store, found.quiz_id
    before = store.get(documents.quiz_path(quiz_id))
    version = before.data["version"] + 1 if before else 1
    head = documents.quiz_fields(
        found.quiz,
        owner_id=owner,
        visibility=found.visibility,
        version=version,
        updated_at=held.clock.now_ms(),
    )
    writes: list[Write] = [Put(documents.quiz_path(quiz_id), head)]
    for index, question in enumerate(found.quiz.questions):
        writes.append(Put(documents.question_path(quiz_id, index), documents.question_fields(question)))
    if before:
        gone = range(len(found.quiz.questions), before.data["question_count"])
        writes += [Delete(documents.question_path(quiz_id, index)) for index in gone]
    store.commit(writes)
    return version
