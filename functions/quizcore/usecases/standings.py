"""The players around one place of the table, exact as of one commit, for the cost of a few reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quizcore import documents
from quizcore.layout import Layout
from quizcore.ports import DocumentReader, OrderBy, Snapshot


@dataclass(frozen=True, slots=True)
class Around:
    """`seqs` are those of the shards' boards that show exactly this. `rows` are in the order of the board."""

    seqs: dict[str, int]
    as_of: int
    player_count: int
    rows: list[dict[str, Any]]


def standings_around(reader: DocumentReader, session_id: str, player_id: str, m: int) -> Around | None:
    """None for a player who is not in the standings. `reader` must read as of one moment."""
    head, mine = documents.session_path(session_id), documents.player_path(session_id, player_id)
    found = reader.get_many([head, mine])
    place = found[mine].data["place"] if mine in found else None
    if place is None or head not in found:
        return None
    if not documents.is_whole_session(found[head].data):
        return None
    shards = found[head].data["shards"]
    paths = Layout(session_id, shards).fences
    boards = reader.get_many(paths)
    if len(boards) < shards:
        return None
    players = documents.players_path(session_id)
    before = reader.list(players, [("place", "<", place)], m, OrderBy("place", descending=True)) if m else []
    after = reader.list(players, [("place", ">", place)], m, OrderBy("place")) if m else []
    ahead = reader.count(players, [("place", "<", place)])
    listed = [*reversed(before), found[mine], *after]
    best = listed[0].data["score"]
    first_rank = 1 + reader.count(players, [("place", "<", documents.place_key(best))])
    shown = [boards[path].data for path in paths]
    return Around(
        seqs={str(shard): board["seq"] for shard, board in enumerate(shown)},
        as_of=max(board["as_of"] for board in shown),
        player_count=sum(board["player_count"] for board in shown),
        rows=_ranked(listed, first_place=1 + ahead - len(before), first_rank=first_rank),
    )


def _ranked(listed: Sequence[Snapshot], first_place: int, first_rank: int) -> list[dict[str, Any]]:
    """Equal scores share the rank of the first of them."""
    rows: list[dict[str, Any]] = []
    for place, player in enumerate(listed, first_place):
        told = {name: player.data[name] for name in ("nickname", "avatar", "score")}
        rank = place
        if not rows:
            rank = first_rank
        elif rows[-1]["score"] == told["score"]:
            rank = rows[-1]["rank"]
        rows.append({"rank": rank, "player_id": player.name, **told})
    return rows
