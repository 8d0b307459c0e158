"""What an Idempotency-Key was first used for, in a document that every instance of the API reads."""

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
    """A request as it was sent: its Idempotency-Key, or None, and its content. Only what the caller wrote counts as
    content: a default that a release changes leaves a retry the same request."""

    key: str | None
    content: str

    def digest(self) -> str:
        """With the key, so that nobody who reads the digest can try out contents."""
        return hashlib.sha256(f"{self.key}\n{self.content}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that bears a key, and the document that remembers it once it was accepted. A rejected request is not
    remembered: its key is unused."""

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
        if request.key is None:
            return None
        name = services.derived_id(f"join/{uid or ''}", request.key)
        return cls(documents.join_request_path(name), request.digest())

    def check(self, found: Snapshot | None) -> None:
        """Raises Rejected `key_reused` when the key stands for another request."""
        if found is not None and found.read_as(RequestDocument)["digest"] != self.digest:
            raise Rejected("key_reused", "this Idempotency-Key was used with another body; make a new key")

    def record(self, expires_at: datetime, event: Message | None = None) -> Create:
        text = None if event is None else encode(event).decode()
        about: str | None = getattr(event, "player_id", None)
        return Create(self.path, documents.request_fields(self.digest, expires_at, text, about))

    def first_event(self, services: Services) -> Message | None:
        """What the key has decided before. Raises Rejected `key_reused`."""
        found = services.store.get(self.path)
        self.check(found)
        event = found.read_as(RequestDocument)["event"] if found else None
        return None if event is None else decode(event.encode())

    def remember(self, services: Services, event: Message, expires_at: datetime) -> Message:
        """The event that the key stands for from now on: this one, or that of another instance which was first."""
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
