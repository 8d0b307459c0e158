"""Everything that the product stores about one person, for that person: the account, and every document by its path.

Boards and other documents that show many people are not part of it: what they contain of the person follows from the
person's own documents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quizcore import documents
from quizcore.ports import AccountFacts, Caller, DocumentStore, Snapshot, Where
from quizcore.usecases.erase_person import games_of, naming, person_documents
from quizcore.usecases.people import check_account
from quizcore.usecases.services import Services

READ_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Exported:
    """`account` is None when the account is deleted; `documents` by path, with values of JSON."""

    account: AccountFacts | None
    documents: dict[str, dict[str, Any]]


def exported(services: Services, caller: Caller) -> Exported:
    """Raises Rejected `account_needed` or `account_unusable`; StoreError; AccountsUnavailable."""
    check_account(caller)
    own = services.store.at_one_moment(lambda reader: person_documents(reader, caller.uid))
    others = _elsewhere(services.store, caller.uid, own)
    return Exported(services.identity.account(caller.uid), _by_path([*own, *others]))


def _elsewhere(store: DocumentStore, uid: str, own: Sequence[Snapshot]) -> Iterator[Snapshot]:
    """The documents in classes and sessions about the person, and about the guests whose games the person keeps. The
    number of queries does not grow with the number of sessions."""
    games = games_of(store, uid)
    of_player = (documents.player_path, documents.link_path, documents.leaver_path)
    paths = [*naming(own, uid), *(path(game.session_id, game.player_id) for game in games for path in of_player)]
    for start in range(0, len(paths), READ_AT_ONCE):
        yield from store.get_many(paths[start : start + READ_AT_ONCE]).values()
    for player_id in sorted({uid, *(game.player_id for game in games)}):
        about: list[Where] = [("player_id", "==", player_id)]
        yield from store.find("nicknames", about)
        yield from store.find("requests", about)
        yield from store.list(documents.RETURN_CODES, about)


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
