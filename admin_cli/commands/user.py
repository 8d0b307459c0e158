"""A person's data."""

from typing import Annotated

import typer

from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.services import Context
from quizcore.usecases.erase import Eraser, StillShown, traces

REMAINS = (
    "the bus keeps messages for 7 days, then they are gone by themselves",
    "reports and exports that somebody has saved are beyond this command's reach",
    "quizzes and sessions that the person hosts are not touched: delete them by hand",
    "when deletion by age has taken a session's own document, it takes the rest too, as a rule within a day",
)

app = typer.Typer(no_args_is_help=True, help="The data of a person.")


@app.command("erase")
def erase_(
    context: Context,
    uid: Annotated[str, typer.Argument(help="The player's id: in the report, or the account's uid.", metavar="UID")],
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Without it, the documents are only listed.")] = False,
) -> None:
    """Erase a player: remove the player from every board, then delete the documents, nicknames and the account. Every
    trace is named.

    Needs a running worker, which takes them off the boards. Sessions that are not over are refused: remove the player
    there, finish the session, and repeat.
    """
    services = context.obj
    in_sessions = list(traces(services.store, uid, services.clock.now_ms()))
    running = [trace.session_id for trace in in_sessions if not trace.over and not trace.going]
    if running:
        raise CliError("session_runs", f"not over yet: {', '.join(running)}; finish them first", Exit.REFUSED)
    if yes:
        eraser = Eraser(services.store, services.publisher, services.clock, services.ids, services.sleep)
        try:
            for trace in in_sessions:
                eraser.erase_from(trace)
        except StillShown as error:
            raise CliError("no_worker", f"still shown in {error}; does a worker run?", Exit.UNREACHABLE) from None
        account = services.accounts.delete(uid)
    else:
        account = False
    paths = [path for trace in in_sessions for path in trace.paths]
    outcome = {"uid": uid, "erased": yes, "documents": paths, "account": account, "remains": list(REMAINS)}
    done = "erased" if yes else "would be erased (say --yes)"
    lines = [*paths, f"{len(paths)} documents in {len(in_sessions)} sessions {done}"]
    lines += ["the account was deleted" if account else "no account was deleted", *REMAINS]
    out.value(outcome, "\n".join(lines))
