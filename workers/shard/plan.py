"""Plans the writes of a shard: compares the state with the baseline. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from quizcore import documents
from quizcore.documents import BoardFields, RanksFields, ShardBoardFields, TableStamps, TimelineFields
from quizcore.domain.events import AnswerSubmitted
from quizcore.domain.fold import State
from quizcore.domain.player import Player
from quizcore.ports import Create, Delete, Put, Replace, Update, Version, Write
from workers.board_rules import RANKS_INTERVAL_MS
from workers.shard.baseline import Baseline, PlayerBaseline, image

ENTRIES_A_DOCUMENT = 500  # in one journal document: the longest answers then take half of its 1 MiB


@dataclass(slots=True)
class Plan:
    """The writes of one commit and what they change in `Baseline` once it is made."""

    commit_id: str
    board: BoardFields | ShardBoardFields
    clock: Mapping[str, object]
    timeline: TimelineFields | None
    writes: list[Write] = field(default_factory=list)
    images: dict[str, PlayerBaseline] = field(default_factory=dict)
    journaled: list[AnswerSubmitted] = field(default_factory=list)
    journal_entries: list[str] = field(default_factory=list)
    journal_done: bool = False
    ranks: RanksFields | None = None
    ranks_stale: bool = False
    unfinished: bool = False
    table_stale: bool = False


def plan_commit(state: State, touched: Iterable[str], baseline: Baseline, commit_id: str, top_k: int) -> Plan | None:
    """The commit that updates the documents to the state, or None when they agree already."""
    layout = baseline.layout
    timeline = documents.timeline_fields(state.timeline)
    plan = Plan(
        commit_id,
        board=layout.board(state, seq=baseline.board["seq"] + 1, commit_id=commit_id, top_k=top_k),
        clock=layout.session_part(state, baseline.shard),
        timeline=timeline,
    )
    for player_id in touched:
        _plan_player(plan, state.players[player_id], baseline)
    _plan_journal(plan, state, baseline)
    _plan_table(plan, state, baseline)
    if not layout.merged:
        _plan_ranks(plan, state, baseline)
    if timeline != baseline.timeline:
        path = documents.timeline_path(baseline.session_id, baseline.shard)
        plan.writes.append(Put(path, documents.timeline_document(timeline, baseline.expires_at)))
    if baseline.unfinished:
        plan.writes.append(Delete(documents.unfinished_path(baseline.session_id, baseline.shard)))
    board, before = documents.without_stamps(plan.board), documents.without_stamps(baseline.board)
    if not plan.writes and plan.clock == baseline.clock and board == before:
        return None
    _plan_session(plan, state, baseline)
    plan.writes.append(Replace(baseline.board_path, plan.board, baseline.board_version))
    return plan


def note_committed(plan: Plan, baseline: Baseline, board_version: Version) -> None:
    """Update the baseline after the commit of the plan."""
    baseline.board_version = board_version
    baseline.board, baseline.clock, baseline.timeline = plan.board, plan.clock, plan.timeline
    baseline.players |= plan.images
    if plan.journal_done:
        baseline.journal.clear()
        baseline.journal_entries.clear()
    baseline.ranks_stale = plan.ranks_stale
    if plan.ranks is not None:
        baseline.ranks, baseline.ranks_at = plan.ranks, plan.board["as_of"]
    baseline.journal.update(plan.journaled)
    baseline.journal_entries.update(plan.journal_entries)
    baseline.unfinished, baseline.table_stale = plan.unfinished, plan.table_stale


def _plan_player(plan: Plan, player: Player, baseline: Baseline) -> None:
    before = baseline.players.get(player.player_id)
    path = documents.player_path(baseline.session_id, player.player_id)
    if before is None or before.sheet.answers.keys() - player.sheet.answers.keys():
        plan.writes.append(Put(path, documents.player_fields(player, baseline.expires_at)))
    elif changes := documents.player_changes(before.facts, before.sheet, player):
        plan.writes.append(Update(path, changes))
    plan.images[player.player_id] = image(player)
    plan.journaled += [s for s in player.sheet.held.values() if s not in baseline.journal]


def _plan_journal(plan: Plan, state: State, baseline: Baseline) -> None:
    """Keep in the journal the answers that no player document may show yet. Delete the journal once the player
    documents show them."""
    write_journal(plan, baseline)
    revealed = (s.question_index in state.moments(s.player_id).over for s in baseline.journal)
    plan.journal_done = bool(baseline.journal_entries) and all(revealed)
    if plan.journal_done:
        plan.writes += [Delete(path) for path in sorted(baseline.journal_entries)]


def write_journal(plan: Plan, baseline: Baseline) -> None:
    first = documents.journal_entry_path(baseline.session_id, plan.commit_id)
    for number, entries in enumerate(documents.in_parts(plan.journaled, ENTRIES_A_DOCUMENT)):
        path = f"{first}-{number}" if number else first
        plan.writes.append(Create(path, documents.journal_fields(entries, baseline.shard, baseline.expires_at)))
        plan.journal_entries.append(path)


def _plan_table(plan: Plan, state: State, baseline: Baseline) -> None:
    """Write the whole table in the commit that makes the shard final, and again when it changes after that. The same
    commit deletes the documents that a shorter table no longer needs: they would still show removed players."""
    layout, options = baseline.layout, state.game.options
    shard = baseline.shard
    now, before = (layout.table_parts(board, options) for board in (plan.board, baseline.board))
    plan.writes += [Delete(layout.table_path(shard, number)) for number in range(now, before)]
    if not plan.board["final"]:
        return
    if baseline.board["final"] and not table_moved(plan, baseline):
        return
    parts = layout.table(state, _stamps(plan, baseline))
    plan.writes += [Put(layout.table_path(shard, number), part) for number, part in enumerate(parts)]


def _plan_session(plan: Plan, state: State, baseline: Baseline) -> None:
    """The session document: its clock when the clock has changed, and the result with every final board."""
    fields = {} if plan.clock == baseline.clock else dict(plan.clock)
    if not baseline.layout.merged:
        part = documents.result_part(state)
        fields |= documents.result_fields(part, plan.board, was_final=baseline.board["final"])
    if fields:
        plan.writes.append(Update(documents.session_path(baseline.session_id), fields))


def _plan_ranks(plan: Plan, state: State, baseline: Baseline) -> None:
    """Write the rank table when it has changed: at once at a reveal and after the end, otherwise when the last table is
    old enough."""
    plan.ranks_stale = baseline.ranks_stale or table_moved(plan, baseline)
    at_once = plan.board["final"] or plan.clock["reveal"] != baseline.clock["reveal"]
    if not plan.ranks_stale or not (at_once or state.now >= baseline.ranks_at + RANKS_INTERVAL_MS):
        return
    plan.ranks_stale = False
    fields = documents.ranks_fields(state) or documents.nobody_ahead(baseline.ranks, len(state.standings))
    if fields is None or fields == baseline.ranks:
        return
    plan.ranks = fields
    ranks = documents.ranks_document(fields, _stamps(plan, baseline))
    plan.writes.append(Put(documents.ranks_path(baseline.session_id), ranks))


def _stamps(plan: Plan, baseline: Baseline) -> TableStamps:
    return {"seq": plan.board["seq"], "as_of": plan.board["as_of"], "expires_at": baseline.expires_at}


def table_moved(plan: Plan, baseline: Baseline) -> bool:
    """Whether the whole table differs from that of the last complete board."""
    return baseline.table_stale or any(_moved(baseline.players.get(i), new) for i, new in plan.images.items())


def _moved(before: PlayerBaseline | None, after: PlayerBaseline) -> bool:
    """Whether a change of this player can have changed the table."""
    if before is None:
        return True
    return (before.sheet.score, before.facts) != (after.sheet.score, after.facts)
