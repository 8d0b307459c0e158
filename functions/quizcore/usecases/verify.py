"""Checks whether a session's documents agree with its stored answers: fold the answers again, and compare every
field."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypedDict

from quizcore import documents
from quizcore.documents import (
    BoardDocument,
    BoardHead,
    GroupDocument,
    PageFields,
    PlayerDocument,
    ResultPart,
    RollFields,
    SessionDocument,
    ShardBoardFields,
)
from quizcore.layout import Layout
from quizcore.loading import Loaded, SessionUnknown, layout_of, load
from quizcore.merging import combined, group_fields, merged_pages, publish, summary_of
from quizcore.ports import DocumentStore, Fields, Snapshot

TRIES = 20
PAUSE_S = 0.2
HAND_ON_WITHIN_MS = 600_000


class Difference(TypedDict):
    """One field of one document that differs from the fold."""

    where: str
    field: str
    says: object
    fold: object


class Findings(TypedDict):
    """`seq` of the public board, and the numbers of players and answers that were folded again."""

    session: str
    seq: int
    players: int
    answers: int
    differences: list[Difference]


def folded_again(
    store: DocumentStore, session_id: str, sleep: Callable[[float], None] = time.sleep, now: int = 0
) -> Findings:
    """The findings of the comparison; with `now` (ms since the epoch) also whether a final session was handed on in
    time. Raises SessionUnknown."""
    reading = consistent(store, session_id, sleep)
    shards, top = reading.shards, reading.top
    differences = [
        *chain.from_iterable(map(compare, shards)),
        *compare_merged(shards, top, reading.groups),
        *compare_tables(reading.tables, shards, top),
        *compare_handed_on(shards[0].session, now),
    ]
    players = [player for loaded in shards for player in loaded.state.players.values()]
    return {
        "session": session_id,
        "seq": top.read_as(BoardDocument)["seq"],
        "players": sum(len(loaded.players) for loaded in shards),
        "answers": sum(len(player.sheet.answers) + len(player.sheet.held) for player in players),
        "differences": differences,
    }


def compare(loaded: Loaded) -> Iterator[Difference]:
    """Every field of every document of a shard that differs from the fold. While a commit is made in parts, players'
    documents may be ahead of the board. Their answers and facts are the same, so the board can still be compared."""
    state, session = loaded.state, loaded.session
    for snapshot in [] if loaded.unfinished else loaded.players:
        player = state.players[snapshot.name]
        fields = documents.player_fields(player, snapshot.read_as(PlayerDocument)["expires_at"])
        yield from _differences(snapshot.path, snapshot.data, fields)
    layout = Layout.of(session.name, loaded.head)
    board = layout.read_board(loaded.board)
    top_k = max(1, len(board["top"]))
    again = layout.board(state, seq=board["seq"], commit_id=board["commit_id"], top_k=top_k)
    # An older release has written neither field into the board of a shard.
    says = {name: value for name, value in again.items() if name in {"result", "turnout"}} | loaded.board.data
    yield from _differences(loaded.board.path, says, again)
    if layout.merged:
        return
    yield from _session_differences(session, layout.session_part(state, 0))
    if not loaded.unfinished:
        yield from _result_differences(session, documents.result_part(state), board)
    yield from _rank_differences(loaded, documents.ranks_fields(state))


def compare_merged(shards: Sequence[Loaded], top: Snapshot, groups: Sequence[Snapshot] = ()) -> Iterator[Difference]:
    """Compare the public documents of a session of many shards, and the summaries of its groups, with the shards'
    boards. The public board is compared with all boards in one step, for either way of merging."""
    if len(shards) == 1:
        return
    first, layout = shards[0], _layout(shards)
    summaries = [summary_of(number, loaded.board.read_as(ShardBoardFields)) for number, loaded in enumerate(shards)]
    for group, found in enumerate(groups):
        summary = combined(summaries[shard] for shard in layout.shards_of(group))
        rows = max(1, len(found.read_as(GroupDocument)["top"]))
        yield from _differences(found.path, found.data, group_fields(summary, rows))
    public = publish(combined(summaries), max(1, len(top.read_as(BoardDocument)["top"])))
    seen = {"groups": _seqs(groups), "shards": {}} if layout.grouped else {}
    yield from _differences(top.path, top.data, public.board | seen)
    session = {**documents.phase_fields(first.state), **public.counted}
    yield from _session_differences(first.session, session)
    yield from _result_differences(first.session, public.result, top.read_as(BoardHead))
    yield from _rank_differences(first, public.ranks)


def groups_of(store: DocumentStore, layout: Layout) -> list[Snapshot]:
    """The summaries of all groups. Raises SessionUnknown when one is gone."""
    found = store.get_many(layout.summaries)
    if len(found) < len(layout.summaries):
        raise SessionUnknown(layout.session_id)
    return [found[path] for path in layout.summaries]


def is_merged(layout: Layout, shards: Sequence[Loaded], top: Snapshot, groups: Sequence[Snapshot]) -> bool:
    """Whether the public board shows these boards of the shards, through these summaries of groups."""
    boards, shown = _seqs(loaded.board for loaded in shards), top.read_as(BoardDocument)
    if not layout.grouped:
        return not layout.merged or shown.get("shards") == boards
    merged: dict[str, int] = {}
    for group in groups:
        merged |= group.read_as(GroupDocument)["shards"]
    return merged == boards and shown.get("groups") == _seqs(groups)


def _seqs(boards: Iterable[Snapshot]) -> dict[str, int]:
    return {str(number): board.read_as(BoardHead)["seq"] for number, board in enumerate(boards)}


def _layout(shards: Sequence[Loaded]) -> Layout:
    return Layout.of(shards[0].session.name, shards[0].head)


def compare_handed_on(session: Snapshot, now: int) -> Iterator[Difference]:
    """Whether the final version was handed on in time. A session that an older release made final is not handed on."""
    head = session.read_as(SessionDocument)
    result = documents.to_hand_on(head)
    if result is not None and now > result["as_of"] + HAND_ON_WITHIN_MS:
        says = head.get("handed_seq", 0)
        yield Difference(where=session.path, field="handed_seq", says=says, fold=result["seq"])


def compare_tables(found: Mapping[str, Fields], shards: Sequence[Loaded], top: Snapshot) -> Iterator[Difference]:
    """Compare the whole table, which exists while the board is final; superfluous documents are differences too.
    `found` comes from `tables_of`."""
    expected = _expected_tables(shards, top)
    for path in sorted(found.keys() - expected.keys()):
        yield Difference(where=path, field="rows", says=found[path].get("rows"), fold=None)
    for path, fields in expected.items():
        yield from _differences(path, found.get(path, {}), fields)


def tables_of(store: DocumentStore, session_id: str) -> dict[str, Fields]:
    """The pages and the rolls, by path."""
    pages = store.list(documents.boards_path(session_id), where=[("page", ">=", 0)])
    return {each.path: each.data for each in [*pages, *store.list(documents.rolls_path(session_id))]}


def _expected_tables(shards: Sequence[Loaded], top: Snapshot) -> dict[str, PageFields | RollFields]:
    session_id = shards[0].session.name
    rows = [documents.rolls(each.state) if each.board.read_as(BoardHead)["final"] else [] for each in shards]
    pages = merged_pages(chain.from_iterable(rows)) if top.read_as(BoardHead)["final"] else []
    expected: dict[str, PageFields | RollFields] = {}
    expected |= {documents.page_path(session_id, page["page"]): page for page in pages}
    if len(shards) > 1 and not _layout(shards).grouped:
        for shard, parts in enumerate(rows):
            expected |= {documents.roll_path(session_id, shard, part): roll for part, roll in enumerate(parts)}
    return expected


def _rank_differences(loaded: Loaded, ranks: Fields | None) -> Iterator[Difference]:
    """Until the end the ranks may be a second behind the board."""
    if loaded.ranks is not None and ranks is not None and loaded.head["final"]:
        yield from _differences(loaded.ranks.path, loaded.ranks.data, ranks)


def _session_differences(session: Snapshot, fields: Fields) -> Iterator[Difference]:
    """`fields` are the fields that change while the session runs; `due_at` may also be the time of a result that is not
    handed on yet."""
    head = session.read_as(SessionDocument)
    yield from _differences(session.path, {**head, "due_at": documents.clock_due_at(head)}, fields)


def _result_differences(session: Snapshot, part: ResultPart | None, board: BoardHead) -> Iterator[Difference]:
    """`part` is the shards' contribution to the result of the public board `board`. An older release has written no
    result."""
    head = session.read_as(SessionDocument)
    expected = documents.result_fields(part, board, was_final=True)["result"]
    if "result" in head and head["result"] != expected:
        yield Difference(where=session.path, field="result", says=head["result"], fold=expected)


def _differences(path: str, says: Fields, fold: Fields) -> Iterator[Difference]:
    for field, value in fold.items():
        if says.get(field) != value:
            yield Difference(where=path, field=field, says=says.get(field), fold=value)


@dataclass(frozen=True, slots=True)
class Reading:
    """All shards of a session, the board that shows them, and the documents of the whole table. `whole`: no commit was
    made meanwhile and no merge is due, so the documents are consistent."""

    shards: list[Loaded]
    groups: list[Snapshot]
    top: Snapshot
    tables: Mapping[str, Fields]
    whole: bool


def consistent(store: DocumentStore, session_id: str, sleep: Callable[[float], None] = time.sleep) -> Reading:
    """The first whole reading of a few tries, or the last reading."""
    whole = False
    for _ in range(TRIES):
        layout = layout_of(store, session_id)
        shards = [load(store, session_id, shard) for shard in range(layout.shards)]
        tables = tables_of(store, session_id)
        head = documents.session_path(session_id)
        groups = groups_of(store, layout)
        paths = [documents.board_path(session_id), head, *(loaded.board.path for loaded in shards)]
        after = store.get_many(paths)
        if paths[0] not in after or head not in after:
            raise SessionUnknown(session_id)
        top = after[paths[0]]
        # A merge writes the public board and the session's document, and no shard's board.
        same = all(loaded.session.version == after[head].version for loaded in shards)
        whole = (
            same
            and all(path in after for path in paths)
            and all(after[each.board.path].version == each.board.version for each in shards)
            and is_merged(layout, shards, top, groups)
        )
        if whole:
            break
        sleep(PAUSE_S)
    return Reading(shards, groups, top, tables, whole)
