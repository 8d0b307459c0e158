"""Read → plan → commit, fenced by one document's version: all retries and back-off of the worker.

When another writer has changed the fence, the commit writes nothing; the job drops its memory of the documents, and
reads again. A conflict or a missing response may hide a commit of this job: the store's client retries a commit, and
the second copy conflicts with the fence that the first copy has changed. The fence's `commit_id` shows whether the
commit was made.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from quizcore.documents import BoardHead
from quizcore.ports import Conflict, DocumentStore, OutcomeUnknown, Version, Write

BACKOFF_FIRST_S = 0.02
BACKOFF_MOST_S = 1.0

Given = TypeVar("Given")
Result = TypeVar("Result")


class GaveUp(Exception):
    """The bounded tries are used up; nothing was acknowledged, so nothing is lost."""


class FencedJob(ABC, Generic[Given, Result]):
    """Safe to repeat, and to run in two processes at the same time. `name` is the job's name in messages to the
    operator."""

    def __init__(self, name: str, store: DocumentStore, attempts: int) -> None:
        self._name = name
        self._attempts = attempts
        self.store = store

    @abstractmethod
    async def attempt(self, given: Given) -> Result:
        """Read the documents that are not in memory, plan, and `commit`. Raises Conflict when a document was
        outdated."""

    @abstractmethod
    def forget(self) -> None:
        """Drop the memory of the documents; the next attempt reads them."""

    @abstractmethod
    def lost(self, error: Conflict | OutcomeUnknown, attempt: int) -> None:
        """Count a failed attempt that is retried."""

    async def run(self, given: Given) -> Result:
        """Raises GaveUp after bounded tries, and all errors of `attempt` except Conflict and OutcomeUnknown."""
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(backoff(attempt - 1))
            try:
                return await self.attempt(given)
            except (Conflict, OutcomeUnknown) as error:
                self.lost(error, attempt)
                self.forget()
        raise GaveUp(f"{self._name}: {self._attempts} tries failed")

    async def commit(self, writes: Sequence[Write], fence: str, commit_id: str) -> Version:
        """Make the commit, which replaces the document at the path `fence` by one with `commit_id`. Returns that
        document's new version. Raises Conflict when another writer was first, OutcomeUnknown, or CommitTooLarge."""
        try:
            versions = await asyncio.to_thread(self.store.commit, writes)
        except (Conflict, OutcomeUnknown):
            found = await asyncio.to_thread(self.store.get, fence)
            if found is None or found.read_as(BoardHead)["commit_id"] != commit_id:
                raise
            return found.version
        return versions[fence]


class Pauses:
    """Growing pauses between two runs of a job that fails (ms)."""

    def __init__(self, first_ms: int, most_ms: int) -> None:
        self._first_ms = first_ms
        self._most_ms = most_ms
        self._pause_ms = first_ms
        self.next_at = 0

    def began(self, now: int) -> None:
        self.next_at = now + self._pause_ms
        self._pause_ms = min(2 * self._pause_ms, self._most_ms)

    def done(self) -> None:
        self._pause_ms = self._first_ms


def backoff(attempt: int) -> float:
    """Exponential, with full jitter (s), so that two workers on one shard do not run in step."""
    return random.uniform(0, min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2**attempt))  # noqa: S311 (no secret)
