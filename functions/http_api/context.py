"""The context of every route: services, settings, rates, and the caller of the request."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import request
from pydantic import BaseModel

from http_api.caches import bounded_memory
from http_api.limits import RateLimits
from quizcore.ports import Attestation, Caller, Clock, DocumentStore, Identity, Ids, Publisher, TokenRefused
from quizcore.settings import ApiSettings
from quizcore.telemetry import Telemetry
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Request
from quizcore.usecases.services import Services

_IDEMPOTENCY_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(slots=True)
class ApiContext:
    """Made once per process by the composition root."""

    store: DocumentStore
    publisher: Publisher
    identity: Identity
    clock: Clock
    ids: Ids
    settings: ApiSettings
    telemetry: Telemetry
    attestation: Attestation | None = None
    sleep: Callable[[float], None] = time.sleep
    services: Services = field(init=False)
    limits: RateLimits = field(init=False)

    def __post_init__(self) -> None:
        self.services = Services(
            self.store,
            self.publisher,
            self.identity,
            self.clock,
            self.ids,
            self.telemetry,
            bounded_memory(self.store, self.clock, self.settings.session_cache_ms),
            self.sleep,
            self.settings.rules,
        )
        self.limits = RateLimits(self.clock)

    def caller(self) -> Caller:
        """The caller of the request. Raises Rejected `unauthenticated`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Rejected("unauthenticated", "send Authorization: Bearer <Firebase ID token>")
        try:
            return self.identity.verify(token.strip())
        except TokenRefused:
            raise Rejected("unauthenticated", "the ID token is not valid (any more); sign in again") from None

    def check_app(self) -> None:
        """When App Check is configured, refuse requests of other apps. Raises Rejected `unattested`."""
        if self.attestation is None:
            return
        try:
            self.attestation.verify(request.headers.get("X-Firebase-AppCheck", ""))
        except TokenRefused:
            raise Rejected("unattested", "send a valid X-Firebase-AppCheck token; is this app registered?") from None

    def event_id(self) -> str:
        """The caller's Idempotency-Key, so that a retry has its id; or a fresh id. Raises Rejected `invalid`."""
        return _idempotency_key() or self.ids.event_id()

    def request(self, body: BaseModel) -> Request:
        """The request's body and its Idempotency-Key. Raises Rejected `invalid`."""
        return Request(_idempotency_key(), body.model_dump_json(exclude_unset=True))


def _idempotency_key() -> str | None:
    """Raises Rejected `invalid` for a key that is neither a UUID nor a ULID."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Rejected("invalid", "Idempotency-Key must be a UUID or a ULID")
    return key
