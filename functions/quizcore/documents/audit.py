"""`audit/{id}`: one change of a role: whose, by whom, when. No client reads it, and nothing deletes it.

The ids sort by time.
"""

from typing import Literal

from typing_extensions import TypedDict

from quizcore.documents.values import Count, Uid

AUDIT = "audit"

Action = Literal["grant", "revoke"]


class AuditDocument(TypedDict):
    """`before` is the role that the account had, null for none. The entry is written before the change and `done`
    after it: an entry that is not `done` says that the change may have failed."""

    action: Action
    account: Uid
    role: str
    before: str | None
    by: str
    at: Count
    done: bool


def audit_path(entry_id: str) -> str:
    return f"{AUDIT}/{entry_id}"


def audit_done(entry: AuditDocument) -> AuditDocument:
    return {**entry, "done": True}
