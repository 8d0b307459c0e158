"""Everything that the documents hold of one person as a player, and taking it away without breaking a board.

A player is first removed as the host removes one, so that the worker writes boards, pages and ranks without them in its
own fenced commits; then their own documents go. In a session that deletion by age has reached no worker does that any
more: there every document that shows them goes, as all of it will.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quizcore import documents
from quizcore.documents import PlayerDocument, SessionDocument
from quizcore.layout import Layout
from quizcore.loading import is_whole
from quizcore.messages import PlayerRemoved
from quizcore.ports import Clock, Delete, DocumentStore, Ids, Publisher, Replace, Snapshot, Write
from quizcore.shards import shard_of

READ_AT_ONCE = 300
LOOK_EVERY_S = 0.2
LOOKS = 300


class StillShown(Exception):
    """No worker has taken the player off the boards; nothing was deleted. The message names the documents."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One session in which somebody plays, or played. `going`: deletion by age has reached it."""

    session_id: str
    uid: str
    over: bool
    going: bool
    shards: int
    paths: tuple[str, ...]


def traces(store: DocumentStore, uid: str, now: int) -> Iterator[Trace]:
    """Every session that knows this player. Reads every session's document and, for each session, the player's
    document, nicknames and requests."""
    sessions = store.list(documents.SESSIONS)
    for start in range(0, len(sessions), READ_AT_ONCE):
        part = sessions[start : start + READ_AT_ONCE]
        players = store.get_many([documents.player_path(session.name, uid) for session in part])
        for session in part:
            player = players.get(documents.player_path(session.name, uid))
            about = [documents.nicknames_path(session.name), documents.requests_path(session.name)]
            held = [each for path in about for each in store.list(path, where=[("player_id", "==", uid)])]
            own = [*([player] if player else []), *held]
            if own:
                yield _trace(store, session, uid, own, now)


def _trace(store: DocumentStore, session: Snapshot, uid: str, own: Iterable[Snapshot], now: int) -> Trace:
    head, paths = session.data, tuple(each.path for each in own)
    if not documents.is_whole_session(head):
        return Trace(session.name, uid, over=True, going=True, shards=1, paths=paths)
    going = head["expires_at"] <= documents.expiry(now) or not is_whole(store, session.name)
    return Trace(session.name, uid, bool(head["final"]), going, head["shards"], paths)


@dataclass(frozen=True, slots=True)
class Eraser:
    """Takes a player out of one session after another."""

    store: DocumentStore
    publisher: Publisher
    clock: Clock
    ids: Ids
    sleep: Callable[[float], None]

    def erase_from(self, trace: Trace) -> None:
        """Raises StillShown after `LOOKS` looks; BusUnavailable; StoreError."""
        if not trace.going:  # else no worker counts in it any more
            self.publisher.publish([removal(trace, self.clock, self.ids)])
            self._wait_until_shown_nowhere(trace)
        erase(self.store, trace)

    def _wait_until_shown_nowhere(self, trace: Trace) -> None:
        shown = shown_in(self.store, trace)
        for _ in range(LOOKS):
            if not shown:
                return
            self.sleep(LOOK_EVERY_S)
            shown = shown_in(self.store, trace)
        raise StillShown(", ".join(shown))


def removal(trace: Trace, clock: Clock, ids: Ids) -> PlayerRemoved:
    return PlayerRemoved(
        event_id=ids.event_id(),
        session_id=trace.session_id,
        shard=shard_of(trace.uid, trace.shards),
        at=clock.now_ms(),
        player_id=trace.uid,
    )


def shown_in(store: DocumentStore, trace: Trace) -> list[str]:
    """The documents that still show the player to others; empty once the worker has removed them. What is prepared of
    shards to come shows nobody anything, and no worker looks after it."""
    head = documents.player_path(trace.session_id, trace.uid)
    found, shows = store.get(head), _naming(store, trace)
    _, prepared = _prepared(store, trace, shows)
    shown = [] if found is None or found.read_as(PlayerDocument)["removed"] else [head]
    return shown + [path for path in shows if path not in prepared]


def _prepared(store: DocumentStore, trace: Trace, paths: Iterable[str]) -> tuple[list[Write], set[str]]:
    """Which of these are prepared for shards that the session does not have yet, and the write that makes them be
    prepared again; it conflicts when the session has got the shards meanwhile."""
    head, path = documents.session_path(trace.session_id), documents.resharding_path(trace.session_id)
    found = store.get_many([head, path])
    if path not in found or head not in found or not documents.is_whole_session(found[head].data):
        return [], set()
    layout = Layout.of(trace.session_id, found[head].read_as(SessionDocument))
    return [Replace(path, documents.nothing_prepared(), found[path].version)], {
        each for each in paths if layout.is_to_come(each)
    }


def _naming(store: DocumentStore, trace: Trace) -> list[str]:
    """Every document beside the player's own that names them."""
    found = store.get(documents.player_path(trace.session_id, trace.uid))
    nickname = found.read_as(PlayerDocument)["nickname"] if found else None
    summaries = (documents.boards_path, documents.shards_path, documents.groups_path)
    tables = (*summaries, documents.rolls_path, documents.journal_path)
    boards = [board for path in tables for board in store.list(path(trace.session_id))]
    return [board.path for board in boards if _names(board.data, trace.uid, nickname)]


def _names(board: Mapping[str, Any], uid: str, nickname: str | None) -> bool:
    rows = [row for part in ("top", "rows", "entries") for row in board.get(part) or ()]
    last_to_join = [each["nickname"] if isinstance(each, dict) else each for each in board.get("recent") or ()]
    return any(row.get("player_id") == uid for row in rows) or (nickname is not None and nickname in last_to_join)


def erase(store: DocumentStore, trace: Trace) -> None:
    """Delete what is theirs alone, after nothing shows them any more; in a session that is going, also what does."""
    again, prepared = _prepared(store, trace, _naming(store, trace))
    shown = shown_in(store, trace) if trace.going else []
    paths = {*trace.paths, *shown, *prepared}
    store.commit([*(Delete(path) for path in paths), *(again if prepared else [])])
