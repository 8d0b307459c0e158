"""The stack: emulators, topic and subscription, the API under functions-framework, a worker."""

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import grpc
from google.api_core.exceptions import AlreadyExists
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import ExpirationPolicy, Subscription

from devstack import emulators, ports, web
from devstack.emulators import ROOT, SITE, Emulators
from devstack.processes import Child, wait_until

PROJECT = "demo-wordrush"
ALL = ("auth", "functions", "firestore", "pubsub", "hosting")
CORE = ("auth", "firestore", "pubsub")
API_PORT = 8081
HEALTH_PORT = 8090
START_S = 180.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RETENTION_S = 7 * 24 * 3_600

Say = Callable[[str], None]


@dataclass(slots=True)
class Stack:
    """The processes that run, and their ports. Call `start_worker` once for each worker."""

    emulators: Emulators
    run_dir: Path
    taken: set[int]
    api_port: int = 0
    children: list[Child] = field(default_factory=list)
    workers: dict[int, Child] = field(default_factory=dict)  # port of the health page → worker

    @property
    def project(self) -> str:
        return self.emulators.project

    @property
    def api(self) -> str:
        return f"http://{ports.HOST}:{self.api_port}"

    @property
    def url(self) -> str:
        """The URL of the screens, which Hosting serves."""
        return f"http://{self.emulators.host('hosting')}"

    @property
    def env(self) -> dict[str, str]:
        return {
            **self.emulators.env,
            "WORDRUSH_API": self.api,
            "WORDRUSH_PUBLIC_URL": self.url,
            "PYTHONUNBUFFERED": "1",
        }

    def ready_line(self, **more: str) -> str:
        values = {
            "url": self.url,
            "api": self.api,
            **{name: self.emulators.host(name) for name in ("firestore", "auth", "pubsub")},
            "project": self.project,
            **more,
        }
        return "READY " + " ".join(f"{name}={value}" for name, value in values.items())

    def start_api(self, **env: str) -> Child:
        """Start the API as it is deployed: `main.py` under functions-framework. Raises StartFailed."""
        self.api_port = ports.choose(API_PORT, self.taken)
        command = [
            *self.framework_command("api", "functions/main.py"),
            *("--host", ports.HOST, "--port", str(self.api_port)),
        ]
        child = self.start("api", command, env)
        wait_until(lambda: ports.answers_http(f"{self.api}/api/v1/health"), child, START_S)
        return child

    @staticmethod
    def framework_command(target: str, source: str) -> list[str]:
        return [_beside_python("functions-framework"), "--target", target, "--source", source]

    def start_worker(self, command: tuple[str, ...] = ("-m", "workers"), **env: str) -> Child:
        port = ports.choose(HEALTH_PORT, self.taken)
        child = self.start("worker", [sys.executable, *command], {"WORDRUSH_HEALTH_PORT": str(port), **env})
        wait_until(lambda: ports.answers_http(f"http://{ports.HOST}:{port}/health"), child, START_S)
        self.workers[port] = child
        return child

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()
        self.emulators.stop()

    def start(self, name: str, command: list[str], env: dict[str, str]) -> Child:
        """Start a process of the stack without waiting for it."""
        log = self.run_dir / f"{name}-{len(self.children)}.log"
        child = Child(name, command, {**self.env, **env}, ROOT, log)
        self.children.append(child)
        return child


@contextlib.contextmanager
def running(
    only: tuple[str, ...] = ALL,
    *,
    say: Say,
    workers: int = 1,
    project: str = PROJECT,
    api_env: dict[str, str] | None = None,
) -> Iterator[Stack]:
    """The stack while the block runs; after it every process of the stack has ended. Raises StartFailed."""
    with interrupted_by(*ENDINGS):
        yield from _run(only, say, workers, project, api_env or {})


@contextlib.contextmanager
def interrupted_by(*numbers: signal.Signals) -> Iterator[None]:
    """Turn the signals into KeyboardInterrupt inside the block, so that the processes of a stack are stopped."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(only: tuple[str, ...], say: Say, workers: int, project: str, api_env: dict[str, str]) -> Iterator[Stack]:
    began = time.monotonic()
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    run_dir = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=local))
    taken: set[int] = set()
    if "hosting" in only:
        say("building the screens ...")
        web.build(run_dir / SITE)
    say("starting the emulators ...")
    stack = Stack(emulators.start(project, run_dir, only, taken), run_dir, taken)
    try:
        create_topics(stack.emulators)
        if "hosting" in only:
            web.configure(
                run_dir / SITE, emulators={name: stack.emulators.host(name) for name in ("auth", "firestore")}
            )
        say(f"emulators ready after {time.monotonic() - began:.0f} s; starting the API and the worker ...")
        stack.start_api(**api_env)
        for _ in range(workers):
            stack.start_worker()
        yield stack
    finally:
        for number in ENDINGS:  # a second Ctrl-C must not interrupt the stop
            signal.signal(number, signal.SIG_IGN)
        say("stopping ...")
        stack.stop()


def create_topics(running_emulators: Emulators, name: str = "session-events", reader: str = "scorer") -> None:
    """Create a topic with its subscription, and its dead-letter topic with one, as a real project has them."""
    host = running_emulators.host("pubsub")
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(host)))
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(host)))
    topic = publisher.topic_path(running_emulators.project, name)
    dead = publisher.topic_path(running_emulators.project, f"{name}-dead")
    for path in (topic, dead):
        with contextlib.suppress(AlreadyExists):
            publisher.create_topic(name=path)
    subscriptions = {
        reader: Subscription(
            topic=topic,
            enable_message_ordering=True,
            ack_deadline_seconds=10,
            message_retention_duration=Duration(seconds=RETENTION_S),
            expiration_policy=ExpirationPolicy(),
        ),
        f"{name}-dead-letters": Subscription(topic=dead, expiration_policy=ExpirationPolicy()),
    }
    for short, subscription in subscriptions.items():
        subscription.name = subscriber.subscription_path(running_emulators.project, short)
        with contextlib.suppress(AlreadyExists):
            subscriber.create_subscription(request=subscription)


def _beside_python(program: str) -> str:
    return str(Path(sys.executable).parent / program)
