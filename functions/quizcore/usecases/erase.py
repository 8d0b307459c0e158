"""Finds and erases everything that the documents hold about one person as a player, without breaking a board.

First the player is removed, as a host removes a player, so that the worker writes boards, pages and ranks without the
player in its own fenced commits. Then the player's own documents are deleted. No worker serves a session that deletion
by age has reached: there, every document that shows the player is deleted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quizcore import documents
from quizcore.documents import PlayerDocument, ReturnCodeDocument, SessionDocument
from quizcore.layout import Layout
from quizcore.loading import is_whole
from quizcore.messages import PlayerRemoved
from quizcore.ports import Clock, Delete, DocumentStore, Ids, Publisher, Replace, Snapshot, Write
from quizcore.shards import shard_of

READ_AT_ONCE = 300
LOOK_EVERY_S = 0.2
LOOKS = 300


class StillShown(Exception):
    """No worker has removed the player from the boards in time; nothing was deleted. The message names the
    documents."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A session in which the person plays or played. `going`: deletion by age has reached the session. `paths` are the
    person's own documents."""

    session_id: str
    uid: str
    over: bool
    going: bool
    shards: int
    paths: tuple[str, ...]


def traces(store: DocumentStore, uid: str, now: int) -> Iterator[Trace]:
    """Every session that knows this player. Reads every session's document and, for each session, the player's
    documents."""
    sessions = store.list(documents.SESSIONS)
    codes = _codes(store, uid)
    for start in range(0, len(sessions), READ_AT_ONCE):
        part = sessions[start : start + READ_AT_ONCE]
        by_name = store.get_many([path for session in part for path in _named_by(session.name, uid)])
        for session in part:
            own = [by_name[path] for path in _named_by(session.name, uid) if path in by_name]
            paths = _own_paths(store, session.name, uid, own, codes)
            if paths:
                yield _trace(store, session.name, session, uid, paths, now)


def trace_of(store: DocumentStore, session_id: str, uid: str, now: int) -> Trace | None:
    """The player's trace in this session, which may be deleted by age; None when there is none."""
    head = documents.session_path(session_id)
    found = store.get_many([head, *_named_by(session_id, uid)])
    own = [snapshot for path, snapshot in found.items() if path != head]
    paths = _own_paths(store, session_id, uid, own, _codes(store, uid))
    return _trace(store, session_id, found.get(head), uid, paths, now) if paths else None


def _named_by(session_id: str, uid: str) -> list[str]:
    """The documents of a session that a player's id names."""
    return [of(session_id, uid) for of in (documents.player_path, documents.link_path, documents.leaver_path)]


def _codes(store: DocumentStore, uid: str) -> list[Snapshot]:
    return store.list(documents.RETURN_CODES, where=[("player_id", "==", uid)])


def _own_paths(
    store: DocumentStore, session_id: str, uid: str, own: Iterable[Snapshot], codes: Iterable[Snapshot]
) -> tuple[str, ...]:
    about = [documents.nicknames_path(session_id), documents.requests_path(session_id)]
    named = [entry for path in about for entry in store.list(path, where=[("player_id", "==", uid)])]
    back = [code for code in codes if code.read_as(ReturnCodeDocument)["session_id"] == session_id]
    return tuple(snapshot.path for snapshot in (*own, *named, *back))


