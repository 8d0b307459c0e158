"""`private/resharding`: the progress of a resharding whose documents do not fit into one commit. A process that
continues prepares only the groups whose sources have changed. The commit that switches to the new shards removes
`made_of`, so that a process that still prepares for the old shards conflicts."""

from collections.abc import Mapping

from typing_extensions import TypedDict

from quizcore.documents.session import LayoutFields, session_path
from quizcore.documents.timeline import TimelineFields
from quizcore.documents.values import Count, Expiring, Index
from quizcore.messages import Id

MadeOf = dict[int, dict[int, str]]


class MadeOfFields(TypedDict):
    made_of: dict[Index, dict[Index, Id]]


class ReshardingFields(MadeOfFields):
    """`layout` is the new layout, `timeline` the timeline of its shards. `made_of` contains, for each prepared group,
    the `commit_id` of each board of the old shards whose players are in the group."""

    layout: LayoutFields
    timeline: TimelineFields


class ReshardingDocument(ReshardingFields, Expiring):
    seq: Count
    commit_id: Id


def resharding_path(session_id: str) -> str:
    return f"{session_path(session_id)}/private/resharding"


def resharding_fields(
    layout: LayoutFields, timeline: TimelineFields, made_of: Mapping[int, Mapping[int, str]]
) -> ReshardingFields:
    sources = {str(group): {str(shard): of for shard, of in each.items()} for group, each in made_of.items()}
    return {"layout": layout, "timeline": timeline, "made_of": sources}


def nothing_prepared() -> MadeOfFields:
    """The fields after the prepared documents were deleted: the next try prepares all of them."""
    return {"made_of": {}}


def read_made_of(data: ReshardingDocument) -> MadeOf:
    return {int(group): {int(shard): of for shard, of in each.items()} for group, each in data["made_of"].items()}
