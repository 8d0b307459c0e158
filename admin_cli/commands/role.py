"""Roles of accounts: who may write quizzes, open sessions, operate the project."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from admin_cli import roles
from admin_cli.accounts import Account
from admin_cli.output import out
from admin_cli.services import Context
from quizcore.domain.roles import TASKS, Role

app = typer.Typer(no_args_is_help=True, help="Grant and revoke roles, and see who has which.")

RoleName = Annotated[
    Role, typer.Argument(help="author: quizzes. host: also sessions and classes. operator: also all of this.")
]
Name = Annotated[
    str,
    typer.Argument(
        help="An address that its owner has proven, or the uid of an account that you know.", metavar="ACCOUNT"
    ),
]


@app.command()
def grant(context: Context, role: RoleName, account: Name) -> None:
    """Give an account a role, instead of the one it has: [bold]wordrush role grant host teacher@school.example[/]

    An address must be proven: its owner has signed in with the link by e-mail, or with Google. A sign-up with a
    password does not prove it. A uid needs no proof. The audit trail keeps who granted what: `wordrush role log`.
    """
    granted = roles.grant(context.obj, account, role)
    may = ", ".join(sorted(TASKS[role])) or "play"
    lines = [*_lines(granted), f"{account} may {may}, from its next sign-in or token refresh on."]
    if granted.has_password:
        lines.append("Its password was removed: it may be older than the proof. Every device must sign in again.")
    if granted.email and not granted.address_proven:
        lines.append(f"The role counts only once {granted.email} is proven: by the link by e-mail, or Google.")
    told = {"role": role.value, "before": roles.role_of(granted), "password_removed": granted.has_password}
    out.value({**granted.facts(), **told}, "\n".join(lines))


@app.command()
def revoke(context: Context, role: RoleName, account: Name) -> None:
    """Take the role away: [bold]wordrush role revoke host teacher@school.example[/]"""
    revoked = roles.revoke(context.obj, account, role)
    done = f"{account} is no {role} once its present token expires (an hour at most)."
    told = {"role": None, "before": roles.role_of(revoked)}
    out.value({**revoked.facts(), **told}, "\n".join([*_lines(revoked), done]))


@app.command("list")
def list_(context: Context) -> None:
    """The accounts that have a role now, of those that the audit trail names.

    A role that was given before there was an audit trail, or past this command, is not listed.
    """
    found = roles.holders(context.obj.accounts, context.obj.store)
    rows = [{"uid": account.uid, "role": role, "email": account.email} for account, role in found]
    out.rows(rows, ["uid", "role", "email"], "nobody has a role yet: wordrush role grant ROLE ACCOUNT")


@app.command()
def log(context: Context, most: Annotated[int, typer.Option(help="How many entries.", min=1)] = 100) -> None:
    """The audit trail, newest first: which role, whose, by whom, when.

    A change that is not `done` may have failed; repeat it, or look at `wordrush role list`.
    """
    entries = roles.trail(context.obj.store, most)
    rows = [{**entry, "at": _iso(entry["at"])} for entry in entries]
    out.rows(rows, ["at", "action", "role", "account", "before", "by", "done"], "no role was granted or revoked yet")


def _lines(account: Account) -> list[str]:
    address = f"{account.email} ({'proven' if account.address_proven else 'not proven'})" if account.email else "none"
    return [
        f"uid       {account.uid}",
        f"address   {address}",
        f"signs in  {', '.join(account.providers) or 'by custom token alone'}",
        f"since     {_iso(account.created_at)}",
    ]


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="minutes")
