"""Folds a shard's messages into its state, and commits the changed documents: load → fold → plan → commit."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from quizcore import documents
from quizcore.domain.fold import State
from quizcore.layout import Layout
from quizcore.ledger import spent_on
from quizcore.ports import Clock, CommitTooLarge, Conflict, Delivery, DocumentStore, Ids, OutcomeUnknown
from quizcore.settings import WorkerSettings
from quizcore.shards import shard_of
from quizcore.telemetry import Telemetry
from workers.deliveries import HandedOver, Item
from workers.fenced_job import FencedJob
from workers.shard.baseline import Baseline, load_shard
from workers.shard.parts import movable, part_of
from workers.shard.plan import Plan, note_committed, plan_commit


class ShardJob(FencedJob[Sequence[Item], None]):
    """Owns the shard's state while its events arrive. The documents are the truth: when a commit fails, the state is
    dropped and loaded again.

    `run` folds the messages and commits; it returns when documents contain them. Raises SessionUnknown, GaveUp when the
    store did not take the commit in bounded tries, or another StoreError.
    """

    def __init__(
        self,
        session_id: str,
        number: int,
        store: DocumentStore,
        clock: Clock,
        ids: Ids,
        settings: WorkerSettings,
        telemetry: Telemetry,
    ) -> None:
        super().__init__(f"session {session_id}", store, settings.commit_attempts)
        self.session_id = session_id
        self.number = number
        self.state: State | None = None
        self._baseline: Baseline | None = None
        self._unplanned: set[str] = set()
        self._others: dict[int, ShardJob] = {}
        self._strayed: set[int] = set()  # shards that got messages from this shard, and are not merged yet
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._telemetry = telemetry
        self._log = structlog.get_logger("shard").bind(session_id=session_id, shard=number)

    @property
    def interval_ms(self) -> int:
        """The shortest time between two boards; 0 for the first events of a shard that is not loaded."""
        return 0 if self.state is None else self._settings.board_interval_ms(len(self.state.players))

    @property
    def due_at(self) -> int | None:
        """The time at which time alone requires a flush (ms since the epoch)."""
        state = self.state
        return state.pacing.next_reveal(state.now) if state else None

    @property
    def clock_due_at(self) -> int | None:
        """The due time of the clock of this shard's board, as stored (ms since the epoch)."""
        return documents.clock_of(self._baseline.board) if self._baseline else None

    @property
    def ranks_due_at(self) -> int | None:
        """The time at which the ranks require a separate flush (ms since the epoch)."""
        return self._baseline.ranks_due_at if self._baseline else None

    @property
    def layout(self) -> Layout:
        """The layout; that of one shard while the shard is not loaded."""
        return self._baseline.layout if self._baseline else Layout(self.session_id, 1)

    def handed_over(self, deliveries: Sequence[Delivery]) -> HandedOver:
        """The deliveries of the commit, for the merges that must show them."""
        strayed, self._strayed = self._strayed, set()
        due_at = None if strayed else self.clock_due_at
        return HandedOver(self.number, due_at, deliveries, self.layout.groups_of([*sorted(strayed), self.number]))

    async def attempt(self, items: Sequence[Item]) -> None:
        try:
            await self._count(items)
        except CommitTooLarge:
            if len(items) < 2:
                raise
            await self._count_halves(items)

    def forget(self) -> None:
        self.state, self._baseline = None, None

    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        if isinstance(error, Conflict):
            self._telemetry.add("commits_lost")
            return
        self._telemetry.add("commits_unsure")
        self._log.warning("the store did not answer", error=str(error), attempt=attempt)

    async def _count_halves(self, items: Sequence[Item]) -> None:
        """Count the messages in two halves, when their own changes do not fit into one commit."""
        self.forget()
        half = len(items) // 2
        await self.run(items[:half])
        await self.run(items[half:])

    async def _count(self, items: Sequence[Item]) -> None:
        state, baseline = await self._loaded()
        mine, astray = self._sorted_out(items, baseline.shards)
        for number, theirs in astray.items():
            await self._elsewhere(number).run(theirs)
            self._strayed.add(number)
        if self.number >= baseline.shards:
            return
        touched = state.apply((item.message.event() for item in mine), self._clock.now_ms())
        touched |= self._unplanned
        named = {getattr(item.message, "player_id", None) for item in mine}
        while (plan := self._plan(state, touched, baseline)) is not None:
            try:
                await self._make(plan, baseline)
            except CommitTooLarge as error:
                await self._make_part(plan, baseline, named, error)
            else:
                self._unplanned.clear()
                return
        baseline.ranks_checked(state.now)

    def _plan(self, state: State, touched: set[str], baseline: Baseline) -> Plan | None:
        return plan_commit(state, touched, baseline, self._ids.secret_id(), self._settings.top_k)

    async def _make_part(self, plan: Plan, baseline: Baseline, named: set[str | None], error: CommitTooLarge) -> None:
        """Commit as many of the players' documents before the board as fit. Raises CommitTooLarge when none may come
        before it, and Conflict when another writer was first."""
        ahead = movable(plan, baseline, named)
        while ahead:
            ahead = ahead[: -(-len(ahead) // 2)]
            try:
                await self._make(part_of(plan, baseline, ahead, self._ids.secret_id()), baseline)
            except CommitTooLarge as too_large:
                if len(ahead) == 1:
                    raise
                error = too_large
            else:
                self._telemetry.add("commits_in_parts")
                return
        raise error

    async def _make(self, plan: Plan, baseline: Baseline) -> None:
        with spent_on("commit"):
            version = await self.commit(plan.writes, baseline.board_path, plan.commit_id)
        note_committed(plan, baseline, version)
        self._telemetry.add("commits_made")

    def _sorted_out(self, items: Sequence[Item], shards: int) -> tuple[list[Item], dict[int, list[Item]]]:
        """Split into messages of this shard, and messages of other shards that were sent before the session got more
        shards. The caller commits those to their shards first: otherwise this shard could become final while an
        answer of another shard waits in its flush."""
        if self.number == 0 and not self.layout.merged:
            return list(items), {}
        mine: list[Item] = []
        astray: defaultdict[int, list[Item]] = defaultdict(list)
        for item in items:
            player_id = getattr(item.message, "player_id", None)
            number = self.number % shards if player_id is None else shard_of(player_id, shards)
            (mine if number == self.number else astray[number]).append(item)
        return mine, astray

    def _elsewhere(self, number: int) -> "ShardJob":
        """The jobs of other shards, kept because a backlog for the old shards may be long."""
        if number not in self._others:
            self._others[number] = ShardJob(
                self.session_id, number, self.store, self._clock, self._ids, self._settings, self._telemetry
            )
        return self._others[number]

    async def _loaded(self) -> tuple[State, Baseline]:
        if self.state is None or self._baseline is None:
            with spent_on("load"):
                state, baseline = await asyncio.to_thread(load_shard, self.store, self.session_id, self.number)
            self.state, self._baseline = state, baseline
            self._unplanned = state.players.keys() - baseline.players.keys()
            self._telemetry.add("states_loaded")
        return self.state, self._baseline
