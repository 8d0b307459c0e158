"""What to write, decided purely: a shard's state against what its documents say already."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from quizcore import documents
from quizcore.boards import (
    PAGE_ROWS,
    ROLL_ROWS,
    board_fields,
    in_parts,
    pages,
    ranks_fields,
    rolls,
    shard_fields,
    table_parts,
)
from quizcore.domain.events import AnswerSubmitted
from quizcore.domain.fold import Player, State
from quizcore.ports import Create, Delete, Put, Replace, Update, Write
from workers.board_rules import RANKS_INTERVAL_MS, nobody_ahead, without_stamps
from workers.shard.baseline import Image, Written, image, session_part

ENTRIES_A_DOCUMENT = 500  # of a journal: the longest answers of so many players have half of the 1 MiB of a document


@dataclass(slots=True)
class Plan:
    """The writes of one commit and what they change in `Written` once it is made."""

    commit_id: str
    board: dict[str, Any]
    clock: dict[str, Any]
    timeline: dict[str, Any] | None
    writes: list[Write] = field(default_factory=list)
    images: dict[str, Image] = field(default_factory=dict)
    journaled: list[AnswerSubmitted] = field(default_factory=list)
    journal_entries: list[str] = field(default_factory=list)
    journal_done: bool = False
    ranks: dict[str, Any] | None = None
    ranks_stale: bool = False
    unfinished: bool = False
    table_stale: bool = False


def plan_commit(state: State, touched: Iterable[str], written: Written, commit_id: str, top_k: int) -> Plan | None:
    """The commit that makes the documents say what the state says, or None when they do already."""
    fields = board_fields if written.shards == 1 else shard_fields
    timeline = documents.timeline_fields(state.timeline)
    plan = Plan(
        commit_id,
        board=fields(state, seq=written.board["seq"] + 1, commit_id=commit_id, top_k=top_k),
        clock=session_part(state, written.shard, written.shards),
        timeline=timeline,
    )
    for player_id in touched:
        _plan_player(plan, state.players[player_id], written)
    _plan_journal(plan, state, written)
    _plan_table(plan, state, written)
    if written.shards == 1:
        _plan_ranks(plan, state, written)
    if plan.clock != written.clock:
        plan.writes.append(Update(documents.session_path(written.session_id), plan.clock))
    if timeline != written.timeline:
        path = documents.timeline_path(written.session_id, written.shard)
        plan.writes.append(Put(path, timeline | {"expires_at": written.expires_at}))
    if written.unfinished:
        plan.writes.append(Delete(documents.unfinished_path(written.session_id, written.shard)))
    if not plan.writes and without_stamps(plan.board) == without_stamps(written.board):
        return None
    plan.writes.append(Replace(written.board_path, plan.board, written.board_version))
    return plan


def note_committed(plan: Plan, written: Written, board_version: Any) -> None:
    """Take over what a commit that was made has changed."""
    written.board_version = board_version
    written.board, written.clock, written.timeline = plan.board, plan.clock, plan.timeline
    written.players |= plan.images
    if plan.journal_done:
        written.journal.clear()
        written.journal_entries.clear()
    written.ranks_stale = plan.ranks_stale
    if plan.ranks is not None:
        written.ranks, written.ranks_at = plan.ranks, plan.board["as_of"]
    written.journal.update(plan.journaled)
    written.journal_entries.update(plan.journal_entries)
    written.unfinished, written.table_stale = plan.unfinished, plan.table_stale


def _plan_player(plan: Plan, player: Player, written: Written) -> None:
    before = written.players.get(player.player_id)
    path = documents.player_path(written.session_id, player.player_id)
    if before is None or before.sheet.answers.keys() - player.sheet.answers.keys():
        plan.writes.append(Put(path, documents.player_fields(player, written.expires_at)))
    elif changes := _player_changes(before, player):
        plan.writes.append(Update(path, changes))
    plan.images[player.player_id] = image(player)
    plan.journaled += [s for s in player.sheet.held.values() if s not in written.journal]


def _player_changes(before: Image, player: Player) -> dict[str, Any]:
    sheet, old = player.sheet, before.sheet
    changes: dict[str, Any] = {}
    told = (before.joined, before.renamed, before.admitted, before.removed)
    if told != (player.joined, player.renamed, player.admitted, player.removed):
        changes |= documents.profile_fields(player)
    if (old.score, old.correct_count, old.streak) != (sheet.score, sheet.correct_count, sheet.streak):
        changes |= documents.score_fields(player)
    if changes or old.right_elapsed_ms != sheet.right_elapsed_ms:
        changes["place"] = documents.place_field(player)
    answers = {
        str(i): documents.graded_fields(g)
        for i, g in sheet.answers.items()
        if (known := old.answers.get(i)) is not g and known != g
    }
    if answers:
        changes["answers"] = answers
    if old.refused != sheet.refused:
        changes["refused"] = [documents.refusal_fields(refusal) for refusal in sheet.refused]
    return changes


def _plan_journal(plan: Plan, state: State, written: Written) -> None:
    """Keep what no player document may show yet; drop it once the player documents show it."""
    write_journal(plan, written)
    plan.journal_done = bool(written.journal_entries) and all(s.question_index in state.over for s in written.journal)
    if plan.journal_done:
        plan.writes += [Delete(path) for path in sorted(written.journal_entries)]


def write_journal(plan: Plan, written: Written) -> None:
    first = documents.journal_entry_path(written.session_id, plan.commit_id)
    for number, held in enumerate(in_parts(plan.journaled, ENTRIES_A_DOCUMENT)):
        path = f"{first}-{number}" if number else first
        plan.writes.append(Create(path, documents.journal_fields(held, written.shard, written.expires_at)))
        plan.journal_entries.append(path)


def _plan_table(plan: Plan, state: State, written: Written) -> None:
    """The whole table, in the commit that makes the shard final; anew when it changes after that. The documents that a
    shorter table leaves over go in the same commit: they would go on showing who was removed."""
    options, rows = state.game.options, PAGE_ROWS if written.shards == 1 else ROLL_ROWS
    left_over = range(table_parts(plan.board, options, rows), table_parts(written.board, options, rows))
    plan.writes += [Delete(_table_path(written, number)) for number in left_over]
    if not plan.board["final"]:
        return
    if written.board["final"] and not table_moved(plan, written):
        return
    stamps = {"seq": plan.board["seq"], "as_of": state.now, "expires_at": written.expires_at}
    table = pages(state) if written.shards == 1 else rolls(state)
    plan.writes += [Put(_table_path(written, number), part | stamps) for number, part in enumerate(table)]


def _table_path(written: Written, number: int) -> str:
    if written.shards == 1:
        return documents.page_path(written.session_id, number)
    return documents.roll_path(written.session_id, written.shard, number)


def _plan_ranks(plan: Plan, state: State, written: Written) -> None:
    """The rank table when it has changed: at a reveal and from the end on at once, else when the last is old enough."""
    plan.ranks_stale = written.ranks_stale or table_moved(plan, written)
    at_once = plan.board["final"] or plan.clock["reveal"] != written.clock["reveal"]
    if not plan.ranks_stale or not (at_once or state.now >= written.ranks_at + RANKS_INTERVAL_MS):
        return
    plan.ranks_stale = False
    fields = ranks_fields(state) or nobody_ahead(written.ranks, len(state.standings))
    if fields is None or fields == written.ranks:
        return
    plan.ranks = fields
    stamps = {"seq": plan.board["seq"], "as_of": state.now, "expires_at": written.expires_at}
    plan.writes.append(Put(documents.ranks_path(written.session_id), fields | stamps))


def table_moved(plan: Plan, written: Written) -> bool:
    """Whether the whole table says something else than with the last board that was written whole."""
    return written.table_stale or any(_moved(written.players.get(i), new) for i, new in plan.images.items())


def _moved(before: Image | None, after: Image) -> bool:
    """Whether a change of this player can have changed the table."""
    if before is None:
        return True
    return (before.sheet.score, before.ranked, before.renamed) != (after.sheet.score, after.ranked, after.renamed)
