"""What the core asks of the outside world. Each port has an in-memory twin in `adapters/memory.py`.

The contract of each port stands here; `tests/contract` holds every adapter to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from quizcore.messages import Message

Fields = Mapping[str, Any]
T = TypeVar("T")
D = TypeVar("D")


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch."""

    def behind_most_ms(self) -> int | None:
        """How far this clock may be behind the store's clock (ms); None while that is unknown."""


class Ids(Protocol):
    def event_id(self) -> str:
        """A UUIDv7: unique, and sorted by the time of its creation."""

    def secret_id(self) -> str:
        """An unguessable id of letters and digits, fit for a document's name."""

    def pin(self) -> str:
        """Six random digits."""

    def code(self) -> str:
        """Six random characters of `quizcore/domain/codes.py`."""


# --- documents -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was read. `version` is opaque; it changes with every change of the document."""

    path: str
    data: dict[str, Any]
    version: Any

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def read_as(self, shape: type[D]) -> D:  # noqa: ARG002 (it is for mypy)
        """The data as the document at this path, one of `quizcore/documents/`. Nothing is checked here:
        only the product writes documents, and `usecases/archive_check.py` has checked what an import brings."""
        return cast("D", self.data)


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not exist."""

    path: str
    data: Fields


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole document, whether or not it exists."""

    path: str
    data: Fields


@dataclass(frozen=True, slots=True)
class Update:
    """Write the given leaves of a document that must exist, and keep its other leaves.

    There is no upsert of leaves: deletion by age can take the document at any moment, and an upsert would bring a part
    of it back, without `expires_at`.
    """

    path: str
    data: Fields


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a whole document if its version is still `version`: a compare-and-set."""

    path: str
    data: Fields
    version: Any


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a document. With a `version`: only if the document still has this version."""

    path: str
    version: Any = None


Write = Create | Put | Update | Replace | Delete


class StoreError(Exception):
    """The document store did not do what was asked."""


class Conflict(StoreError):
    """A precondition did not hold (a document exists, is gone, or changed). Nothing was written."""


class CommitTooLarge(StoreError):
    """The writes are more than one commit takes. Nothing was written."""


class OutcomeUnknown(StoreError):
    """The store did not answer; the commit may or may not have been made. Read before repeating."""


Where = tuple[str, str, Any]  # a field, `==`, `<`, `<=`, `>` or `>=`, and a value; null is not in any range


@dataclass(frozen=True, slots=True)
class OrderBy:
    field: str
    descending: bool = False


