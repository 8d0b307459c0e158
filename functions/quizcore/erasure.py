"""Everything that the documents hold of one person as a player, and taking it away without breaking a board.

A player is first removed as the host removes one, so that the worker writes boards, pages and ranks without them in its
own fenced commits; then their own documents go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quizcore import documents
from quizcore.messages import PlayerRemoved
from quizcore.ports import Clock, Delete, DocumentStore, Ids, Snapshot
from quizcore.shards import shard_of

READ_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Trace:
    """One session in which somebody plays, or played."""

    session_id: str
    uid: str
    over: bool
    shards: int
    paths: tuple[str, ...]


def traces(store: DocumentStore, uid: str) -> Iterator[Trace]:
    """Every session that knows this player. Reads each session's document once, and one player document for each."""
    sessions = store.list(documents.SESSIONS)
    for start in range(0, len(sessions), READ_AT_ONCE):
        part = sessions[start : start + READ_AT_ONCE]
        players = store.get_many([documents.player_path(session.name, uid) for session in part])
        for session in part:
            held = _held(store, session.name, uid)
            player = documents.player_path(session.name, uid)
            own = [player] if player in players else []
            if own or held:
                yield _trace(session, uid, [*own, *(each.path for each in held)])


def _held(store: DocumentStore, session_id: str, uid: str) -> list[Snapshot]:
    """Their nicknames, and the host's requests about them, which hold the names that they were given."""
    collections = (documents.nicknames_path(session_id), documents.requests_path(session_id))
    return [found for path in collections for found in store.list(path, where=[("player_id", "==", uid)])]


def _trace(session: Snapshot, uid: str, paths: Sequence[str]) -> Trace:
    return Trace(session.name, uid, bool(session.data["final"]), session.data["shards"], tuple(paths))


def removal(trace: Trace, clock: Clock, ids: Ids) -> PlayerRemoved:
    return PlayerRemoved(
        event_id=ids.event_id(),
        session_id=trace.session_id,
        shard=shard_of(trace.uid, trace.shards),
        at=clock.now_ms(),
        player_id=trace.uid,
    )


def shown_in(store: DocumentStore, trace: Trace) -> list[str]:
    """The documents that still show the player to others; empty once the worker has removed them."""
    head = documents.player_path(trace.session_id, trace.uid)
    found = store.get(head)
    shown = [] if found is None or found.data["removed"] else [head]
    tables = (documents.boards_path, documents.shards_path, documents.rolls_path)
    boards = [board for path in tables for board in store.list(path(trace.session_id))]
    return shown + [board.path for board in boards if _names(board.data, trace.uid)]


def _names(board: dict[str, Any], uid: str) -> bool:
    return any(row.get("player_id") == uid for part in ("top", "rows") for row in board.get(part) or ())


def erase(store: DocumentStore, trace: Trace) -> None:
    """Delete what is theirs alone. Only after nothing shows them any more."""
    store.commit([Delete(path) for path in trace.paths])
