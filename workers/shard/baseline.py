"""Loads the baseline and the state of a shard: after a start, a lost fence, or idleness."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quizcore import documents
from quizcore.documents import (
    BoardFields,
    JournalDocument,
    RanksDocument,
    RanksFields,
    ShardBoardFields,
    TimelineFields,
)
from quizcore.domain.events import AnswerSubmitted
from quizcore.domain.fold import State
from quizcore.domain.player import Player, PlayerFacts
from quizcore.domain.sheet import Sheet
from quizcore.layout import Layout
from quizcore.loading import load
from quizcore.ports import DocumentStore, Version
from workers.board_rules import RANKS_INTERVAL_MS


@dataclass(frozen=True, slots=True)
class PlayerBaseline:
    """The content of a player's document."""

    facts: PlayerFacts
    sheet: Sheet


@dataclass(slots=True)
class Baseline:
    """The content of the documents of one shard, as far as this process knows it: the old side of the diff.

    `board_version` is the fence. `journal` has the submissions in the documents `journal_entries`. `unfinished`: a
    commit in parts has begun, and its board is not written yet. `table_stale`: a part has changed the table.
    """

    session_id: str
    shard: int
    shards: int
    expires_at: datetime
    board_version: Version
    board: BoardFields | ShardBoardFields
    clock: Mapping[str, object]
    timeline: TimelineFields | None
    ranks: RanksFields | None = None
    ranks_at: int = 0
    ranks_stale: bool = False
    players: dict[str, PlayerBaseline] = field(default_factory=dict)
    journal: set[AnswerSubmitted] = field(default_factory=set)
    journal_entries: set[str] = field(default_factory=set)
    unfinished: bool = False
    table_stale: bool = False
    groups: int = 1

    @property
    def layout(self) -> Layout:
        return Layout(self.session_id, self.shards, self.groups)

    @property
    def board_path(self) -> str:
        return self.layout.fence(self.shard)

    @property
    def ranks_due_at(self) -> int | None:
        """The time at which the ranks must be written if no other flush comes first (ms since the epoch)."""
        return self.ranks_at + RANKS_INTERVAL_MS if self.ranks_stale else None

    def ranks_checked(self, now: int) -> None:
        """Note that the due ranks need no write, because they are unchanged."""
        due_at = self.ranks_due_at
        if due_at is not None and now >= due_at:
            self.ranks_stale = False


def image(player: Player) -> PlayerBaseline:
    return PlayerBaseline(player.facts, player.sheet)


def load_shard(store: DocumentStore, session_id: str, shard: int) -> tuple[State, Baseline]:
    """Raises SessionUnknown."""
    loaded = load(store, session_id, shard)
    state, session = loaded.state, loaded.head
    ranks = loaded.ranks.read_as(RanksDocument) if loaded.ranks else None
    layout = Layout.of(session_id, session)
    clock = {**session, "due_at": documents.clock_due_at(session)}
    baseline = Baseline(
        session_id=session_id,
        shard=shard,
        shards=session["shards"],
        expires_at=session["expires_at"],
        board_version=loaded.board.version,
        board=layout.read_board(loaded.board),
        clock={name: clock.get(name) for name in layout.session_part(state, shard)},
        ranks=documents.read_ranks(ranks) if ranks else None,
        ranks_at=ranks["as_of"] if ranks else 0,
        timeline=documents.timeline_fields(state.timeline) if loaded.timeline else None,
        journal={s for entry in loaded.journal for s in documents.read_journal(entry.read_as(JournalDocument))},
        journal_entries={entry.path for entry in loaded.journal},
        unfinished=loaded.unfinished,
        groups=layout.groups,
    )
    now_said = documents.ranks_fields(state) or documents.nobody_ahead(baseline.ranks, len(state.standings))
    baseline.ranks_stale = not layout.merged and now_said != baseline.ranks
    for snapshot in loaded.players:
        player = state.players[snapshot.name]
        # A document that differs from the fold is left out of the baseline, so that the next commit writes it again.
        if documents.player_fields(player, baseline.expires_at) == snapshot.data:
            baseline.players[player.player_id] = image(player)
    return state, baseline
