"""More shards for a session that runs: one commit between two questions, fenced by the boards of all its shards.

No player's document changes, because a shard is a range of slots (quizcore/shards.py). Whoever still has the old
shards in memory loses the next commit and loads the new ones; what is still under way to an old shard is counted
where it belongs now (workers/shard.py).
"""

import asyncio
from collections import defaultdict
from typing import Any

import structlog

from quizcore import documents
from quizcore.boards import shard_fields
from quizcore.domain.fold import Player, State
from quizcore.domain.session import Phase, Timeline, timeline_of_all
from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown, shard_count
from quizcore.merging import merged_board, merged_due_at
from quizcore.ports import (
    Clock,
    Conflict,
    Create,
    DocumentStore,
    Ids,
    OutcomeUnknown,
    Put,
    Replace,
    Snapshot,
    StoreError,
    Update,
    Write,
)
from quizcore.settings import WorkerSettings
from quizcore.shards import shard_of, shards_for
from quizcore.telemetry import Telemetry

PAUSE_FIRST_MS = 500
PAUSE_MOST_MS = 60_000


class Resharder:
    """Belongs to shard 0, which alone writes the session's state."""

    def __init__(
        self,
        session_id: str,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        settings: WorkerSettings,
        telemetry: Telemetry,
    ) -> None:
        self._session_id = session_id
        self._store = store
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._telemetry = telemetry
        self._next_try_at = 0
        self._pause_ms = PAUSE_FIRST_MS
        self._log = structlog.get_logger("resharder").bind(session_id=session_id)

    def wakes_at(self, state: State, shards: int) -> int | None:
        """When to look again (ms since the epoch), or None when the session has the shards it needs."""
        if self._wanted(state, shards) <= shards or not between_questions(state):
            return None
        return self._next_try_at

    async def act(self, state: State, shards: int) -> bool:
        """Whether the session has got more shards; whoever holds its state must load it anew."""
        due_at, now = self.wakes_at(state, shards), self._clock.now_ms()
        if due_at is None or now < due_at:
            return False
        self._next_try_at = now + self._pause_ms
        self._pause_ms = min(2 * self._pause_ms, PAUSE_MOST_MS)
        wanted = self._wanted(state, shards)
        try:
            with spent_on("reshard"):
                made = await asyncio.to_thread(self._reshard, wanted)
        except (Conflict, OutcomeUnknown) as error:
            # Made or not, it is safe: the documents are loaded anew, and tell.
            self._log.info("resharding met another commit; it is tried again", error=str(error))
            return True
        except (StoreError, SessionUnknown) as error:
            self._log.error("the session cannot be given more shards", shards=wanted, error=str(error))
            return False
        if made:
            self._pause_ms = PAUSE_FIRST_MS
            self._telemetry.add("sessions_resharded")
            self._log.info("the session has more shards", before=shards, shards=wanted)
        return made

    def _wanted(self, state: State, shards: int) -> int:
        """For as many players as the host expects; else for those who came, if they are far too many. The hash spreads
        them evenly, so shard 0 knows about how many came."""
        here = len(state.standings)
        came = shards_for(here * shards) if here > self._settings.shard_players_most else shards
        return max(shards, came, shards_for(state.timeline.expected_players))

    def _reshard(self, wanted: int) -> bool:
        """False when the session is not between two questions after all. Raises StoreError."""
        before = shard_count(self._store, self._session_id)
        if before >= wanted:
            return True
        # The fences first: whatever changes from here on changes one of them.
        boards = {documents.board_path(self._session_id), *self._board_paths(before)}
        fences = self._store.get_many(sorted(boards))
        if len(fences) < len(boards):
            raise SessionUnknown(self._session_id)  # deletion by age takes documents one by one
        session, quiz, timelines = self._told(before)
        now = self._clock.now_ms()
        game = documents.read_game(session.data, quiz.data)
        empty = State(game)
        empty.restore(timeline_of_all(timelines, game), [], [], now)
        if session.data["shards"] != before or not self._may(empty, timelines, fences):
            return False
        states = self._states(empty, wanted)
        self._store.commit(self._writes(states, fences, session))
        return True

    def _told(self, shards: int) -> tuple[Snapshot, Snapshot, list[Timeline]]:
        head, key = documents.session_path(self._session_id), documents.session_quiz_path(self._session_id)
        timelines = [documents.timeline_path(self._session_id, shard) for shard in range(shards)]
        unfinished = [documents.unfinished_path(self._session_id, shard) for shard in range(shards)]
        found = self._store.get_many([head, key, *timelines, *unfinished])
        if head not in found or key not in found:
            raise SessionUnknown(self._session_id)
        if any(path in found for path in unfinished):
            raise Conflict("a shard is in the middle of a commit")
        told = [documents.read_timeline(found[path].data) if path in found else Timeline() for path in timelines]
        return found[head], found[key], told

    def _may(self, empty: State, timelines: list[Timeline], fences: dict[str, Snapshot]) -> bool:
        """Between two questions, by what all shards know; and all have shown the last one, judged by the same windows:
        else players' documents would have to change too."""
        agreed = all(timeline.windows(empty.game) == empty.windows for timeline in timelines)
        tallies = [fence.data["tally"] for fence in fences.values()]
        last = empty.timeline.current()
        shown = last is None or all(t and (t["question_index"], t["correct"] is None) == (last, False) for t in tallies)
        journal = documents.journal_path(self._session_id)
        return between_questions(empty) and agreed and shown and not self._store.list(journal, limit=1)

    def _writes(self, states: list[State], fences: dict[str, Snapshot], session: Snapshot) -> list[Write]:
        shards, first = len(states), states[0]
        seq = 1 + max(fence.data["seq"] for fence in fences.values())
        kept = {"expires_at": session.data["expires_at"]}
        boards = [self._board(state, seq) for state in states]
        writes: list[Write] = []
        for path, board in zip(self._board_paths(shards), boards, strict=True):
            fence = fences.get(path)
            fields = board | kept
            writes.append(Create(path, fields) if fence is None else Replace(path, fields, fence.version))
        merged = merged_board(boards, self._settings.top_k)
        stamps = {"seq": seq, "commit_id": self._ids.secret_id(), "as_of": first.now}
        top = fences[documents.board_path(self._session_id)]
        writes.append(Replace(top.path, merged | stamps | kept, top.version))
        timeline = documents.timeline_fields(first.timeline) | kept
        writes += [Put(documents.timeline_path(self._session_id, shard), timeline) for shard in range(shards)]
        counted = {name: merged[name] for name in ("player_count", "final")} | {"due_at": merged_due_at(boards)}
        grown = {"shards": shards, **documents.phase_fields(first), **counted}
        return [*writes, Update(session.path, grown)]

    def _states(self, empty: State, shards: int) -> list[State]:
        """The state of each of so many shards, from all players of the session."""
        players: defaultdict[int, list[Player]] = defaultdict(list)
        for found in self._store.list(documents.players_path(self._session_id)):
            players[shard_of(found.name, shards)].append(documents.read_player(found.name, found.data))
        states = [State(empty.game) for _ in range(shards)]
        for number, state in enumerate(states):
            state.restore(empty.timeline, players[number], [], empty.now)
        return states

    def _board(self, state: State, seq: int) -> dict[str, Any]:
        return shard_fields(state, seq=seq, commit_id=self._ids.secret_id(), top_k=self._settings.top_k)

    def _board_paths(self, shards: int) -> list[str]:
        return [documents.shard_board_path(self._session_id, shard, shards) for shard in range(shards)]


def between_questions(state: State) -> bool:
    """In the lobby, or when the last question takes no more answers; not after the end."""
    return state.timeline.phase(state.game, state.now) in {Phase.LOBBY, Phase.CLOSED}
