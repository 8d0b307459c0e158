"""A shard's state from its documents alone: after a start, a lost fence, or a while of idleness."""

from quizcore import documents
from quizcore.domain.fold import State
from quizcore.ports import DocumentStore, Snapshot
from workers.plan import Written, image


class SessionUnknown(Exception):
    """There is no such session, or it has no board: its events cannot be counted."""


def load_shard(store: DocumentStore, session_id: str, shard: int) -> tuple[State, Written]:
    """Raises SessionUnknown. The board is read first: if anything changes after it, the fence of
    the next commit does not hold and the state is loaded again."""
    board = store.get(documents.board_path(session_id))
    paths = [
        documents.session_path(session_id),
        documents.session_quiz_path(session_id),
        documents.timeline_path(session_id, shard),
    ]
    found = store.get_many(paths)
    session, quiz, timeline = (found.get(path) for path in paths)
    if board is None or session is None or quiz is None:
        raise SessionUnknown(session_id)
    players = store.list(documents.players_path(session_id), where=[("shard", "==", shard)])
    journal = store.list(documents.journal_path(session_id), where=[("shard", "==", shard)])
    state = State(documents.read_game(session.data, quiz.data))
    state.restore(
        timeline=documents.read_timeline(timeline.data) if timeline else state.timeline,
        players=[documents.read_player(_last(player.path), player.data) for player in players],
        held=[submission for entry in journal for submission in documents.read_journal(entry.data)],
        now=board.data["as_of"],
    )
    return state, _written(state, shard, session, board, timeline, players, journal)


def _written(
    state: State,
    shard: int,
    session: Snapshot,
    board: Snapshot,
    timeline: Snapshot | None,
    players: list[Snapshot],
    journal: list[Snapshot],
) -> Written:
    clock_names = documents.clock_fields(state)
    written = Written(
        session_id=_last(session.path),
        shard=shard,
        shards=session.data["shards"],
        expires_at=session.data["expires_at"],
        board_version=board.version,
        board=board.data,
        clock={name: session.data.get(name) for name in clock_names},
        timeline=documents.timeline_fields(state.timeline) if timeline else None,
        journal={s for entry in journal for s in documents.read_journal(entry.data)},
        journal_entries={entry.path for entry in journal},
    )
    for snapshot in players:
        player = state.players[_last(snapshot.path)]
        # A document that says something else than the fold is left out, and so written anew.
        if documents.player_fields(player, shard, written.expires_at) == snapshot.data:
            written.players[player.player_id] = image(player)
    return written


def _last(path: str) -> str:
    return path.rpartition("/")[2]
