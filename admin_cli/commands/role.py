"""Roles of accounts: who may open sessions."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from admin_cli import accounts as rules
from admin_cli.accounts import Account
from admin_cli.output import out
from admin_cli.services import Context

app = typer.Typer(no_args_is_help=True, help="Grant or revoke the role that may open sessions.")

Role = Annotated[str, typer.Argument(help="The role: host.", metavar="host")]
Name = Annotated[
    str,
    typer.Argument(
        help="An address that its owner has proven, or the uid of an account that you know.", metavar="ACCOUNT"
    ),
]


@app.command()
def grant(context: Context, role: Role, account: Name) -> None:
    """Let an account open sessions: [bold]wordrush role grant host teacher@school.example[/]

    An address must be proven: its owner has signed in with the link by e-mail, or with Google. A sign-up with a
    password does not prove it. A uid needs no proof.
    """
    granted = rules.grant(context.obj.accounts, account, _known(role))
    lines = [*_lines(granted), f"{account} is a host from its next sign-in or token refresh on."]
    if granted.has_password:
        lines.append("Its password was removed: it may be older than the proof. Every device must sign in again.")
    if granted.email and not granted.address_proven:
        lines.append(f"The role counts only once {granted.email} is proven: by the link by e-mail, or Google.")
    out.value({**granted.facts(), "role": role, "password_removed": granted.has_password}, "\n".join(lines))


@app.command()
def revoke(context: Context, role: Role, account: Name) -> None:
    """Take the role away: [bold]wordrush role revoke host teacher@school.example[/]"""
    _known(role)
    revoked = rules.revoke(context.obj.accounts, account)
    done = f"{account} is no host once its present token expires (an hour at most)."
    out.value({**revoked.facts(), "role": None}, "\n".join([*_lines(revoked), done]))


def _lines(account: Account) -> list[str]:
    created = datetime.fromtimestamp(account.created_at / 1_000, UTC).isoformat(timespec="minutes")
    address = f"{account.email} ({'proven' if account.address_proven else 'not proven'})" if account.email else "none"
    return [
        f"uid       {account.uid}",
        f"address   {address}",
        f"signs in  {', '.join(account.providers) or 'by custom token alone'}",
        f"since     {created}",
    ]


def _known(role: str) -> str:
    if role != "host":
        raise typer.BadParameter("the only role is: host")
    return role
