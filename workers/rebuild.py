"""A shard's state and what its documents say: after a start, a lost fence, or a while of idleness."""

from quizcore import documents
from quizcore.boards import ranks_fields
from quizcore.domain.fold import State
from quizcore.loading import load
from quizcore.ports import DocumentStore
from workers.plan import Written, image, nobody_ahead, session_part, written_ranks


def load_shard(store: DocumentStore, session_id: str, shard: int) -> tuple[State, Written]:
    """Raises SessionUnknown."""
    loaded = load(store, session_id, shard)
    state, session = loaded.state, loaded.session.data
    written = Written(
        session_id=session_id,
        shard=shard,
        shards=session["shards"],
        expires_at=session["expires_at"],
        board_version=loaded.board.version,
        board=loaded.board.data,
        clock={name: session.get(name) for name in session_part(state, shard, session["shards"])},
        ranks=written_ranks(loaded.ranks.data) if loaded.ranks else None,
        ranks_at=loaded.ranks.data["as_of"] if loaded.ranks else 0,
        timeline=documents.timeline_fields(state.timeline) if loaded.timeline else None,
        journal={s for entry in loaded.journal for s in documents.read_journal(entry.data)},
        journal_entries={entry.path for entry in loaded.journal},
        unfinished=loaded.unfinished,
    )
    ranks = ranks_fields(state) or nobody_ahead(written.ranks, len(state.standings))
    written.ranks_stale = written.shards == 1 and ranks != written.ranks
    for snapshot in loaded.players:
        player = state.players[snapshot.name]
        # A document that says something else than the fold is left out, and so written anew.
        if documents.player_fields(player, written.expires_at) == snapshot.data:
            written.players[player.player_id] = image(player)
    return state, written
