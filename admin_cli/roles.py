"""Grants and revokes roles. Every change leaves an entry of the audit trail, which is written before the change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from admin_cli.accounts import Account, Accounts, of_its_owner
from admin_cli.errors import CliError, Exit
from admin_cli.services import Services
from quizcore import documents
from quizcore.documents import AUDIT, Action, AuditDocument
from quizcore.domain.roles import Role, Task, may
from quizcore.ports import Create, DocumentStore, OrderBy, Put

GATED = frozenset({"store", "publisher", "accounts", "api"})  # what reaches the project
NEWEST_FIRST = OrderBy("at", descending=True)


def grant(services: Services, name: str, role: Role) -> Account:
    """Give the account this role instead of the one that it has, and remove its password. Returns the account as it
    was. Raises CliError as `of_its_owner` does.

    A password that is older than the proof of the address may be another person's.
    """
    account = of_its_owner(services.accounts, name)

    def change() -> None:
        if account.has_password:
            services.accounts.forget_password(account.uid)
        services.accounts.set_claims(account.uid, {**account.claims, "role": role.value})

    _audited(services, "grant", account, role, change)
    return account


def revoke(services: Services, name: str, role: Role) -> Account:
    """Take the role away. Needs no proof of the address, because removing is safe. Returns the account as it was.
    Raises CliError `unknown_account`, or `other_role` when the account has another role."""
    account = services.accounts.find(name)
    has = role_of(account)
    if has not in (None, role.value):
        raise CliError("other_role", f"the account {account.uid} has the role {has}, not {role}", Exit.REFUSED)
    claims = {key: value for key, value in account.claims.items() if key != "role"}
    _audited(services, "revoke", account, role, lambda: services.accounts.set_claims(account.uid, claims))
    return account


def holders(accounts: Accounts, store: DocumentStore) -> Iterator[tuple[Account, str]]:
    """The accounts of the audit trail that have a role, with the role that their claims say."""
    for uid in sorted({entry.read_as(AuditDocument)["account"] for entry in store.list(AUDIT)}):
        account = _known(accounts, uid)
        role = role_of(account) if account else None
        if account is not None and role is not None:
            yield account, role


def trail(store: DocumentStore, most: int) -> list[AuditDocument]:
    """The newest entries first."""
    return [entry.read_as(AuditDocument) for entry in store.list(AUDIT, (), most, NEWEST_FIRST)]


def role_of(account: Account) -> str | None:
    role = account.claims.get("role")
    return role if isinstance(role, str) else None


@dataclass(frozen=True, slots=True)
class Permitted:
    """The services for a command that needs a role: services of the project are available only to a role that may do
    the task. A person with Google credentials could do the same without this program; IAM decides what the credentials
    allow."""

    services: Services
    task: Task

    def __getattr__(self, name: str) -> object:
        if name in GATED and not may(role := self.services.settings.role, self.task):
            raise CliError("forbidden", f"WORDRUSH_ROLE is {role}, which may not {self.task}", Exit.REFUSED)
        return getattr(self.services, name)


def _known(accounts: Accounts, uid: str) -> Account | None:
    try:
        return accounts.find(uid)
    except CliError as error:
        if error.code != "unknown_account":
            raise
        return None


def _audited(services: Services, action: Action, account: Account, role: Role, change: Callable[[], None]) -> None:
    path = documents.audit_path(services.ids.event_id())
    entry: AuditDocument = {
        "action": action,
        "account": account.uid,
        "role": role.value,
        "before": role_of(account),
        "by": services.operator(),
        "at": services.clock.now_ms(),
        "done": False,
    }
    services.store.commit([Create(path, entry)])
    change()
    services.store.commit([Put(path, documents.audit_done(entry))])
