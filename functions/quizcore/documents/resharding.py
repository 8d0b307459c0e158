"""`private/resharding`: how far the documents of new shards are prepared, when they are more than one commit takes.

Whoever goes on prepares again what its sources have outdated. The commit that makes the new shards the session's leaves
the document without `made_of`: whoever still prepares for the shards before finds it changed.
"""

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
    """`layout` is the one to come, `timeline` what its shards start with. `made_of` tells, for each group that is
    prepared, the `commit_id` of each board of the old shards whose players are in it."""

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
    """For whoever takes away what is prepared: the next try begins anew."""
    return {"made_of": {}}


def read_made_of(data: ReshardingDocument) -> MadeOf:
    return {int(group): {int(shard): of for shard, of in each.items()} for group, each in data["made_of"].items()}
