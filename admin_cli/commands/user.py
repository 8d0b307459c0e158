"""A person's data."""

from collections.abc import Sequence
from typing import Annotated

import typer

from admin_cli.errors import CliError, Exit
from admin_cli.output import out
from admin_cli.services import Context, Services
from quizcore.ports import Conflict
from quizcore.usecases.erase import Eraser, StillShown, Trace, trace_of, traces
from quizcore.usecases.erase_person import Game, erase_person, games_of, naming, person_documents

REMAINS = (
    "the bus deletes messages after 7 days",
    "this command cannot reach saved reports and exports",
    "quizzes, classes and sessions that the person hosts are not touched: delete them by hand",
    "when deletion by age has deleted a session document, it deletes the other documents, usually within a day",
)

app = typer.Typer(no_args_is_help=True, help="The data of a person.")


@app.command("erase")
def erase_(
    context: Context,
    uid: Annotated[str, typer.Argument(help="The player's id: in the report, or the account's uid.", metavar="UID")],
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Without it, the documents are only listed.")] = False,
) -> None:
    """Erase a player or a person with a profile: off every board, then all of their documents, also those of games that
    they keep, and the accounts. Every trace is named. It finishes an erasure that a person began on the screen.

    Needs a running worker, which takes them off the boards. Sessions that are not over are refused: remove the player
    there, finish the session, and repeat.
    """
    services = context.obj
    guests = [game for game in games_of(services.store, uid) if game.player_id != uid]
    in_sessions = _traces(services, uid, guests)
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
        own = _erase_person(services, uid)
        deleted = [services.accounts.delete(each) for each in (uid, *(game.player_id for game in guests))]
        account = any(deleted)
    else:
        found = person_documents(services.store, uid)
        own, account = [*(snapshot.path for snapshot in found), *naming(found, uid)], False
    paths = list(dict.fromkeys([*(path for trace in in_sessions for path in trace.paths), *own]))
    outcome = {"uid": uid, "erased": yes, "documents": paths, "account": account, "remains": list(REMAINS)}
    done = "erased" if yes else "would be erased (say --yes)"
    lines = [*paths, f"{len(paths)} documents in {len(in_sessions)} sessions {done}"]
    lines += ["the account was deleted" if account else "no account was deleted", *REMAINS]
    out.value(outcome, "\n".join(lines))


def _traces(services: Services, uid: str, guests: Sequence[Game]) -> list[Trace]:
    """Those of the person, and of the guests whose games the person keeps."""
    now = services.clock.now_ms()
    kept = [trace_of(services.store, game.session_id, game.player_id, now) for game in guests]
    return [*traces(services.store, uid, now), *(trace for trace in kept if trace)]


def _erase_person(services: Services, uid: str) -> list[str]:
    try:
        return erase_person(services.store, services.clock, services.ids, uid, services.settings.rules)
    except Conflict:
        detail = "a result of the person was counted meanwhile; repeat the command"
        raise CliError("changed_meanwhile", detail, Exit.REFUSED) from None
