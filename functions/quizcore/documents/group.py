"""`groups/{group}`: the summary of some shards, from which the public board of a session of very many is merged; no
client reads it. `group_fields` in `quizcore/merging.py` writes it.
"""

from quizcore.documents.session import session_path
from quizcore.documents.shard_board import ShardBoardFields
from quizcore.documents.values import Count, Expiring, Index


class GroupDocument(ShardBoardFields, Expiring):
    """`shards`: the `seq` of each shard's board that is merged into it."""

    shards: dict[Index, Count]


def groups_path(session_id: str) -> str:
    return f"{session_path(session_id)}/groups"


def group_path(session_id: str, group: int) -> str:
    return f"{groups_path(session_id)}/{group}"
