"""The players around one place of the table, exact as of one commit, for the cost of a few reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import BoardHead, PlayerDocument, RowFields
from quizcore.layout import Layout
from quizcore.ports import Caller, DocumentReader, OrderBy, Snapshot
from quizcore.usecases.members import check_let_in, check_member, check_usable
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Around:
    """`seqs` are those of the shards' boards that show exactly this. `rows` are in the order of the board."""

    seqs: dict[str, int]
    as_of: int
    player_count: int
    rows: list[RowFields]


def standings(services: Services, caller: Caller, session_id: str, player_id: str, m: int) -> Around:
    """The `m` players above and below, for a player of the session or its host.

    Raises Rejected `unknown_session`, `forbidden`, `account_unusable` or `wrong_state`; StoreError.
    """
    session = services.session(session_id)
    if session["host_id"] != caller.uid:
        check_member(services, session_id, caller)
        check_let_in(services, session_id, session, caller)
        if documents.read_options(session["options"]).board_hidden:
            raise Rejected("forbidden", "the host has hidden the board")
    check_usable(player_id)
    found = services.store.at_one_moment(lambda reader: standings_around(reader, session_id, player_id, m))
    if found is None:
        raise Rejected("wrong_state", "this player is not on the board; ask again when the join has been counted")
    return found


def standings_around(reader: DocumentReader, session_id: str, player_id: str, m: int) -> Around | None:
    """None for a player who is not in the standings. `reader` must read as of one moment."""
    head, mine = documents.session_path(session_id), documents.player_path(session_id, player_id)
    found = reader.get_many([head, mine])
    place = found[mine].read_as(PlayerDocument)["place"] if mine in found else None
    if place is None or head not in found:
        return None
    session = found[head].data
    if not documents.is_whole_session(session):
        return None
    shards = session["shards"]
    paths = Layout(session_id, shards).fences
    boards = reader.get_many(paths)
    if len(boards) < shards:
        return None
    players = documents.players_path(session_id)
    before = reader.list(players, [("place", "<", place)], m, OrderBy("place", descending=True)) if m else []
    after = reader.list(players, [("place", ">", place)], m, OrderBy("place")) if m else []
    ahead = reader.count(players, [("place", "<", place)])
    listed = [*reversed(before), found[mine], *after]
    best = listed[0].read_as(PlayerDocument)["score"]
    first_rank = 1 + reader.count(players, [("place", "<", documents.place_key(best))])
    shown = [boards[path].read_as(BoardHead) for path in paths]
    return Around(
        seqs={str(shard): board["seq"] for shard, board in enumerate(shown)},
        as_of=max(board["as_of"] for board in shown),
        player_count=sum(board["player_count"] for board in shown),
        rows=_ranked(listed, first_place=1 + ahead - len(before), first_rank=first_rank),
    )


def _ranked(listed: Sequence[Snapshot], first_place: int, first_rank: int) -> list[RowFields]:
    """Equal scores share the rank of the first of them."""
    rows: list[RowFields] = []
    for place, found in enumerate(listed, first_place):
        player = found.read_as(PlayerDocument)
        rank = place
        if not rows:
            rank = first_rank
        elif rows[-1]["score"] == player["score"]:
            rank = rows[-1]["rank"]
        rows.append(documents.standing_row(found.name, player, rank))
    return rows
