"""`groups/{group}`: the summary of a group of shards. The public board of a session with groups is merged from these
summaries; no client reads them. `group_fields` in `quizcore/merging.py` writes it."""

from datetime import datetime

from quizcore.documents.board import BoardStamps
from quizcore.documents.session import session_path
from quizcore.documents.shard_board import SummaryFields
from quizcore.documents.values import Count, Expiring, Index


class GroupFields(SummaryFields):
    """`shards`: the `seq` of each shard's board that is merged into it."""

    shards: dict[Index, Count]


class StampedGroup(GroupFields, BoardStamps):
    pass


class GroupDocument(StampedGroup, Expiring):
    pass


def group_document(fields: GroupFields, stamps: BoardStamps, expires_at: datetime) -> GroupDocument:
    return {**fields, **stamps, "expires_at": expires_at}


def stamped_group(fields: GroupFields, stamps: BoardStamps) -> StampedGroup:
    return {**fields, **stamps}


def groups_path(session_id: str) -> str:
    return f"{session_path(session_id)}/groups"


def group_path(session_id: str, group: int) -> str:
    return f"{groups_path(session_id)}/{group}"