def _trace(  # noqa: PLR0913 (whose, where, of which documents, when)
    store: DocumentStore, session_id: str, session: Snapshot | None, uid: str, paths: tuple[str, ...], now: int
) -> Trace:
    if session is None or not documents.is_whole_session(session.data):
        return Trace(session_id, uid, over=True, going=True, shards=1, paths=paths)
    head = session.data
    going = head["expires_at"] <= documents.expiry(now) or not is_whole(store, session_id)
    return Trace(session_id, uid, bool(head["final"]), going, head["shards"], paths)


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases a player from one session at a time."""

    store: DocumentStore
    publisher: Publisher
    clock: Clock
    ids: Ids
    sleep: Callable[[float], None]

    def erase_from(self, trace: Trace) -> None:
        """Raises StillShown after `LOOKS` looks; BusUnavailable; StoreError."""
        if not trace.going:  # no worker serves a session that deletion by age has reached
            self.publisher.publish([removal(trace, self.clock, self.ids)])
            self._wait_until_shown_nowhere(trace)
        erase(self.store, trace)

    def _wait_until_shown_nowhere(self, trace: Trace) -> None:
        shown = self._shown(trace)
        for _ in range(LOOKS):
            if not shown:
                return
            self.sleep(LOOK_EVERY_S)
            shown = self._shown(trace)
        raise StillShown(", ".join(shown))

    def _shown(self, trace: Trace) -> list[str]:
        """The documents that show the player, and the session itself while it is not counted again without the result
        of a guest whom a person keeps."""
        shown, path = shown_in(self.store, trace), documents.session_path(trace.session_id)
        if shown or documents.link_path(trace.session_id, trace.uid) not in trace.paths:
            return shown
        head = self.store.get(path)
        return [path] if head is not None and documents.to_hand_on(head.read_as(SessionDocument)) else []


def removal(trace: Trace, clock: Clock, ids: Ids) -> PlayerRemoved:
    return PlayerRemoved(
        event_id=ids.event_id(),
        session_id=trace.session_id,
        shard=shard_of(trace.uid, trace.shards),
        at=clock.now_ms(),
        player_id=trace.uid,
    )


def shown_in(store: DocumentStore, trace: Trace) -> list[str]:
    """The documents that still show the player to others; empty once the worker has removed them. No client
    reads documents that are prepared for future shards, and no worker updates them."""
    head = documents.player_path(trace.session_id, trace.uid)
    player, shows = store.get(head), _naming(store, trace)
    _, prepared = _prepared(store, trace, shows)
    shown = [] if player is None or player.read_as(PlayerDocument)["removed"] else [head]
    return shown + [path for path in shows if path not in prepared]


def _prepared(store: DocumentStore, trace: Trace, paths: Iterable[str]) -> tuple[list[Write], set[str]]:
    """The paths that are prepared for shards that the session does not have yet, and the write after which a worker
    prepares them again. The write conflicts when the session was resharded meanwhile."""
    head, path = documents.session_path(trace.session_id), documents.resharding_path(trace.session_id)
    found = store.get_many([head, path])
    if path not in found or head not in found or not documents.is_whole_session(found[head].data):
        return [], set()
    layout = Layout.of(trace.session_id, found[head].read_as(SessionDocument))
    return [Replace(path, documents.nothing_prepared(), found[path].version)], {
        prepared for prepared in paths if layout.is_to_come(prepared)
    }


def _naming(store: DocumentStore, trace: Trace) -> list[str]:
    """The documents other than the player's own that name the player."""
    player = store.get(documents.player_path(trace.session_id, trace.uid))
    nickname = player.read_as(PlayerDocument)["nickname"] if player else None
    summaries = (documents.boards_path, documents.shards_path, documents.groups_path)
    tables = (*summaries, documents.rolls_path, documents.journal_path)
    boards = [board for path in tables for board in store.list(path(trace.session_id))]
    return [board.path for board in boards if _names(board.data, trace.uid, nickname)]


def _names(board: Mapping[str, Any], uid: str, nickname: str | None) -> bool:
    rows = [row for part in ("top", "rows", "entries") for row in board.get(part) or ()]
    last_to_join = [join["nickname"] if isinstance(join, dict) else join for join in board.get("recent") or ()]
    return any(row.get("player_id") == uid for row in rows) or (nickname is not None and nickname in last_to_join)


def erase(store: DocumentStore, trace: Trace) -> None:
    """Delete the player's own documents. Call when no document shows the player any more; when deletion by age has
    reached the session, the documents that show the player are deleted too."""
    again, prepared = _prepared(store, trace, _naming(store, trace))
    shown = shown_in(store, trace) if trace.going else []
    paths = {*trace.paths, *shown, *prepared}
    store.commit([*(Delete(path) for path in paths), *(again if prepared else [])])
