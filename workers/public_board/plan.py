"""Plans the writes that update a session's public documents from its shards' boards. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from quizcore import documents
from quizcore.documents import (
    PAGE_ROWS,
    BoardDocument,
    BoardHead,
    BoardStamps,
    CountedFields,
    PageFields,
    PublicFields,
    RanksDocument,
    RanksFields,
    ResultPart,
    SessionDocument,
    ShardBoardFields,
    TableStamps,
    TallyFields,
)
from quizcore.domain.session import Options
from quizcore.domain.turnout import Turnout
from quizcore.layout import Layout
from quizcore.merging import Public, combined, publish, summary_of
from quizcore.ports import Delete, Put, Replace, Snapshot, Update, Write
from workers.board_rules import RANKS_INTERVAL_MS

PAGES_A_COMMIT = 100  # about 2 MiB


@dataclass(frozen=True, slots=True)
class Found:
    """The documents of a session as of one moment: `parts` are the boards of all its shards, in order, or the summaries
    of all its groups."""

    session_id: str
    layout: Layout
    session: Snapshot
    top: Snapshot
    ranks: Snapshot | None
    parts: Sequence[Snapshot]

    @property
    def options(self) -> Options:
        return documents.read_options(self.head["options"])

    @property
    def head(self) -> SessionDocument:
        return self.session.read_as(SessionDocument)

    @property
    def board(self) -> BoardDocument:
        return self.top.read_as(BoardDocument)


@dataclass(slots=True)
class News:
    """The changes at `now` (ms since the epoch). `merged` is the public board without stamps, `result` the shards' part
    of the session's result, `session` the changed fields of the session document, `writes` the further writes. `pages`
    yields the writes of the whole table for each commit; the last commit has the `seq` `last_seq`. `ranks_due_at`: the
    time to which the rank table is deferred, or None."""

    now: int
    merged: PublicFields
    result: ResultPart | None
    changed: bool
    last_seq: int
    session: CountedFields | None = None
    writes: list[Write] = field(default_factory=list)
    pages: Iterator[list[Write]] = field(default_factory=lambda: iter(()))
    ranks_due_at: int | None = None
    turnout: Turnout | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """`board` is the public board after the commit. `last`: the commit contains all remaining writes."""

    commit_id: str
    board: BoardDocument
    writes: list[Write]
    last: bool


def plan_news(found: Found, now: int, top_k: int) -> News:
    summary = combined(summary_of(number, part.read_as(ShardBoardFields)) for number, part in enumerate(found.parts))
    public = publish(summary, top_k, found.layout.parts_field)
    changed = documents.without_stamps(public.board) != documents.without_stamps(found.board)
    news = News(now, public.board, public.result, changed, last_seq=found.board["seq"] + 1, turnout=public.turnout)
    if public.counted != documents.counted_of(found.head):
        news.session = public.counted
    table, news.ranks_due_at = _ranks(found, public, now)
    if table is not None:
        stamps = TableStamps(seq=found.board["seq"] + 1, as_of=now, expires_at=found.head["expires_at"])
        news.writes.append(Put(documents.ranks_path(found.session_id), documents.ranks_document(table, stamps)))
    news.changed |= bool(news.session or news.writes)
    return news


def shows_a_whole_table(found: Found, news: News) -> bool:
    """Whether the whole table has pages before or after this merge, which are then written again or deleted."""
    return news.merged["final"] or found.board["final"]


def roll_paths(found: Found) -> list[str]:
    """The shards' tables, from which the pages are made."""
    return [
        documents.roll_path(found.session_id, number, part)
        for number, board in enumerate(found.parts)
        for part in range(found.layout.table_parts(board.read_as(BoardHead), found.options))
    ]


def page_count(found: Found, news: News) -> int:
    """The number of pages of the whole table; 0 while the board is not final, or when the standings are hidden."""
    return documents.table_parts(news.merged, found.options, PAGE_ROWS)


def plan_pages(found: Found, news: News, pages: Iterable[PageFields]) -> None:
    """Add the `page_count` pages of the whole table; each commit takes its pages from `pages`."""
    news.last_seq = found.board["seq"] + max(1, -(-page_count(found, news) // PAGES_A_COMMIT))
    stamps = TableStamps(seq=news.last_seq, as_of=news.now, expires_at=found.head["expires_at"])
    writes = (
        Put(documents.page_path(found.session_id, page["page"]), documents.page_document(page, stamps))
        for page in pages
    )
    news.pages = iter(lambda: list(islice(writes, PAGES_A_COMMIT)), [])


def plan_left_over(news: News, paths: Sequence[str]) -> None:
    """Delete the pages that remain from a longer table, and the pages of a merge that ended between two commits."""
    news.writes += [Delete(path) for path in paths]


def next_commit(found: Found, news: News, top: Snapshot, commit_id: str) -> Commit:
    """The next commit. Pages that do not fit into the commit of the final board are written before it, so that a client
    that sees the board finds the pages. Each commit is fenced by the present board, `top`. Removes its writes from
    `news`."""
    now = top.read_as(BoardDocument)
    pages = next(news.pages, [])
    if now["seq"] + 1 < news.last_seq:
        same = documents.same_board(now, commit_id)
        return Commit(commit_id, same, [*pages, Replace(top.path, same, top.version)], last=False)
    stamps = BoardStamps(seq=now["seq"] + 1, commit_id=commit_id, as_of=news.now)
    board = documents.public_board(news.merged, stamps, found.head["expires_at"])
    session = {**(news.session or {}), **documents.result_fields(news.result, board, was_final=found.board["final"])}
    changes = [Update(found.session.path, session)] if session else []
    writes = [*changes, *news.writes, *pages, Replace(top.path, board, top.version)]
    return Commit(commit_id, board, writes, last=True)


def _ranks(found: Found, public: Public, now: int) -> tuple[RanksFields | None, int | None]:
    """The rank table to write now, or the time to which it is deferred."""
    ranks, merged = found.ranks.read_as(RanksDocument) if found.ranks else None, public.board
    before = documents.read_ranks(ranks) if ranks else None
    table = public.ranks or documents.nobody_ahead(before, merged["player_count"])
    if table is None or table == before:
        return None, None
    due_at = (ranks["as_of"] if ranks else 0) + RANKS_INTERVAL_MS
    at_once = merged["final"] or _revealed(merged["tally"]) != _revealed(found.board["tally"])
    return (table, None) if at_once or now >= due_at else (None, due_at)


def _revealed(tally: TallyFields | None) -> tuple[int, bool] | None:
    return None if tally is None else (tally["question_index"], tally["correct"] is not None)
