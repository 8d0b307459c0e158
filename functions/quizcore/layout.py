"""Where a session's standings stand, and who writes what of them: the only place that asks whether a session has one
shard or many.

The board of a session's only shard is the public one. Many shards have boards of their own, which no client reads, and
the public board is merged from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import (
    BoardDocument,
    BoardFields,
    PageDocument,
    RollDocument,
    ShardBoardDocument,
    ShardBoardFields,
    TableStamps,
)
from quizcore.domain.fold import State
from quizcore.ports import Snapshot, Where
from quizcore.shards import slots_of


@dataclass(frozen=True, slots=True)
class Layout:
    session_id: str
    shards: int

    @property
    def merged(self) -> bool:
        """Whether the public board, the ranks and the pages are made of the shards' boards."""
        return self.shards > 1

    def fence(self, shard: int) -> str:
        """The path of a shard's own board; it may list whom a hidden board does not."""
        return documents.shard_path(self.session_id, shard) if self.merged else documents.board_path(self.session_id)

    @property
    def fences(self) -> list[str]:
        return [self.fence(shard) for shard in range(self.shards)]

    def board(self, state: State, *, seq: int, commit_id: str, top_k: int) -> BoardFields | ShardBoardFields:
        """What a shard's own board says."""
        if self.merged:
            return documents.shard_fields(state, seq=seq, commit_id=commit_id, top_k=top_k)
        return documents.board_fields(state, seq=seq, commit_id=commit_id, top_k=top_k)

    def read_board(self, board: Snapshot) -> BoardFields | ShardBoardFields:
        return board.read_as(ShardBoardDocument) if self.merged else board.read_as(BoardDocument)

    def session_part(self, state: State, shard: int) -> Mapping[str, object]:
        """The fields of the session's document that this shard writes. Of many shards the first tells the phase; what
        is counted over all of them is written where their boards are merged."""
        if not self.merged:
            return documents.clock_fields(state)
        return documents.phase_fields(state) if shard == 0 else {}

    @property
    def table_rows(self) -> int:
        """How many rows a document of a shard's whole table has."""
        return documents.ROLL_ROWS if self.merged else documents.PAGE_ROWS

    def table(self, state: State, stamps: TableStamps) -> Sequence[PageDocument] | Sequence[RollDocument]:
        """A shard's whole table; of one shard it is the public one."""
        if self.merged:
            return [documents.roll_document(roll, stamps) for roll in documents.rolls(state)]
        return [documents.page_document(page, stamps) for page in documents.pages(state)]

    def table_path(self, shard: int, number: int) -> str:
        if self.merged:
            return documents.roll_path(self.session_id, shard, number)
        return documents.page_path(self.session_id, number)

    def players_of(self, shard: int) -> list[Where]:
        slots = slots_of(shard, self.shards)
        return [("slot", ">=", slots.start), ("slot", "<=", slots.stop - 1)] if self.merged else []

    def journal_of(self, shard: int) -> list[Where]:
        return [("shard", "==", shard)] if self.merged else []
