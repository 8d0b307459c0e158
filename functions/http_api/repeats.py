"""What an Idempotency-Key was first used for, in a document that every instance reads."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from http_api.contention import tries
from http_api.door import Door
from http_api.problems import Refusal
from quizcore import documents
from quizcore.messages import Message, decode, encode
from quizcore.ports import Conflict, Create, Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that bears a key, and the document that remembers it once it was accepted. A refusal is not
    remembered: it leaves the key unused."""

    path: str
    digest: str

    @classmethod
    def of_host(cls, session_id: str, key: str | None, body: BaseModel) -> Self | None:
        """None without a key."""
        return None if key is None else cls(documents.request_path(session_id, key), _digest(key, body))

    @classmethod
    def of_player(cls, door: Door, uid: str | None, key: str | None, body: BaseModel) -> Self | None:
        """None without a key."""
        if key is None:
            return None
        return cls(documents.join_request_path(door.derived_id(f"join/{uid or ''}", key)), _digest(key, body))

    def check(self, found: Snapshot | None) -> None:
        """Raises Refusal `key_reused` when the key stands for another request."""
        if found is not None and found.data["digest"] != self.digest:
            raise Refusal("key_reused", "this Idempotency-Key was used with another body; make a new key")

    def record(self, expires_at: datetime, event: Message | None = None) -> Create:
        text = None if event is None else encode(event).decode()
        about: str | None = getattr(event, "player_id", None)
        return Create(self.path, documents.request_fields(self.digest, expires_at, text, about))

    def first_event(self, door: Door) -> Message | None:
        """What the key has decided before. Raises Refusal `key_reused`."""
        found = door.store.get(self.path)
        self.check(found)
        return None if found is None or found.data["event"] is None else decode(found.data["event"].encode())

    def remember(self, door: Door, event: Message, expires_at: datetime) -> Message:
        """The event that the key stands for from now on: this one, or that of another instance which was first."""
        for _ in tries(door):
            try:
                door.store.commit([self.record(expires_at, event)])
            except Conflict:
                first = self.first_event(door)
            else:
                return event
            if first is not None:
                return first
        raise AssertionError("unreachable: the last try refuses")


def _digest(key: str, body: BaseModel) -> str:
    """With the key, so that nobody who reads the digest can try out bodies. Only what was sent counts: a default that a
    release changes leaves a retry the same request."""
    return hashlib.sha256(f"{key}\n{body.model_dump_json(exclude_unset=True)}".encode()).hexdigest()
