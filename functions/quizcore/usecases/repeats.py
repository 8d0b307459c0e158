"""Remembers the first use of an Idempotency-Key, in a document that every instance of the API reads."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from quizcore import documents
from quizcore.documents import RequestDocument
from quizcore.messages import Message, decode, encode
from quizcore.ports import Conflict, Create, Snapshot
from quizcore.usecases.contention import tries
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent: its Idempotency-Key, or None, and its content. The content has only the
    fields that the caller sent: when a release changes a default, a retry is still the same request."""

    key: str | None
    content: str

    def digest(self) -> str:
        """SHA-256 of key and content. The key is part of it, so that a reader of the digest cannot guess the
        content."""
        return hashlib.sha256(f"{self.key}\n{self.content}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key, and the path of the document that remembers the request after it was accepted. A rejected
    request is not remembered: its key stays unused."""

    path: str
    digest: str

    @classmethod
    def of_host(cls, session_id: str, request: Request) -> Self | None:
        """None without a key."""
        if request.key is None:
            return None
        return cls(documents.request_path(session_id, request.key), request.digest())

    @classmethod
    def of_player(cls, services: Services, uid: str | None, request: Request) -> Self | None:
        """None without a key."""
        return cls.of_account(services, f"join/{uid or ''}", request)

    @classmethod
    def of_account(cls, services: Services, purpose: str, request: Request) -> Self | None:
        """For a call outside sessions; `purpose` names the call and the caller. None without a key."""
        if request.key is None:
            return None
        name = services.derived_id(purpose, request.key)
        return cls(documents.join_request_path(name), request.digest())

    def check(self, remembered: Snapshot | None) -> None:
        """Raises Rejected `key_reused` when the key belongs to another request."""
        if remembered is not None and remembered.read_as(RequestDocument)["digest"] != self.digest:
            raise Rejected("key_reused", "this Idempotency-Key was used with another body; make a new key")

    def record(self, expires_at: datetime, event: Message | None = None) -> Create:
        text = None if event is None else encode(event).decode()
        about: str | None = getattr(event, "player_id", None)
        return Create(self.path, documents.request_fields(self.digest, expires_at, text, about))

    def first_event(self, services: Services) -> Message | None:
        """The event of the first request with this key, or None. Raises Rejected `key_reused`."""
        remembered = services.store.get(self.path)
        self.check(remembered)
        event = remembered.read_as(RequestDocument)["event"] if remembered else None
        return None if event is None else decode(event.encode())

    def remember(self, services: Services, event: Message, expires_at: datetime) -> Message:
        """Store the event for the key. Returns the event of the key: `event`, or the event of a faster instance. Raises
        Rejected `key_reused` or `try_again`."""
        for _ in tries(services.sleep):
            try:
                services.store.commit([self.record(expires_at, event)])
            except Conflict:
                first = self.first_event(services)
            else:
                return event
            if first is not None:
                return first
        raise AssertionError("unreachable: the last try raises")