class DocumentReader(Protocol):
    """Documents by path, read with strong consistency."""

    def get_many(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """The documents that exist, by path, as of one moment."""

    def list(
        self,
        collection: str,
        where: Sequence[Where] = (),
        limit: int | None = None,
        order_by: OrderBy | None = None,
        after: tuple[Any, str] | None = None,
    ) -> list[Snapshot]:
        """Documents of a collection, sorted by `order_by` and then by name; without `order_by` by name alone. Names
        descend when the order does. `after` is a keyset: the list begins behind this value of the order's field and
        this document's name. The document may have been deleted since."""

    def count(self, collection: str, where: Sequence[Where]) -> int:
        """How many documents `list` would give, without reading them."""


class DocumentStore(DocumentReader, Protocol):
    def get(self, path: str) -> Snapshot | None: ...

    def find(self, name: str, where: Sequence[Where]) -> list[Snapshot]:
        """Documents of every collection of this name, wherever it lies, sorted by path."""

    def at_one_moment(self, read: Callable[[DocumentReader], T]) -> T:
        """Return what `read` returns. All that `read` reads is as of one moment, and no commit waits for it."""

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        """Make all of the writes or none. Returns the new version of each document by path.

        Raises Conflict or CommitTooLarge (nothing was written) or OutcomeUnknown.
        """

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        """Call `heard` with the document now and after each change. Returns the function that stops listening."""


# --- messages ------------------------------------------------------------------------------------


class BusUnavailable(Exception):
    """The bus did not take the messages in time. Repeating with the same event ids is safe."""


class Publisher(Protocol):
    def publish(self, messages: Sequence[Message]) -> None:
        """Return only after the bus has taken every message. Raises BusUnavailable."""

    def dead_letter(self, body: bytes, reason: str) -> None:
        """Send the body of a message that cannot be counted to the dead-letter topic, with the reason. Raises
        BusUnavailable."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the bus delivered it. Only the source reads `ack_id`."""

    body: bytes
    ack_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class SourceEnded(Exception):
    """The source will deliver no more and cannot heal by itself; the process should end."""


class EventSource(Protocol):
    """Where the worker's messages come from. The bus delivers each message at least once, in any order.

    A message without an `ack` is redelivered, to any subscriber, when this process stops extending its deadline.
    """

    async def start(self) -> None: ...

    async def receive(self) -> Sequence[Delivery]:
        """Wait for the next messages, at least one; an empty batch means closed. Raises SourceEnded."""

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge messages: the bus forgets them. After a lost acknowledgement the bus delivers them again."""

    async def nack(self, deliveries: Sequence[Delivery]) -> None:
        """Give messages back (nack): the bus delivers them again, at once or after their deadline."""

    async def close(self) -> None:
        """Ask for no more messages, and return when none will come. Messages that are under way are still received,
        and can be acknowledged until `stop`."""

    async def stop(self, within_s: float) -> None:
        """End for good, within `within_s` seconds. The bus delivers unacknowledged messages again."""

    def silent_s(self) -> float:
        """Seconds since the bus last answered (an empty answer counts); infinite when a reader has ended. Safe from any
        thread."""

    @property
    def full_pull(self) -> int:
        """A batch of this many messages means a backlog."""


# --- final sessions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FinalSession:
    """One final version of a session; moments in ms since the epoch. The documents below the session say the rest.

    `seq` is the version: the `seq` of the final board. `replaces` is the version that was handed on before, 0 for none.
    `players` stand on the board, and `answers` is how many of their answers count. `finished_at` is when the session
    was ended, `final_at` when this version was made. `class_id` is the class of the host that the session was opened
    for, or None; the class may be deleted by now.
    """

    session_id: str
    seq: int
    replaces: int
    quiz_id: str
    host_id: str
    language: str
    question_count: int
    created_at: int
    finished_at: int
    final_at: int
    players: int
    answers: int
    class_id: str | None


class NotReceived(Exception):
    """The receiver did not take a final session. The worker hands the session on again."""


class FinalReceiver(Protocol):
    def receive(self, final: FinalSession) -> None:
        """Take in a session that has become final, or whose final result has changed. Raises NotReceived.

        At least once: a version may come again, with the same content. A version may come after a later one; keep the
        highest `seq` of a session. A version that was replaced soon may never come.
        """


# --- people --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the uid, the role claim, the session of a player's token, and when the token expires (ms since the
    epoch; 0 when unknown)."""

    uid: str
    role: str | None = None
    session_id: str | None = None
    expires_at: int = field(default=0, compare=False)


class TokenRefused(Exception):
    """The ID token is missing, malformed, expired, or not ours."""


class TokenCheckUnavailable(Exception):
    """The keys to check tokens with could not be fetched; try again."""


class AccountsUnavailable(Exception):
    """The service that keeps the accounts did not do what was asked; try again. The message is for the operator."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the service keeps of an account. `created_at` and `signed_in_at` in ms since the epoch; 0 when unknown."""

    email: str | None
    providers: tuple[str, ...]
    created_at: int
    signed_in_at: int


class TokenNotSigned(Exception):
    """No token could be signed; try again. The message is for the operator: what fails, and what to do."""


class Attestation(Protocol):
    def verify(self, token: str) -> None:
        """Check that the request comes from one of our apps. Raises TokenRefused or TokenCheckUnavailable."""


class Identity(Protocol):
    def verify(self, id_token: str) -> Caller:
        """Raises TokenRefused or TokenCheckUnavailable."""

    def mint(self, uid: str, claims: Mapping[str, str]) -> str:
        """A custom token that signs its bearer in as `uid`. Raises TokenNotSigned."""

    def account(self, uid: str) -> AccountFacts | None:
        """The account of this uid, or None. An ID token outlives its account by up to an hour. Raises
        AccountsUnavailable."""

    def forget(self, uids: Sequence[str]) -> None:
        """Delete these accounts, those that are there. Raises AccountsUnavailable."""
