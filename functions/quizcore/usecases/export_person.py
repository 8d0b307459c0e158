"""Everything that the product stores about one person, for that person: the account, and every document by its path.

Boards and other documents that show many people are not part of it: what they contain of the person follows from the
person's own documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quizcore.ports import AccountFacts, Caller, Snapshot
from quizcore.usecases.erase import trace_of
from quizcore.usecases.erase_person import games_of, naming, person_documents
from quizcore.usecases.people import check_account
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Exported:
    """`account` is None when the account is deleted; `documents` by path, with values of JSON."""

    account: AccountFacts | None
    documents: dict[str, dict[str, Any]]


def exported(services: Services, caller: Caller) -> Exported:
    """Raises Rejected `account_needed` or `account_unusable`; StoreError; AccountsUnavailable."""
    check_account(caller)
    store, now = services.store, services.clock.now_ms()
    own = store.at_one_moment(lambda reader: person_documents(reader, caller.uid))
    traces = (trace_of(store, game.session_id, game.player_id, now) for game in games_of(store, caller.uid))
    of_games = [path for trace in traces if trace is not None for path in trace.paths]
    others = store.get_many([*naming(own, caller.uid), *of_games])
    return Exported(services.identity.account(caller.uid), _by_path([*own, *others.values()]))


def _by_path(found: list[Snapshot]) -> dict[str, dict[str, Any]]:
    return {snapshot.path: _json(snapshot.data) for snapshot in sorted(found, key=lambda each: each.path)}


def _json(value: Any) -> Any:
    """The value, with times in ISO 8601 and bytes in hexadecimal."""
    match value:
        case Mapping():
            return {name: _json(each) for name, each in value.items()}
        case list() | tuple():
            return [_json(each) for each in value]
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
    return value
