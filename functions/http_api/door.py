"""What every call needs: who calls, how often, which session; and the caches behind it."""

import hashlib
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import request

from http_api.caches import Recent, RemovedCache, SessionCache
from http_api.problems import Refusal
from quizcore.ports import (
    Attestation,
    Caller,
    Clock,
    DocumentStore,
    Identity,
    Ids,
    Publisher,
    TokenRefused,
)
from quizcore.settings import DoorSettings
from quizcore.telemetry import Telemetry

CACHED_QUIZZES = 100
REMEMBERED_RECEIPTS = 100_000
REMEMBERED_CALLERS = 100_000
MINUTE_MS = 60_000
REMOVED_CACHE_MS = 5_000  # who was removed is asked for so often while answers come, and not with each of them
MOST_REMOVED = 1_000
FRESH_MS = 200  # nobody is let in by a session document older than this
_IDEMPOTENCY_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(slots=True)
class Door:
    """The collaborators of the calls; made once per process by the composition root."""

    store: DocumentStore
    publisher: Publisher
    identity: Identity
    clock: Clock
    ids: Ids
    settings: DoorSettings
    telemetry: Telemetry
    attestation: Attestation | None = None
    sleep: Callable[[float], None] = time.sleep
    sessions: SessionCache = field(init=False)
    removed: RemovedCache = field(init=False)
    receipts: "Recent[tuple[str, str, int | str], Receipt]" = field(init=False)
    members: "Recent[tuple[str, str], bool]" = field(init=False)
    admitted: "Recent[tuple[str, str], bool]" = field(init=False)
    quizzes: "Recent[str, list[dict[str, Any]]]" = field(init=False)
    limits: "RateLimits" = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = SessionCache(self.store, self.clock, self.settings.session_cache_ms)
        self.removed = RemovedCache(self.store, self.clock, REMOVED_CACHE_MS, MOST_REMOVED)
        self.receipts = Recent(2 * REMEMBERED_RECEIPTS)
        self.members = Recent(REMEMBERED_RECEIPTS)
        self.admitted = Recent(REMEMBERED_RECEIPTS)
        self.quizzes = Recent(CACHED_QUIZZES)
        self.limits = RateLimits(self.clock)

    def caller(self) -> Caller:
        """Who calls. Raises Refusal `unauthenticated`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal("unauthenticated", "send Authorization: Bearer <Firebase ID token>")
        try:
            return self.identity.verify(token.strip())
        except TokenRefused:
            raise Refusal("unauthenticated", "the ID token is not valid (any more); sign in again") from None

    def check_app(self) -> None:
        """When it is configured: only our apps are let in. Raises Refusal `unattested`."""
        if self.attestation is None:
            return
        try:
            self.attestation.verify(request.headers.get("X-Firebase-AppCheck", ""))
        except TokenRefused:
            raise Refusal("unattested", "send a valid X-Firebase-AppCheck token; is this app registered?") from None

    def event_id(self) -> str:
        """The caller's Idempotency-Key, so that a retry is the same event; else a fresh id."""
        return self.idempotency_key() or self.ids.event_id()

    def idempotency_key(self) -> str | None:
        """Raises Refusal `invalid` for a key that is neither a UUID nor a ULID."""
        key = request.headers.get("Idempotency-Key")
        if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
            raise Refusal("invalid", "Idempotency-Key must be a UUID or a ULID")
        return key

    def derived_id(self, purpose: str, key: str | None) -> str:
        """The id that a key stands for, so that a repeated request makes the same thing; without a
        key a fresh one. Who does not know the key cannot guess the id."""
        if key is None:
            return self.ids.secret_id()
        return hashlib.sha256(f"{purpose}/{key}".encode()).hexdigest()[:32]

    def session(self, session_id: str, max_age_ms: int | None = None) -> dict[str, Any]:
        """The session's document, at most so old. Raises Refusal `unknown_session`."""
        data = self.sessions.get(session_id, max_age_ms)
        if data is None:
            raise Refusal("unknown_session", "there is no such session")
        return data


class RateLimits:
    """So many a minute, all at once or spread out, then one whenever a share of the minute has passed: the generic cell
    rate algorithm (ATM Forum, Traffic Management 4.0), which keeps one number for each caller.

    Per instance: a crowd spread over instances may do a little more, never less.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: Recent[tuple[str, str], float] = Recent(REMEMBERED_CALLERS)

    def check(self, what: str, who: str, per_minute: int, *, spend: bool = True) -> None:
        """Raises Refusal `slow_down` with the seconds to wait. Without `spend` it only asks whether one is left."""
        now, share = self._clock.now_ms(), MINUTE_MS / per_minute
        with self._lock:
            free_at = max(self._free_at.get((what, who)) or 0.0, now) + share
            wait_ms = free_at - now - MINUTE_MS
            if wait_ms <= 0:
                if spend:
                    self._free_at.put((what, who), free_at)
                return
        seconds = str(max(1, math.ceil(wait_ms / 1_000)))
        raise Refusal("slow_down", "too many requests; wait a little", {"Retry-After": seconds})


@dataclass(frozen=True, slots=True)
class Receipt:
    event_id: str
    body: Any
    received_at: int
