"""What to write so that a session's public documents say what its shards' boards say, decided purely."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from quizcore import documents
from quizcore.documents import PAGE_ROWS, BoardHead, PageFields, SessionDocument, TableStamps
from quizcore.domain.session import Options
from quizcore.layout import Layout
from quizcore.merging import Public, combined, publish, summary_of
from quizcore.ports import Delete, Put, Replace, Snapshot, Update, Write
from workers.board_rules import RANKS_INTERVAL_MS, nobody_ahead, without_stamps, written_ranks

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
        return documents.read_options(self.session.data["options"])


@dataclass(slots=True)
class News:
    """What has changed at `now` (ms since the epoch). `merged` is the public board without stamps, `writes` are what
    goes with it. `pages` gives what each commit writes of the whole table; the last of them has the `seq` `last_seq`.
    `ranks_due_at`: the moment for which the rank table is put off, or None."""

    now: int
    merged: dict[str, Any]
    changed: bool
    last_seq: int
    writes: list[Write] = field(default_factory=list)
    pages: Iterator[list[Write]] = field(default_factory=lambda: iter(()))
    ranks_due_at: int | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """`board` is the public board after it. `last`: it holds all that was left to write."""

    commit_id: str
    board: dict[str, Any]
    writes: list[Write]
    last: bool


def plan_news(found: Found, now: int, top_k: int) -> News:
    summary = combined(summary_of(number, part.data) for number, part in enumerate(found.parts))
    public = publish(summary, top_k, found.layout.parts_field)
    changed = public.board != without_stamps(found.top.data)
    news = News(now, public.board, changed, last_seq=found.top.data["seq"] + 1)
    if public.counted != {name: found.session.data[name] for name in public.counted}:
        news.writes.append(Update(found.session.path, public.counted))
    table, news.ranks_due_at = _ranks(found, public, now)
    if table is not None:
        stamps = {"seq": found.top.data["seq"] + 1, "as_of": now, "expires_at": found.session.data["expires_at"]}
        news.writes.append(Put(documents.ranks_path(found.session_id), table | stamps))
    news.changed |= bool(news.writes)
    return news


def shows_a_whole_table(found: Found, news: News) -> bool:
    """Whether the pages of the whole table are there, or will be: they are written anew, or deleted."""
    return bool(news.merged["final"] or found.top.data["final"])


def roll_paths(found: Found) -> list[str]:
    """The shards' tables, from which the pages are made."""
    return [
        documents.roll_path(found.session_id, number, part)
        for number, board in enumerate(found.parts)
        for part in range(found.layout.table_parts(board.read_as(BoardHead), found.options))
    ]


def page_count(found: Found, news: News) -> int:
    """How many pages the whole table has; none while the board is not final, or where nobody's place is shown."""
    return documents.table_parts(cast("BoardHead", news.merged), found.options, PAGE_ROWS)


def plan_pages(found: Found, news: News, pages: Iterable[PageFields]) -> None:
    """Add the pages of the whole table, which are `page_count`; they are taken from `pages` commit by commit."""
    news.last_seq = found.top.data["seq"] + max(1, -(-page_count(found, news) // PAGES_A_COMMIT))
    stamps: TableStamps = {
        "as_of": news.now,
        "expires_at": found.session.read_as(SessionDocument)["expires_at"],
        "seq": news.last_seq,
    }
    writes = (
        Put(documents.page_path(found.session_id, page["page"]), documents.page_document(page, stamps))
        for page in pages
    )
    news.pages = iter(lambda: list(islice(writes, PAGES_A_COMMIT)), [])


def plan_left_over(news: News, paths: Sequence[str]) -> None:
    """Delete the pages that a longer table has left, and those of a merge that broke off between two commits."""
    news.writes += [Delete(path) for path in paths]


def next_commit(found: Found, news: News, top: Snapshot, commit_id: str) -> Commit:
    """Those pages that do not fit into the commit of the final board come before it, so that whoever sees it finds
    them; each commit fenced by the board as it is then, `top`. Takes what it writes out of `news`."""
    stamps = {"seq": top.data["seq"] + 1, "commit_id": commit_id}
    pages = next(news.pages, [])
    if stamps["seq"] < news.last_seq:
        same = top.data | stamps
        return Commit(commit_id, same, [*pages, Replace(top.path, same, top.version)], last=False)
    board = news.merged | stamps | {"as_of": news.now, "expires_at": found.session.data["expires_at"]}
    writes = [*news.writes, *pages, Replace(top.path, board, top.version)]
    return Commit(commit_id, board, writes, last=True)


def _ranks(found: Found, public: Public, now: int) -> tuple[dict[str, Any] | None, int | None]:
    """The table to write now, or the moment for which it is put off."""
    ranks, merged = found.ranks, public.board
    before = written_ranks(ranks.data) if ranks is not None else None
    table = public.ranks or nobody_ahead(before, merged["player_count"])
    if table is None or table == before:
        return None, None
    due_at = (ranks.data["as_of"] if ranks is not None else 0) + RANKS_INTERVAL_MS
    at_once = merged["final"] or _revealed(merged) != _revealed(found.top.data)
    return (table, None) if at_once or now >= due_at else (None, due_at)


def _revealed(board: dict[str, Any]) -> tuple[int, bool] | None:
    tally = board["tally"]
    return None if tally is None else (tally["question_index"], tally["correct"] is not None)
