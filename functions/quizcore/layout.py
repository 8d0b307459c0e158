"""Where the standings of a session are stored, and which job writes them. Only this module decides whether a session
has one shard, many shards, or groups of shards. The board of a session's only shard is the public board. Many shards
have separate boards, which no client reads, and the public board is merged from them. With more than `GROUP_SHARDS`
shards, each run of neighbouring shards is a group with a summary, and the public board is merged from the summaries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from quizcore import documents
from quizcore.documents import (
    BoardDocument,
    BoardFields,
    BoardHead,
    LayoutFields,
    PageDocument,
    RollDocument,
    ShardBoardDocument,
    ShardBoardFields,
    TableStamps,
)
from quizcore.domain.fold import State
from quizcore.domain.session import Options
from quizcore.ports import Snapshot, Where
from quizcore.shards import GROUP_SHARDS, run_of, slots_of


@dataclass(frozen=True, slots=True)
class Layout:
    session_id: str
    shards: int
    groups: int = 1

    @classmethod
    def of(cls, session_id: str, session: LayoutFields) -> Self:
        """The layout by the session document."""
        return cls(session_id, session["shards"], session.get("groups", 1))

    @classmethod
    def for_shards(cls, session_id: str, shards: int, group_shards: int = GROUP_SHARDS) -> Self:
        """The layout of a new session with this number of shards."""
        return cls(session_id, 1).with_shards(shards, group_shards)

    def with_shards(self, shards: int, group_shards: int) -> Self:
        """The layout with more shards. A session never gets fewer shards or groups."""
        return replace(self, shards=shards, groups=max(self.groups, -(-shards // group_shards)))

    @property
    def fields(self) -> LayoutFields:
        """The layout's fields in the session's document."""
        return {"shards": self.shards, "groups": self.groups} if self.grouped else {"shards": self.shards}

    @property
    def merged(self) -> bool:
        """Whether the public board, the ranks and the pages are merged from the shards' boards."""
        return self.shards > 1

    @property
    def grouped(self) -> bool:
        """Whether they are merged from the summaries of groups."""
        return self.groups > 1

    def fence(self, shard: int) -> str:
        """The path of a shard's own board; it lists players also when the public board is hidden."""
        return documents.shard_path(self.session_id, shard) if self.merged else documents.board_path(self.session_id)

    @property
    def fences(self) -> list[str]:
        return [self.fence(shard) for shard in range(self.shards)]

    def groups_of(self, shards: Iterable[int]) -> tuple[int, ...]:
        """The groups of these shards, each once; none when shards are merged into the public board directly."""
        return tuple(dict.fromkeys(shard * self.groups // self.shards for shard in shards)) if self.grouped else ()

    def shards_of(self, group: int) -> range:
        return run_of(group, self.groups, self.shards)

    def slots_of(self, shards: range) -> range:
        """The slots of neighbouring shards."""
        return range(slots_of(shards.start, self.shards).start, slots_of(shards.stop - 1, self.shards).stop)

    @property
    def summaries(self) -> list[str]:
        """The paths of the groups' summaries."""
        return [documents.group_path(self.session_id, group) for group in range(self.groups)] if self.grouped else []

    def is_to_come(self, path: str) -> bool:
        """Whether a document belongs to a shard or a group that the session does not have yet."""
        collection, _, name = path.rpartition("/")
        have = {documents.shards_path: self.shards, documents.groups_path: self.groups}
        return any(collection == of(self.session_id) and int(name) >= number for of, number in have.items())

    @property
    def parts(self) -> list[str]:
        """The paths of the documents that the public board is merged from."""
        return self.summaries or self.fences

    @property
    def parts_field(self) -> Literal["shards", "groups"]:
        """The field of the public board with the parts from which it was merged."""
        return "groups" if self.grouped else "shards"

    def board(self, state: State, *, seq: int, commit_id: str, top_k: int) -> BoardFields | ShardBoardFields:
        """The fields of a shard's own board."""
        if self.merged:
            return documents.shard_fields(state, seq=seq, commit_id=commit_id, top_k=top_k)
        return documents.board_fields(state, seq=seq, commit_id=commit_id, top_k=top_k)

    def read_board(self, board: Snapshot) -> BoardFields | ShardBoardFields:
        return board.read_as(ShardBoardDocument) if self.merged else board.read_as(BoardDocument)

    def session_part(self, state: State, shard: int) -> Mapping[str, object]:
        """The fields of the session's document that this shard writes. With many shards, shard 0 writes the phase, and
        the merge of their boards writes the fields that are counted over all shards."""
        if not self.merged:
            return documents.clock_fields(state)
        return documents.phase_fields(state) if shard == 0 else {}

    def table_parts(self, board: BoardHead, options: Options) -> int:
        """The number of documents of the whole table of a shard with this board. With groups there are none: the pages
        are made from the players' documents, because one process cannot merge so many rows."""
        rows = documents.ROLL_ROWS if self.merged else documents.PAGE_ROWS
        return 0 if self.grouped else documents.table_parts(board, options, rows)

    def table(self, state: State, stamps: TableStamps) -> Sequence[PageDocument] | Sequence[RollDocument]:
        """A shard's whole table; that of the only shard is the public table."""
        if self.grouped:
            return []
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
