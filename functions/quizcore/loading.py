"""Rebuilds the state of a shard, or of a whole session, from documents alone."""

from dataclasses import dataclass
from itertools import chain

from quizcore import documents
from quizcore.documents import (
    BoardHead,
    JournalDocument,
    PlayerDocument,
    SessionDocument,
    SessionQuizDocument,
    TimelineDocument,
)
from quizcore.domain.fold import State
from quizcore.layout import Layout
from quizcore.ports import DocumentStore, Snapshot


class SessionUnknown(Exception):
    """The session does not exist, or only partly (deletion by age deletes documents one by one): its events cannot be
    counted."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The documents of a shard as they were read, and the state folded from them."""

    state: State
    session: Snapshot
    board: Snapshot
    timeline: Snapshot | None
    ranks: Snapshot | None
    players: list[Snapshot]
    journal: list[Snapshot]
    unfinished: bool

    @property
    def head(self) -> SessionDocument:
        return self.session.read_as(SessionDocument)


def load(store: DocumentStore, session_id: str, shard: int) -> Loaded:
    """Raises SessionUnknown. The board is read first: every later change of the other documents also changes
    the board, so a commit fenced by this board cannot build on a torn read."""
    shards = shard_count(store, session_id)
    while True:
        board = store.get(Layout(session_id, shards).fence(shard))
        loaded = _load(store, session_id, board, shard, shards)
        if loaded.head["shards"] == shards:
            return loaded
        shards = loaded.head["shards"]  # the session was resharded in between; the number never shrinks


def load_whole(store: DocumentStore, session_id: str) -> Loaded:
    """One state with all players of a session, and its public board. Raises SessionUnknown."""
    return _load(store, session_id, store.get(documents.board_path(session_id)), shard=0, shards=1)


def is_whole(store: DocumentStore, session_id: str) -> bool:
    """Whether all shards of the session can be loaded, and the public board exists."""
    try:
        for shard in range(shard_count(store, session_id)):
            load(store, session_id, shard)
    except SessionUnknown:
        return False
    return store.get(documents.board_path(session_id)) is not None


def shard_count(store: DocumentStore, session_id: str) -> int:
    """Raises SessionUnknown."""
    return layout_of(store, session_id).shards


def layout_of(store: DocumentStore, session_id: str) -> Layout:
    """Raises SessionUnknown, also for the remains of a session that was deleted during a write."""
    session = store.get(documents.session_path(session_id))
    if session is None or not documents.is_whole_session(session.data):
        raise SessionUnknown(session_id)
    return Layout.of(session_id, session.read_as(SessionDocument))


def _load(store: DocumentStore, session_id: str, board: Snapshot | None, shard: int, shards: int) -> Loaded:
    paths = [
        documents.session_path(session_id),
        documents.session_quiz_path(session_id),
        documents.timeline_path(session_id, shard),
        documents.ranks_path(session_id),
        documents.unfinished_path(session_id, shard),
    ]
    snapshots = store.get_many(paths)
    session, quiz, timeline, ranks, unfinished = (snapshots.get(path) for path in paths)
    if board is None or session is None or quiz is None or not documents.is_whole_session(session.data):
        raise SessionUnknown(session_id)
    head, shown = session.data, board.read_as(BoardHead)
    if timeline is None and (shown["tally"] is not None or shown["final"]):
        raise SessionUnknown(
            session_id
        )  # without the timeline the fold would refuse every answer as early, and all scores would be lost
    layout = Layout(session_id, shards)
    players = store.list(documents.players_path(session_id), where=layout.players_of(shard))
    journal = store.list(documents.journal_path(session_id), where=layout.journal_of(shard))
    state = State(documents.read_game(head, documents.read_session_quiz(quiz.read_as(SessionQuizDocument))))
    state.restore(
        timeline=documents.read_timeline(timeline.read_as(TimelineDocument)) if timeline else state.timeline,
        players=[documents.read_player(player.name, player.read_as(PlayerDocument)) for player in players],
        held=chain.from_iterable(documents.read_journal(entry.read_as(JournalDocument)) for entry in journal),
        now=shown["as_of"],
    )
    return Loaded(state, session, board, timeline, ranks, players, journal, unfinished is not None)
