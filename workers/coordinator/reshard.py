"""More shards for a session that runs: one commit between two questions, fenced by the boards of all its shards.

No player's document changes, because a shard is a range of slots (quizcore/shards.py). Whoever still has the old
shards in memory loses the next commit and loads the new ones; what is still under way to an old shard is counted
where it belongs now (workers/shard/job.py).
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import structlog

from quizcore import documents
from quizcore.documents import (
    PlayerDocument,
    SessionDocument,
    SessionQuizDocument,
    ShardBoardFields,
    TimelineDocument,
)
from quizcore.domain.fold import State
from quizcore.domain.pacing import pacing_of
from quizcore.domain.player import Player
from quizcore.domain.session import Phase, Timeline, timeline_of_all
from quizcore.layout import Layout
from quizcore.ledger import spent_on
from quizcore.loading import SessionUnknown, shard_count
from quizcore.merging import combined, publish, summary_of
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
from workers.coordinator.duty import Outcome, Turn
from workers.fenced_job import FencedJob, GaveUp, Pauses

PAUSE_FIRST_MS = 500
PAUSE_MOST_MS = 60_000


class Reshard:
    """Belongs to shard 0, which alone writes the session's state."""

    def __init__(
        self, job: "ReshardJob", session_id: str, clock: Clock, settings: WorkerSettings, telemetry: Telemetry
    ) -> None:
        self._job = job
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self._pauses = Pauses(PAUSE_FIRST_MS, PAUSE_MOST_MS)
        self._log = structlog.get_logger("resharder").bind(session_id=session_id)

    def wakes_at(self, turn: Turn) -> int | None:
        if self._wanted(turn) <= turn.shards or not between_questions(turn.state):
            return None
        return self._pauses.next_at

    async def act(self, turn: Turn) -> Outcome:
        due_at, now = self.wakes_at(turn), self._clock.now_ms()
        if due_at is None or now < due_at:
            return Outcome.DONE
        self._pauses.began(now)
        wanted = self._wanted(turn)
        try:
            with spent_on("reshard"):
                outcome = await self._job.run(wanted)
        except GaveUp as error:
            # Made or not, it is safe: the documents are loaded anew, and tell.
            self._log.info("resharding met another commit; it is tried again", error=str(error))
            return Outcome.RELOAD
        except (StoreError, SessionUnknown) as error:
            self._log.error("the session cannot be given more shards", shards=wanted, error=str(error))
            return Outcome.DONE
        if outcome is Outcome.RELOAD:
            self._pauses.done()
            self._telemetry.add("sessions_resharded")
            self._log.info("the session has more shards", before=turn.shards, shards=wanted)
        return outcome

    def _wanted(self, turn: Turn) -> int:
        """For as many players as the host expects; else for those who came, if they are far too many. The hash spreads
        them evenly, so shard 0 knows about how many came."""
        here, shards = len(turn.state.standings), turn.shards
        came = shards_for(here * shards) if here > self._settings.shard_players_most else shards
        return max(shards, came, shards_for(turn.state.timeline.expected_players))


