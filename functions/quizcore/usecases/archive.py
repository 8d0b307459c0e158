"""Exports a whole session to one file, and restores it.

The checksum detects a file that was truncated or changed by accident. It does not prove the origin of the file, because
a person who changes the documents can compute a new checksum. So `archive_check.py` trusts nothing in the file.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast

from quizcore import documents
from quizcore.documents import ClassDocument, PinDocument, SessionDocument
from quizcore.layout import Layout
from quizcore.loading import SessionUnknown
from quizcore.ports import CommitTooLarge, Conflict, Create, Delete, DocumentStore, Fields, Ids, Put, Write
from quizcore.usecases.archive_check import ArchiveUnreadable, check, check_session_id

FORMAT = "wordrush-session/1"
WRITES_A_COMMIT = 500
PIN_TRIES = 64  # with nine of ten PINs in use, one import in a thousand finds no free PIN

__all__ = ["ArchiveUnreadable", "Archived", "SessionExists", "archived", "read", "restore"]


class Archive(TypedDict):
    """The file: `documents` by path, with their values as JSON; `sha256` is the checksum of `documents`."""

    format: str
    session_id: str
    sha256: str
    documents: dict[str, Any]


class SessionExists(Exception):
    """A session with this id exists already; it was not changed."""


@dataclass(frozen=True, slots=True)
class Archived:
    """An archive that has passed the checks: the session, and its documents by path."""

    session_id: str
    documents: Mapping[str, Fields]

    @property
    def head(self) -> SessionDocument:
        """The session's own document."""
        return cast("SessionDocument", self.documents[documents.session_path(self.session_id)])


def archived(store: DocumentStore, session_id: str) -> Archive:
    """Every document of the session by its path, and a SHA-256 of them. Raises SessionUnknown.

    The documents of a running session may be of different moments; export after the end for a consistent archive.
    Requests are left out: they hold events that the API would publish again, and no file may bring in events. Links and
    leavers are left out too: no file may say to whom a game belongs, or whom to erase.
    """
    head = store.get(documents.session_path(session_id))
    if head is None or not documents.is_whole_session(head.data):
        raise SessionUnknown(session_id)
    exported: dict[str, Fields] = {head.path: head.data}
    paths = (documents.requests_path, documents.links_path, documents.leavers_path)
    left_out = {path(session_id) for path in paths}
    for collection in documents.session_collections(session_id):
        if collection in left_out:
            continue
        exported |= {snapshot.path: snapshot.data for snapshot in store.list(collection)}
    # Documents that are prepared for more shards are left out; a worker prepares them again.
    layout = Layout.of(session_id, head.read_as(SessionDocument))
    exported = {path: data for path, data in exported.items() if not layout.is_to_come(path)}
    exported.pop(documents.resharding_path(session_id), None)
    pin = store.get(documents.pin_path(head.read_as(SessionDocument)["pin"]))
    if pin is not None and pin.read_as(PinDocument)["session_id"] == session_id:
        exported[pin.path] = pin.data
    values = {path: _to_json(data) for path, data in sorted(exported.items())}
    return {"format": FORMAT, "session_id": session_id, "sha256": _checksum(values), "documents": values}


def read(archive: Any) -> Archived:
    """Raises ArchiveUnreadable."""
    if not isinstance(archive, Mapping) or archive.get("format") != FORMAT:
        raise ArchiveUnreadable(f"this is no archive of a session (format {FORMAT}); use what `session export` wrote")
    values = archive.get("documents")
    if not isinstance(values, dict) or not all(isinstance(data, dict) for data in values.values()):
        raise ArchiveUnreadable("the archive is incomplete; export the session again")
    session_id = check_session_id(archive.get("session_id"))
    try:
        fits = archive.get("sha256") == _checksum(values)
        stored = {path: _from_json(data) for path, data in values.items()}
    except (TypeError, ValueError, RecursionError):
        raise ArchiveUnreadable("the archive has values that no document can have; export the session again") from None
    if not fits:
        raise ArchiveUnreadable("the checksum does not fit: the file was changed or cut off; export it again")
    check(session_id, stored)
    return Archived(session_id, stored)


def restore(store: DocumentStore, archive: Archived, *, host_id: str, expires_at: datetime, ids: Ids) -> str | None:
    """Write the session back for the host `host_id`, to be deleted at `expires_at`. Returns the PIN, or None for a
    final session, which needs no PIN. When another session uses the PIN now, the restored session gets a new PIN.
    Raises SessionExists.

    The session's own document is written last: after a failure in between no session is visible, and the restoration
    can be repeated.
    """
    session_id, head = archive.session_id, documents.session_path(archive.session_id)
    if store.get(head) is not None:
        raise SessionExists(session_id)
    dated = {path: {**data, "expires_at": expires_at} for path, data in archive.documents.items()}
    rest = {path: data for path, data in dated.items() if path != head and not path.startswith("pins/")}
    collections = documents.session_collections(session_id)
    stale = [snapshot.path for collection in collections for snapshot in store.list(collection)]
    writes: list[Write] = [Delete(path) for path in stale if path not in rest]
    writes += [Put(path, data) for path, data in rest.items()]
    for start in range(0, len(writes), WRITES_A_COMMIT):
        _commit(store, writes[start : start + WRITES_A_COMMIT])
    own: SessionDocument = {**archive.head, "expires_at": expires_at, "host_id": host_id}
    if not _is_class_of(store, own.get("class_id"), host_id):
        own.pop("class_id", None)
    return _reopen(store, archive, own, ids)


def _is_class_of(store: DocumentStore, class_id: str | None, host_id: str) -> bool:
    """Whether the class is still there and the host's: an archive must not put results on another host's board."""
    found = store.get(documents.class_path(class_id)) if class_id is not None else None
    return found is not None and found.read_as(ClassDocument)["owner_id"] == host_id


def _reopen(store: DocumentStore, archive: Archived, session: SessionDocument, ids: Ids) -> str | None:
    head = documents.session_path(archive.session_id)
    pin: str | None = None if session["final"] else session["pin"]
    for _ in range(PIN_TRIES):
        writes: list[Write] = [Create(head, session if pin is None else {**session, "pin": pin})]
        if pin is not None:
            fields = documents.pin_fields(archive.session_id, session["expires_at"])
            writes.append(Create(documents.pin_path(pin), fields))
        try:
            store.commit(writes)
        except Conflict:
            if store.get(head) is not None:
                raise SessionExists(archive.session_id) from None
            pin = ids.pin()
        else:
            return pin
    raise Conflict("no free PIN was found; try again")


def _commit(store: DocumentStore, writes: Sequence[Write]) -> None:
    """Commit the writes at once, or in halves when a commit is too large."""
    try:
        store.commit(writes)
    except CommitTooLarge:
        if len(writes) == 1:
            raise
        half = len(writes) // 2
        _commit(store, writes[:half])
        _commit(store, writes[half:])


def _checksum(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {name: _to_json(field) for name, field in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$time"}:
            return datetime.fromisoformat(value["$time"])
        if value.keys() == {"$bytes"}:
            return b64decode(value["$bytes"], validate=True)
        return {name: _from_json(field) for name, field in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value
