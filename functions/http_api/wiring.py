"""The API's composition root: the only module here that names adapters."""

import atexit
import threading
from functools import partial

import firebase_admin
import structlog
from flask import Flask

from http_api.app import create_app
from http_api.context import ApiContext
from quizcore.adapters.app_check import FirebaseAppCheck
from quizcore.adapters.channels import FirestoreClient, publisher_client
from quizcore.adapters.clock import RandomIds, StoreClock, SystemClock
from quizcore.adapters.firestore import FirestoreStore
from quizcore.adapters.identity import FirebaseIdentity, RememberingIdentity
from quizcore.adapters.pubsub import PubSubPublisher
from quizcore.settings import ApiSettings, load
from quizcore.telemetry import Telemetry, configure_logging

REMEMBERED_TOKENS = 50_000
KEYS_TIMEOUT_S = 2.5  # to connect for the keys that check tokens, and again to read them; the library's default is 120
_lock = threading.Lock()
_app: Flask | None = None


def application() -> Flask:
    """The app of this process. Created at the first request, after the server has forked: gRPC clients do not survive a
    fork, and creating two at the same time can block."""
    global _app  # noqa: PLW0603 (one app a process is what a function instance is)
    if _app is None:
        with _lock:
            if _app is None:
                _app = create_app(connect(load(ApiSettings)))
    return _app


def connect(settings: ApiSettings) -> ApiContext:
    configure_logging(settings.log_level)
    telemetry = Telemetry()
    atexit.register(lambda: structlog.get_logger("api").info("spent", ledger=telemetry.ledger.sums()))
    client = publisher_client(settings.pubsub_emulator, settings.pubsub_endpoint)
    topic = partial(client.topic_path, settings.project)
    clock = StoreClock(SystemClock().now_ms)
    firebase = firebase_admin.initialize_app(options={"projectId": settings.project, "httpTimeout": KEYS_TIMEOUT_S})
    return ApiContext(
        store=FirestoreStore(FirestoreClient(project=settings.project), telemetry, heard=clock.heard),
        publisher=PubSubPublisher(
            client, topic(settings.topic), topic(settings.dead_topic), settings.publish_timeout_ms / 1000, telemetry
        ),
        identity=RememberingIdentity(
            FirebaseIdentity(firebase, settings.mint_timeout_ms / 1000), clock, REMEMBERED_TOKENS
        ),
        clock=clock,
        ids=RandomIds(),
        settings=settings,
        telemetry=telemetry,
        attestation=FirebaseAppCheck(firebase) if settings.app_check else None,
    )
