"""The dependencies of the use cases of a live session: the ports, and the memory of this process."""

import hashlib
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Protocol

from quizcore.documents import QuestionDocument, SessionDocument
from quizcore.domain.events import Answer
from quizcore.domain.leaderboard.person import Rules
from quizcore.ports import Clock, DocumentStore, Identity, Ids, Publisher
from quizcore.telemetry import Telemetry
from quizcore.usecases.rejected import Rejected

FRESH_MS = 200  # a join reads the session's document at most this old


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer that was accepted; `received_at` in ms since the epoch."""

    event_id: str
    question_index: int
    answer: Answer
    received_at: int


class SessionReads(Protocol):
    def get(self, session_id: str, max_age_ms: int | None = None) -> SessionDocument | None:
        """The session's document, at most `max_age_ms` old; None when it is missing or incomplete. Raises
        StoreError."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The caches of a process. Entries of the mappings may be lost at any time; plain dicts will do."""

    sessions: SessionReads
    removed: Callable[[str], frozenset[str]]  # whom the host of a session has removed, a few seconds old
    receipts: MutableMapping[tuple[str, str, int | str], Receipt]  # by session, player, and question or event id
    joined: MutableMapping[tuple[str, str], bool]  # by session and uid
    admitted: MutableMapping[tuple[str, str], bool]
    quizzes: MutableMapping[str, list[QuestionDocument]]  # the questions of a session, which never change


@dataclass(frozen=True, slots=True)
class Services:
    store: DocumentStore
    publisher: Publisher
    identity: Identity
    clock: Clock
    ids: Ids
    telemetry: Telemetry
    memory: Memory
    sleep: Callable[[float], None] = time.sleep
    rules: Rules = field(default_factory=Rules)  # how leaderboards add up

    def session(self, session_id: str, max_age_ms: int | None = None) -> SessionDocument:
        """The session's document, at most `max_age_ms` old. Raises Rejected `unknown_session`; StoreError."""
        data = self.memory.sessions.get(session_id, max_age_ms)
        if data is None:
            raise Rejected("unknown_session", "there is no such session")
        return data

    def derived_id(self, purpose: str, key: str | None) -> str:
        """The id that follows from an Idempotency-Key, so that a repeated request creates the same thing; without a key
        a random id. The id cannot be guessed without the key."""
        if key is None:
            return self.ids.secret_id()
        return hashlib.sha256(f"{purpose}/{key}".encode()).hexdigest()[:32]