class ReshardJob(FencedJob[int, Outcome]):
    """One try: whoever meets another commit loads the session before the next."""

    def __init__(self, session_id: str, store: DocumentStore, clock: Clock, ids: Ids, top_k: int) -> None:
        super().__init__(f"session {session_id}: resharding", store, attempts=1)
        self._session_id = session_id
        self._clock = clock
        self._ids = ids
        self._top_k = top_k

    async def attempt(self, wanted: int) -> Outcome:
        """RELOAD when the session has so many shards now, DONE when it is not between two questions after all."""
        before = await asyncio.to_thread(shard_count, self.store, self._session_id)
        if before >= wanted:
            return Outcome.RELOAD
        writes = await asyncio.to_thread(self._plan, before, wanted)
        if writes is None:
            return Outcome.DONE
        await self.commit(writes.all, documents.board_path(self._session_id), writes.commit_id)
        return Outcome.RELOAD

    def forget(self) -> None:
        """It remembers nothing."""

    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        """`Reshard.act` tells."""

    def _plan(self, before: int, wanted: int) -> "_Writes | None":
        """None when the session is not between two questions after all. Raises StoreError, SessionUnknown."""
        # The fences first: whatever changes from here on changes one of them.
        boards = {documents.board_path(self._session_id), *self._board_paths(before)}
        fences = self.store.get_many(sorted(boards))
        if len(fences) < len(boards):
            raise SessionUnknown(self._session_id)  # deletion by age takes documents one by one
        session, quiz, timelines = self._told(before)
        now = self._clock.now_ms()
        key = documents.read_session_quiz(quiz.read_as(SessionQuizDocument))
        game = documents.read_game(session.read_as(SessionDocument), key)
        empty = State(game)
        empty.restore(timeline_of_all(timelines, game), [], [], now)
        if session.data["shards"] != before or not self._may(empty, timelines, fences):
            return None
        return self._writes(self._states(empty, wanted), fences, session)

    def _told(self, shards: int) -> tuple[Snapshot, Snapshot, list[Timeline]]:
        head, key = documents.session_path(self._session_id), documents.session_quiz_path(self._session_id)
        timelines = [documents.timeline_path(self._session_id, shard) for shard in range(shards)]
        unfinished = [documents.unfinished_path(self._session_id, shard) for shard in range(shards)]
        found = self.store.get_many([head, key, *timelines, *unfinished])
        if head not in found or key not in found:
            raise SessionUnknown(self._session_id)
        if any(path in found for path in unfinished):
            raise Conflict("a shard is in the middle of a commit")
        told = [_timeline(found.get(path)) for path in timelines]
        return found[head], found[key], told

    def _may(self, empty: State, timelines: list[Timeline], fences: dict[str, Snapshot]) -> bool:
        """Between two questions, by what all shards know; and all have shown the last one, judged by the same windows:
        else players' documents would have to change too."""
        agreed = all(pacing_of(empty.game, timeline).agrees(empty.pacing) for timeline in timelines)
        tallies = [fence.data["tally"] for fence in fences.values()]
        last = empty.timeline.current()
        shown = last is None or all(t and (t["question_index"], t["correct"] is None) == (last, False) for t in tallies)
        journal = documents.journal_path(self._session_id)
        return between_questions(empty) and agreed and shown and not self.store.list(journal, limit=1)

    def _writes(self, states: list[State], fences: dict[str, Snapshot], session: Snapshot) -> "_Writes":
        shards, first = len(states), states[0]
        seq = 1 + max(fence.data["seq"] for fence in fences.values())
        kept = {"expires_at": session.data["expires_at"]}
        boards = [self._board(state, seq) for state in states]
        writes: list[Write] = []
        for path, board in zip(self._board_paths(shards), boards, strict=True):
            fence = fences.get(path)
            fields = {**board, **kept}
            writes.append(Create(path, fields) if fence is None else Replace(path, fields, fence.version))
        public = publish(combined(summary_of(number, board) for number, board in enumerate(boards)), self._top_k)
        commit_id = self._ids.secret_id()
        stamps = {"seq": seq, "commit_id": commit_id, "as_of": first.now}
        top = fences[documents.board_path(self._session_id)]
        writes.append(Replace(top.path, public.board | stamps | kept, top.version))
        timeline = documents.timeline_document(documents.timeline_fields(first.timeline), kept["expires_at"])
        writes += [Put(documents.timeline_path(self._session_id, shard), timeline) for shard in range(shards)]
        grown = {"shards": shards, **documents.phase_fields(first), **public.counted}
        return _Writes(commit_id, [*writes, Update(session.path, grown)])

    def _states(self, empty: State, shards: int) -> list[State]:
        """The state of each of so many shards, from all players of the session."""
        players: defaultdict[int, list[Player]] = defaultdict(list)
        for found in self.store.list(documents.players_path(self._session_id)):
            player = documents.read_player(found.name, found.read_as(PlayerDocument))
            players[shard_of(found.name, shards)].append(player)
        states = [State(empty.game) for _ in range(shards)]
        for number, state in enumerate(states):
            state.restore(empty.timeline, players[number], [], empty.now)
        return states

    def _board(self, state: State, seq: int) -> ShardBoardFields:
        return documents.shard_fields(state, seq=seq, commit_id=self._ids.secret_id(), top_k=self._top_k)

    def _board_paths(self, shards: int) -> list[str]:
        return Layout(self._session_id, shards).fences


@dataclass(frozen=True, slots=True)
class _Writes:
    commit_id: str
    all: list[Write]


def _timeline(found: Snapshot | None) -> Timeline:
    return documents.read_timeline(found.read_as(TimelineDocument)) if found else Timeline()


def between_questions(state: State) -> bool:
    """In the lobby, or when the last question takes no more answers; not after the end."""
    return state.pacing.phase(state.now) in {Phase.LOBBY, Phase.CLOSED}
