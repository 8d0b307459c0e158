"""The players around one place of the table, exact as of one commit, for the cost of a few reads.

In a session with groups, the number of reads does not grow with the session: no request reads the boards of all shards
or an index of all players. Ranks come from the published rank table, or from the groups' summaries when that table is
not exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import BoardDocument, BoardHead, GroupDocument, PlayerDocument, RanksDocument, RowFields
from quizcore.domain.ranks import histogram_of, rank_by
from quizcore.layout import Layout
from quizcore.merging import combined, summary_of
from quizcore.ports import Caller, DocumentReader, OrderBy, Snapshot
from quizcore.usecases.members import check_let_in, check_member, check_usable
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Around:
    """`seqs` are the `seq`s of the shards' boards that show exactly these standings. `rows` are in the order of the
    board.

    In a session with groups, `seqs` are those of the groups that the public board shows. The rows are the players'
    documents of one moment; ranks and `player_count` are as of `as_of`, which may be a few seconds older.
    """

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
    layout = Layout.of(session_id, session)
    players = documents.players_path(session_id)
    before = reader.list(players, [("place", "<", place)], m, OrderBy("place", descending=True)) if m else []
    after = reader.list(players, [("place", ">", place)], m, OrderBy("place")) if m else []
    listed = [*reversed(before), found[mine], *after]
    if layout.grouped and documents.shows_places(documents.read_options(session["options"])):
        return _by_the_table(reader, layout, listed)
    ahead = reader.count(players, [("place", "<", place)])
    return _by_counting(reader, layout, listed, first_place=1 + ahead - len(before))


def _by_counting(reader: DocumentReader, layout: Layout, listed: Sequence[Snapshot], first_place: int) -> Around | None:
    """A count by an index costs one read per thousand index entries."""
    boards = reader.get_many(layout.parts)
    if len(boards) < len(layout.parts):
        return None
    best = documents.place_key(listed[0].read_as(PlayerDocument)["score"])
    first_rank = 1 + reader.count(documents.players_path(layout.session_id), [("place", "<", best)])
    shown = [boards[path].read_as(BoardHead) for path in layout.parts]
    return Around(
        seqs={str(part): board["seq"] for part, board in enumerate(shown)},
        as_of=max(board["as_of"] for board in shown),
        player_count=sum(board["player_count"] for board in shown),
        rows=list(_in_order(listed, first_place, first_rank)),
    )


def _by_the_table(reader: DocumentReader, layout: Layout, listed: Sequence[Snapshot]) -> Around | None:
    paths = [documents.board_path(layout.session_id), documents.ranks_path(layout.session_id)]
    found = reader.get_many(paths)
    if paths[0] not in found:
        return None
    top = found[paths[0]].read_as(BoardDocument)
    ranks = found[paths[1]].read_as(RanksDocument) if paths[1] in found else None
    table = list(histogram_of(ranks["scores"])) if ranks else []
    if ranks and ranks["error"]:
        groups = reader.get_many(layout.summaries)
        if len(groups) < layout.groups:
            return None
        summaries = (summary_of(number, each.read_as(GroupDocument)) for number, each in enumerate(groups.values()))
        table = list(combined(summaries).scores)
    rank = rank_by(table)
    return Around(
        seqs=top.get("groups", {}),
        as_of=min(top["as_of"], ranks["as_of"] if ranks else top["as_of"]),
        player_count=top["player_count"],
        rows=[_row(player, rank(player.read_as(PlayerDocument)["score"])) for player in listed],
    )


def _in_order(listed: Sequence[Snapshot], first_place: int, first_rank: int) -> Iterator[RowFields]:
    """Equal scores share the rank of the first of them."""
    rank, score = first_rank, listed[0].read_as(PlayerDocument)["score"]
    for place, found in enumerate(listed, first_place):
        player = found.read_as(PlayerDocument)
        if player["score"] != score:
            rank, score = place, player["score"]
        yield _row(found, rank)


def _row(found: Snapshot, rank: int) -> RowFields:
    return documents.standing_row(found.name, found.read_as(PlayerDocument), rank)
