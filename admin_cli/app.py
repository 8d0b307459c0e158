"""The tree of commands."""

from typing import Annotated, cast

import typer

from admin_cli.commands import board, cost, doctor, quiz, role, school_class, session, user, verify
from admin_cli.roles import Permitted
from admin_cli.services import Context, Services
from quizcore.domain.roles import Task

EPILOG = """
Exit codes: 0 done · 1 a difference or fault was found · 2 wrong usage · 3 the API refused ·
4 a service did not respond · 5 the environment is not usable.

The same commands work against emulators and a real project: the environment decides. With a local
stack (make up), first: . .local/env
"""

# The task of a command, for `domain/roles.py`; every other command is an operator's.
TASK_OF = {"quiz": Task.WRITE_QUIZZES, "session": Task.OPEN_SESSIONS, "class": Task.KEEP_CLASSES}

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", epilog=EPILOG, pretty_exceptions_enable=False)


@app.callback()
def root(
    context: Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; allowed anywhere on the line.")] = False,
) -> None:
    """Wordrush: live vocabulary quizzes, every accepted answer counted exactly once."""
    del as_json  # read in __main__, for every command
    task = TASK_OF.get(context.invoked_subcommand or "", Task.OPERATE)
    context.obj = cast("Services", Permitted(context.obj, task))


app.add_typer(quiz.app, name="quiz")
app.add_typer(session.app, name="session")
app.add_typer(school_class.app, name="class")
app.add_typer(board.app, name="board")
app.add_typer(role.app, name="role")
app.add_typer(user.app, name="user")
app.command()(cost.cost)
app.command()(doctor.doctor)
app.command()(verify.verify)
