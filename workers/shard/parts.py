"""Makes a commit that is too large in parts: first players' documents, last the board that shows them.

A part adds no new message to the documents and takes none away. The last commit writes the timeline, the players whom a
message of this flush names, and the players of whom an answer is forgotten. Until then the board keeps its content and
only its `seq` changes, so it is still the fold of the documents. A worker that loads the shard between two parts gets
the same state as before them.
"""

from collections.abc import Collection, Sequence

from quizcore import documents
from quizcore.ports import Put, Replace
from workers.shard.baseline import Baseline
from workers.shard.plan import Plan, table_moved, write_journal


def movable(plan: Plan, baseline: Baseline, named: Collection[str | None]) -> list[str]:
    """The players that a plan writes and that may come before its board."""
    written_to = {write.path for write in plan.writes}
    journaled = {submission.player_id for submission in plan.journaled}

    def has_writes(player_id: str) -> bool:
        return player_id in journaled or documents.player_path(baseline.session_id, player_id) in written_to

    def forgets(player_id: str) -> bool:
        """Whether the document loses an answer: with the timeline as it is still stored, that answer may count."""
        before = baseline.players.get(player_id)
        return before is not None and bool(
            {*before.sheet.submissions()} - {*plan.images[player_id].sheet.submissions()}
        )

    ahead = (player_id for player_id in plan.images if player_id not in named and has_writes(player_id))
    return sorted(player_id for player_id in ahead if not forgets(player_id))


def part_of(plan: Plan, baseline: Baseline, player_ids: Sequence[str], commit_id: str) -> Plan:
    """The commit of these players' part of a plan, fenced like any other."""
    part = Plan(
        commit_id,
        board=documents.same_board(baseline.board, commit_id),
        clock=baseline.clock,
        timeline=baseline.timeline,
        images={player_id: plan.images[player_id] for player_id in player_ids},
        unfinished=True,
    )
    part.table_stale = table_moved(part, baseline)
    part.ranks_stale = baseline.ranks_stale or part.table_stale
    paths = {documents.player_path(baseline.session_id, player_id) for player_id in player_ids}
    part.writes = [write for write in plan.writes if write.path in paths]
    part.journaled = [submission for submission in plan.journaled if submission.player_id in part.images]
    write_journal(part, baseline)
    mark = documents.unfinished_fields(commit_id, baseline.expires_at)
    part.writes.append(Put(documents.unfinished_path(baseline.session_id, baseline.shard), mark))
    part.writes.append(Replace(baseline.board_path, part.board, baseline.board_version))
    return part
