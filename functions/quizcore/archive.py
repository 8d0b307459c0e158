"""A whole session in one file, with a checksum: to keep it, to move it, to bring it back."""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from quizcore import documents
from quizcore.loading import SessionUnknown
from quizcore.ports import Conflict, Create, DocumentStore, Put

FORMAT = "wordrush-session/1"
WRITES_A_COMMIT = 100  # a player's document has some kilobytes, a request at most 10 MiB


class ArchiveUnreadable(ValueError):
    """The file is not a session's archive, or not as it was written; the message says what to do."""


class SessionExists(Exception):
    """A session with this id, or a session with its PIN, is there already: nothing of it was changed."""


def archived(store: DocumentStore, session_id: str) -> dict[str, Any]:
    """Every document of the session by its path, and a SHA-256 of them. Raises SessionUnknown.

    Of a session that runs it is a moment that may be torn; whoever wants it whole waits for the end.
    """
    head = store.get(documents.session_path(session_id))
    if head is None:
        raise SessionUnknown(session_id)
    found = {head.path: head.data}
    for collection in documents.session_collections(session_id):
        found |= {snapshot.path: snapshot.data for snapshot in store.list(collection)}
    pin = store.get(documents.pin_path(head.data["pin"]))
    if pin is not None and pin.data["session_id"] == session_id:
        found[pin.path] = pin.data
    told = {path: _to_json(data) for path, data in sorted(found.items())}
    return {"format": FORMAT, "session_id": session_id, "sha256": _checksum(told), "documents": told}


def restore(store: DocumentStore, archive: Mapping[str, Any]) -> str:
    """Write the session back as it was; gives its id. Raises ArchiveUnreadable or SessionExists.

    The session's own document comes last: a restoration that broke off shows no session, and can be repeated.
    """
    session_id, found = _checked(archive)
    head = documents.session_path(session_id)
    if store.get(head) is not None:
        raise SessionExists(session_id)
    pins = [path for path in found if path.startswith("pins/")]
    known = store.get_many(pins)
    if any(known[path].data["session_id"] != session_id for path in known):
        raise SessionExists(pins[0])
    rest = [path for path in found if path != head]
    for start in range(0, len(rest), WRITES_A_COMMIT):
        store.commit([Put(path, _from_json(found[path])) for path in rest[start : start + WRITES_A_COMMIT]])
    try:
        store.commit([Create(head, _from_json(found[head]))])
    except Conflict:
        raise SessionExists(session_id) from None
    return session_id


def _checked(archive: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if not isinstance(archive, Mapping) or archive.get("format") != FORMAT:
        raise ArchiveUnreadable(f"this is no archive of a session (format {FORMAT}); use what `session export` wrote")
    session_id, found = archive.get("session_id"), archive.get("documents")
    if not isinstance(session_id, str) or not isinstance(found, dict):
        raise ArchiveUnreadable("the archive is incomplete; export the session again")
    if archive.get("sha256") != _checksum(found):
        raise ArchiveUnreadable("the checksum does not fit: the file was changed or cut off; export it again")
    strangers = list(_strangers(session_id, found))
    if strangers:
        raise ArchiveUnreadable(f"the archive holds documents that are not the session's: {strangers[0]}")
    if documents.session_path(session_id) not in found:
        raise ArchiveUnreadable("the archive does not hold the session's own document")
    return session_id, found


def _strangers(session_id: str, paths: Mapping[str, Any]) -> Iterator[str]:
    """Whoever writes an archive by hand must not write anywhere else with it."""
    head, collections = documents.session_path(session_id), documents.session_collections(session_id)
    for path in paths:
        collection, _, name = path.rpartition("/")
        if path != head and (not name or collection not in {*collections, "pins"}):
            yield path


def _checksum(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {name: _to_json(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_to_json(one) for one in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$time"}:
            return datetime.fromisoformat(value["$time"])
        if value.keys() == {"$bytes"}:
            return b64decode(value["$bytes"])
        return {name: _from_json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_from_json(one) for one in value]
    return value
