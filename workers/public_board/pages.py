"""Makes the pages of the whole table of a session with groups from its players' documents. The rows are never all in
memory: the documents are read in the order of `place`, some hundred at a time. The rows agree with the merged summaries
only when no shard made a commit meanwhile, which is checked at the end."""

from collections.abc import Iterator

from quizcore import documents
from quizcore.documents import PAGE_ROWS, BoardHead, GroupDocument, PageFields, PlayerDocument, RowFields
from quizcore.loading import SessionUnknown
from quizcore.ports import Conflict, DocumentStore, OrderBy
from workers.public_board.plan import Found

PLAYERS_AT_ONCE = 5 * PAGE_ROWS


def pages_of_players(store: DocumentStore, session_id: str, pages: int) -> Iterator[PageFields]:
    """`pages` is the number of pages."""
    of_players, place, number, rank = documents.players_path(session_id), "", 0, 0
    score: int | None = None
    while True:
        players = store.list(of_players, [("place", ">", place)], PLAYERS_AT_ONCE, OrderBy("place"))
        for part in documents.in_parts(players, PAGE_ROWS):
            first, rows = number, list[RowFields]()
            for found in part:
                player, number = found.read_as(PlayerDocument), number + 1
                rank, score = (rank if player["score"] == score else number), player["score"]
                rows.append(documents.standing_row(found.name, player, rank))
            yield {"page": first // PAGE_ROWS, "pages": pages, "rows": rows}
        if len(players) < PLAYERS_AT_ONCE:
            return
        place = players[-1].read_as(PlayerDocument)["place"] or place


def check_no_shard_has_moved(store: DocumentStore, found: Found) -> None:
    """Raises Conflict when a shard made a commit after the merge of its group, and SessionUnknown when a shard's board
    is missing."""
    layout = found.layout
    for group, summary in enumerate(found.parts):
        boards = {str(shard): layout.fence(shard) for shard in layout.shards_of(group)}
        now = store.get_many(list(boards.values()))
        if len(now) < len(boards):
            raise SessionUnknown(found.session_id)
        seqs = {shard: now[path].read_as(BoardHead)["seq"] for shard, path in boards.items()}
        if seqs != summary.read_as(GroupDocument)["shards"]:
            raise Conflict("a shard was committed meanwhile")
