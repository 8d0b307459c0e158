"""Quizzes: check, import, export, delete, list."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from admin_cli.accounts import of_its_owner
from admin_cli.errors import Exit
from admin_cli.faults import FileUnusable, Skipped
from admin_cli.importers import read_kahoot, read_words
from admin_cli.output import out
from admin_cli.quiz_file import LANGUAGE, quiz_text, read_quiz_file
from admin_cli.services import Context, Services
from quizcore import documents
from quizcore.documents import QUIZZES, QuizDocument
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.save_quiz import AuthoredQuiz, delete_quiz, owned_quiz, stored_quiz, unknown, write_quiz

app = typer.Typer(no_args_is_help=True, help="Write, check and keep quizzes.")

Owner = Annotated[
    str | None, typer.Option(help="The owner of the quizzes: a uid, or an address that its owner has proven.")
]
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
    context: Context,
    files: Files,
    owner: Owner = None,
    language: Annotated[str, typer.Option(help="For xlsx and word lists, which do not name it.")] = "en",
    public: Annotated[bool, typer.Option("--public", help="For xlsx and word lists: playable by every host.")] = False,
    seed: Annotated[int, typer.Option(help="For word lists: draws the wrong choices.")] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a quiz whatever its version is.")] = False,
) -> None:
    """Import YAML, Kahoot's xlsx template, or CSV/TSV word lists (word, meaning).

    Never replaces a quiz of another owner. A file with a version replaces only that version.

    [bold]wordrush quiz import quizzes/*.yaml[/] · [bold]wordrush quiz import words.csv --language de[/]
    """
    if not LANGUAGE.fullmatch(language):
        raise typer.BadParameter("--language is a tag such as en, de or pt-BR")
    services = context.obj
    owner_id = _owner_id(services, owner)
    rows, faults, skipped_all = [], [], []
    for path in files:
        try:
            authored, skipped = _read(path, language, seed, "public" if public else "private")
        except FileUnusable as error:
            faults += [dataclasses.asdict(fault) for fault in error.faults]
            continue
        try:
            version = write_quiz(services.store, authored, owner=owner_id, now=services.clock.now_ms(), replace=replace)
        except Rejected as error:
            faults.append({"file": str(path), "line": 1, "code": error.code, "message": str(error)})
            continue
        rows.append({"quiz": authored.quiz_id, "questions": len(authored.quiz.questions), "version": version})
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
    context: Context,
    quiz_id: Annotated[str, typer.Argument(help="As `wordrush quiz list` shows it.")],
    to: Annotated[Path | None, typer.Option("--to", help="A file; default: standard output.")] = None,
) -> None:
    """Write a quiz as YAML: [bold]wordrush quiz export everyday-a2 --to everyday-a2.yaml[/]"""
    store = context.obj.store
    stored = store.get(documents.quiz_path(quiz_id))
    if stored is None:
        raise unknown(quiz_id)
    head, quiz = stored.read_as(QuizDocument), stored_quiz(store, stored)
    text = quiz_text(quiz_id, quiz, head["visibility"], head["version"])
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
        out.value({"file": str(to), "questions": len(quiz.questions)}, f"{to}: {len(quiz.questions)} questions")


@app.command()
def delete(
    context: Context,
    quiz_id: Annotated[str, typer.Argument(help="As `wordrush quiz list` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete. Without it, the quiz is only shown.")] = False,
    owner: Owner = None,
) -> None:
    """Delete a quiz and its questions. Sessions of the quiz, also running ones, keep their own copy."""
    store, owner_id = context.obj.store, _owner_id(context.obj, owner)
    count = owned_quiz(store, quiz_id, owner_id).read_as(QuizDocument)["question_count"]
    if yes:
        delete_quiz(store, quiz_id, owner=owner_id)
    done = "deleted" if yes else "would be deleted (say --yes)"
    summary = {"quiz": quiz_id, "questions": count, "deleted": yes}
    out.value(summary, f"the quiz {quiz_id} with {count} questions: {done}")


@app.command("list")
def list_(context: Context) -> None:
    """List the quizzes in the project."""
    rows = [
        {
            "quiz": quiz.name,
            **_listed(quiz.read_as(QuizDocument)),
        }
        for quiz in context.obj.store.list(QUIZZES)
    ]
    columns = ["quiz", "title", "language", "level", "question_count", "visibility", "version"]
    out.rows(rows, columns, "no quizzes yet: wordrush quiz import quizzes/*.yaml")


def _listed(quiz: QuizDocument) -> dict[str, object]:
    return {
        "title": quiz["title"],
        "language": quiz["language"],
        "level": quiz["level"],
        "question_count": quiz["question_count"],
        "visibility": quiz["visibility"],
        "version": quiz["version"],
    }


def _owner_id(services: Services, owner: str | None) -> str:
    """Raises CliError `unknown_account` or `unproven_address`."""
    if owner is None:
        return services.settings.host_uid
    return of_its_owner(services.accounts, owner).uid if "@" in owner else owner


def _read(path: Path, language: str, seed: int, visibility: str) -> tuple[AuthoredQuiz, list[Skipped]]:
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return read_quiz_file(path), []
    if suffix == ".xlsx":
        quiz, skipped = read_kahoot(path, language)
    else:
        quiz, skipped = read_words(path, language, seed)
    return AuthoredQuiz(_id_from(path.stem), quiz, visibility), skipped


def _id_from(stem: str) -> str:
    dashed = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem.lower())
    return "-".join(part for part in dashed.split("-") if part)[:64] or "quiz"
