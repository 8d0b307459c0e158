"""The worker's composition root: the only module here that names adapters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quizcore.adapters.channels import FirestoreClient, publisher_client, subscriber_client
from quizcore.adapters.clock import RandomIds, StoreClock, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.adapters.sources import StreamingSource, UnarySource
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.ports import Clock, DocumentStore, EventSource, FinalReceiver, Ids, Publisher
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.closing import Closing
from workers.completed import CompletedLog
from workers.coordinator.auto_close import AutoClose
from workers.coordinator.clock import SessionClock
from workers.coordinator.coordinator import Coordinator
from workers.coordinator.fan_out import FanOut
from workers.coordinator.hand_on import HandOn, HandOnJob
from workers.coordinator.reshard import Reshard
from workers.coordinator.reshard_job import ReshardJob
from workers.deliveries import Deliveries, TakeOver
from workers.engine import Engine
from workers.leaderboard.counting import Counting
from workers.leaderboard.fold_job import FoldJob
from workers.leaderboard.runner import Leaderboards
from workers.leaving import Leaving
from workers.public_board.group import GroupJob
from workers.public_board.job import PublicBoardJob
from workers.public_board.runner import GroupRunner, MergeRunner, PublicBoardRunner
from workers.shard.job import ShardJob
from workers.shard.runner import ShardRunner
from workers.stepwise import Stepwise


@dataclass(frozen=True, slots=True)
class Outside:
    """The services of the engine. `receivers` get every final session, in addition to the log and the ledger."""

    source: EventSource
    store: DocumentStore
    publisher: Publisher
    clock: Clock
    ids: Ids
    receivers: Sequence[FinalReceiver] = ()


def connect(settings: WorkerSettings, telemetry: Telemetry) -> Outside:
    """Connect to the real services. Call inside the running event loop."""
    project = settings.project
    client = publisher_client(settings.pubsub_emulator, settings.pubsub_endpoint)
    subscriber = subscriber_client(settings.pubsub_emulator, settings.pubsub_endpoint)
    subscription = subscriber.subscription_path(project, settings.subscription)
    clock = StoreClock(SystemClock().now_ms)
    telemetry.gauge("clock_ahead_ms", clock.machine_ahead_ms)
    source = {"unary": UnarySource, "streaming": StreamingSource}[settings.chosen_source]
    return Outside(
        source=source(subscriber, subscription),
        store=FirestoreStore(FirestoreClient(project=project), telemetry, settings.commit_timeout_s, clock.heard),
        publisher=PubSubPublisher(
            client,
            client.topic_path(project, settings.topic),
            client.topic_path(project, settings.dead_topic),
            PUBLISH_BOUND_MS / 1000,
            telemetry,
        ),
        clock=clock,
        ids=RandomIds(),
    )


def build_engine(outside: Outside, settings: WorkerSettings, telemetry: Telemetry) -> Engine:
    leaderboards = Leaderboards(
        outside.store, outside.clock, settings, lambda board: _fold_job(board, outside, settings, telemetry)
    )
    parts = _Parts(outside, settings, telemetry, leaderboards.moved)
    return Engine(
        outside.source,
        outside.store,
        parts.deliveries,
        outside.clock,
        settings,
        telemetry,
        parts.runner,
        parts.merge,
        leaderboards,
    )


def build_stepwise(outside: Outside, settings: WorkerSettings, telemetry: Telemetry) -> Stepwise:
    parts = _Parts(outside, settings, telemetry, lambda _board: None)
    return Stepwise(outside.source, parts.deliveries, settings, telemetry, parts.runner, parts.merge)


def _fold_job(board: str, out: Outside, settings: WorkerSettings, telemetry: Telemetry) -> FoldJob:
    return FoldJob(board, out.store, out.clock, out.ids, settings.commit_attempts, telemetry)


class _Parts:
    """Creates the runners of an engine for its sessions. `moved` is called with each leaderboard that has moves."""

    def __init__(
        self, outside: Outside, settings: WorkerSettings, telemetry: Telemetry, moved: Callable[[str], None]
    ) -> None:
        self._outside = outside
        self._settings = settings
        self._telemetry = telemetry
        self.deliveries = Deliveries(outside.source, outside.publisher, telemetry)
        self._moved = moved

    def runner(self, session_id: str, number: int, take_over: TakeOver) -> ShardRunner:
        out, settings, telemetry = self._outside, self._settings, self._telemetry
        job = ShardJob(session_id, number, out.store, out.clock, out.ids, settings, telemetry)
        coordinator = self._coordinator(session_id) if number == 0 else None
        return ShardRunner(job, coordinator, self.deliveries, out.clock, settings, telemetry, take_over)

    def merge(self, session_id: str, group: int | None, take_over: TakeOver) -> MergeRunner:
        out, settings, telemetry = self._outside, self._settings, self._telemetry
        if group is None:
            closing = self._closing(session_id)
            job = PublicBoardJob(session_id, out.store, out.clock, out.ids, settings, telemetry, closing)
            return PublicBoardRunner(job, self.deliveries, out.clock, settings)
        of_group = GroupJob(session_id, group, out.store, out.clock, out.ids, settings, telemetry)
        return GroupRunner(of_group, self.deliveries, out.clock, settings, take_over)

    def _coordinator(self, session_id: str) -> Coordinator:
        out = self._outside
        reshard = ReshardJob(session_id, out.store, out.clock, out.ids, self._settings)
        receivers: list[FinalReceiver] = [
            CompletedLog(self._telemetry),
            self._counting(),
            *out.receivers,
            Leaving(out.store, out.publisher, out.clock, out.ids),
        ]
        hand_on = HandOnJob(session_id, out.store, receivers, self._settings.commit_attempts)
        return Coordinator(
            before_ack=[FanOut(out.publisher), AutoClose(self._closing(session_id), out.clock)],
            after=[
                SessionClock(session_id, out.publisher, out.clock, out.ids, self._telemetry),
                Reshard(reshard, session_id, out.clock, self._settings, self._telemetry),
                HandOn(hand_on, session_id, out.clock),
            ],
        )

    def _counting(self) -> Counting:
        out, attempts = self._outside, self._settings.commit_attempts
        return Counting(out.store, out.clock, out.ids, self._settings.rules, attempts, self._telemetry, self._moved)

    def _closing(self, session_id: str) -> Closing:
        return Closing(session_id, self._outside.publisher, self._outside.clock, self._telemetry)
