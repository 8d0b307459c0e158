"""The worker's composition root: the only module here that names adapters."""

from dataclasses import dataclass

from quizcore.adapters.channels import FirestoreClient, publisher_client, subscriber_client
from quizcore.adapters.clock import RandomIds, StoreClock, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.adapters.sources import StreamingSource, UnarySource
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.ports import Clock, DocumentStore, EventSource, Ids, Publisher
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.clockwork import Clockwork
from workers.deliveries import Deliveries
from workers.engine import Engine
from workers.first_shard import FirstShard
from workers.merge_runner import MergeRunner
from workers.merger import Merger
from workers.resharder import Resharder
from workers.runner import ShardRunner, TakeOver
from workers.shard import Shard


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything the engine talks to."""

    source: EventSource
    store: DocumentStore
    publisher: Publisher
    clock: Clock
    ids: Ids


def connect(settings: WorkerSettings, telemetry: Telemetry) -> Outside:
    """The real outside world. Call inside the running event loop."""
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
    deliveries = Deliveries(outside.source, outside.publisher, telemetry)

    def make_runner(session_id: str, number: int, take_over: TakeOver) -> ShardRunner:
        shard = Shard(session_id, number, outside.store, outside.clock, outside.ids, settings, telemetry)
        first = make_first(session_id) if number == 0 else None
        return ShardRunner(shard, first, deliveries, outside.clock, settings, telemetry, take_over)

    def make_first(session_id: str) -> FirstShard:
        clockwork = Clockwork(session_id, outside.publisher, outside.clock, outside.ids, telemetry)
        resharder = Resharder(session_id, outside.store, outside.clock, outside.ids, settings, telemetry)
        return FirstShard(clockwork, resharder, outside.publisher)

    def make_merger(session_id: str) -> MergeRunner:
        merger = Merger(session_id, outside.store, outside.clock, outside.ids, settings, telemetry)
        return MergeRunner(merger, deliveries, outside.clock, settings)

    return Engine(
        outside.source,
        outside.store,
        deliveries,
        outside.clock,
        settings,
        telemetry,
        make_runner,
        make_merger,
    )
