"""Every channel to Google is made to come back soon after an outage, and keeps what its library sets."""

import asyncio
from collections.abc import Callable
from typing import Any

import google.auth
import grpc
import pytest
from google.api_core import grpc_helpers, grpc_helpers_async
from google.auth.credentials import AnonymousCredentials

from quizcore.adapters.channels import SOON_BACK, FirestoreClient, publisher_client, subscriber_client

Options = list[tuple[str, Any]]


@pytest.fixture(name="made")
def _made(monkeypatch: pytest.MonkeyPatch) -> Options:
    """The options of the channel that is made."""
    options: Options = []

    def create(module: Any, channel: Callable[[str], Any]) -> None:
        def make(target: str, **how: Any) -> Any:
            options.extend(how["options"])
            return channel(target)

        monkeypatch.setattr(module, "create_channel", make)

    monkeypatch.setattr(google.auth, "default", lambda **_: (AnonymousCredentials(), "demo-x"))
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    create(grpc_helpers, grpc.insecure_channel)
    create(grpc_helpers_async, grpc.aio.insecure_channel)
    return options


def assert_soon_back(options: Options) -> None:
    assert set(SOON_BACK) <= set(options)
    assert ("grpc.max_receive_message_length", -1) in options


def test_the_publisher_s(made: Options) -> None:
    publisher_client(None)

    assert_soon_back(made)


def test_the_subscriber_s(made: Options) -> None:
    async def work() -> None:
        subscriber_client(None)

    asyncio.run(work())
    assert_soon_back(made)


def test_firestore_s(made: Options) -> None:
    client = FirestoreClient(project="demo-x", credentials=AnonymousCredentials())
    assert client._firestore_api

    assert_soon_back(made)
    assert ("grpc.keepalive_time_ms", 30_000) in made


def test_firestore_s_to_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    options: Options = []
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    make = grpc.insecure_channel

    def noted(target: str, how: Options) -> Any:
        options.extend(how)
        return make(target, how)

    monkeypatch.setattr(grpc, "insecure_channel", noted)
    client = FirestoreClient(project="demo-x")
    assert client._firestore_api

    assert_soon_back(options)
