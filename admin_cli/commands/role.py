"""Who may open sessions."""

from typing import Annotated

import typer

from admin_cli.output import out
from admin_cli.wiring import set_role

app = typer.Typer(no_args_is_help=True, help="Grant or revoke the role that may open sessions.")

Role = Annotated[str, typer.Argument(help="The role: host.", metavar="host")]
Account = Annotated[str, typer.Argument(help="E-mail address or uid of an account that has signed in once.")]


@app.command()
def grant(role: Role, account: Account) -> None:
    """Let an account open sessions: [bold]wordrush role grant host teacher@school.example[/]"""
    uid = set_role(account, _known(role))
    out.value({"uid": uid, "role": role}, f"{account} is a host from its next sign-in or token refresh on.")


@app.command()
def revoke(role: Role, account: Account) -> None:
    """Take the role back: [bold]wordrush role revoke host teacher@school.example[/]"""
    _known(role)
    uid = set_role(account, None)
    out.value({"uid": uid, "role": None}, f"{account} is no host once its present token expires (an hour at most).")


def _known(role: str) -> str:
    if role != "host":
        raise typer.BadParameter("the only role is: host")
    return role
