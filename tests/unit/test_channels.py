"""Every channel to Google reconnects soon after an outage, and keeps the options of its library."""

import asyncio
from collections.abc import Callable
from typing import Any

import google.auth
import grpc
import pytest
from google.api_core import grpc_helpers, grpc_helpers_async
from google.auth.credentials import AnonymousCredentials

from quizcore.adapters.channels import (
    FAST_RECONNECT,
    FirestoreClient,
    operator_subscriber,
    publisher_client,
    subscriber_client,
)

Options = list[tuple[str, Any]]


@pytest.fixture(name="targets")
def _targets() -> list[str]:
    """Where each channel leads."""
    return []


@pytest.fixture(name="made")
def _made(monkeypatch: pytest.MonkeyPatch, targets: list[str]) -> Options:
    """The options of the channel that is made."""
    options: Options = []

    def create(module: Any, channel: Callable[[str], Any]) -> None:
        def make(target: str, **how: Any) -> Any:
            targets.append(target)
            options.extend(how["options"])
            return channel(target)

        monkeypatch.setattr(module, "create_channel", make)

    monkeypatch.setattr(google.auth, "default", lambda **_: (AnonymousCredentials(), "demo-x"))
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    create(grpc_helpers, grpc.insecure_channel)
    create(grpc_helpers_async, grpc.aio.insecure_channel)
    return options


def assert_reconnecting_fast(options: Options) -> None:
    assert set(FAST_RECONNECT) <= set(options)
    assert ("grpc.max_receive_message_length", -1) in options
    how = dict(options)
    # A server that is back is found within 2 s: an attempt that began before is given up by then, and another begins.
    assert how["grpc.min_reconnect_backoff_ms"] <= 2_000
    assert how["grpc.initial_reconnect_backoff_ms"] <= how["grpc.max_reconnect_backoff_ms"] <= 1_000


def test_the_publisher_s_channel_reconnects_soon(made: Options) -> None:
    publisher_client(None)

    assert_reconnecting_fast(made)


def test_the_subscriber_s_channel_reconnects_soon(made: Options) -> None:
    async def work() -> None:
        subscriber_client(None)

    asyncio.run(work())
    assert_reconnecting_fast(made)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        (None, "pubsub.googleapis.com:443"),
        ("europe-west1-pubsub.googleapis.com:443", "europe-west1-pubsub.googleapis.com:443"),
        ("europe-west1-pubsub.googleapis.com", "europe-west1-pubsub.googleapis.com:443"),
    ],
)
def test_all_clients_of_the_bus_use_the_configured_endpoint(
    made: Options, targets: list[str], endpoint: str | None, host: str
) -> None:
    async def work() -> None:
        subscriber_client(None, endpoint)

    publisher_client(None, endpoint)
    operator_subscriber(None, endpoint)
    asyncio.run(work())

    assert targets == [host] * 3


def test_firestore_s_channel_reconnects_soon(made: Options) -> None:
    client = FirestoreClient(project="demo-x", credentials=AnonymousCredentials())
    assert client._firestore_api

    assert_reconnecting_fast(made)
    assert ("grpc.keepalive_time_ms", 30_000) in made


def test_firestore_s_channel_to_the_emulator_reconnects_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    options: Options = []
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    make = grpc.insecure_channel

    def noted(target: str, how: Options) -> Any:
        options.extend(how)
        return make(target, how)

    monkeypatch.setattr(grpc, "insecure_channel", noted)
    client = FirestoreClient(project="demo-x")
    assert client._firestore_api

    assert_reconnecting_fast(options)
