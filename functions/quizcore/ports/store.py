"""The document store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

Fields = Mapping[str, Any]
Version = object  # opaque: a read returns it, and a write requires it
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was read. `version` is opaque; it changes with every change of the document."""

    path: str
    data: dict[str, Any]
    version: Version

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def read_as(self, shape: type[D]) -> D:  # noqa: ARG002 (it is for mypy)
        """The data with the shape of this document, one of `quizcore/documents/`. Nothing is checked here: only the
        product writes documents, and `usecases/archive_check.py` has checked imported documents."""
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

    There is no upsert of leaves: deletion by age can delete the document at any time, and an upsert would recreate a
    part of it, without `expires_at`.
    """

    path: str
    data: Fields


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a whole document if its version is still `version`: a compare-and-set."""

    path: str
    data: Fields
    version: Version


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a document. With a `version`: only if the document still has this version."""

    path: str
    version: Version = None


Write = Create | Put | Update | Replace | Delete


class StoreError(Exception):
    """The document store did not respond or refused the request."""


class Conflict(StoreError):
    """A precondition failed (a document exists, is missing, or has changed). Nothing was written."""


class CommitTooLarge(StoreError):
    """The writes are too large for one commit. Nothing was written."""


class OutcomeUnknown(StoreError):
    """The store did not respond; the commit may or may not have been made. Read before a retry."""


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
        descend when the order does. `after` is a keyset: the list begins after this value of the order's field and
        this document's name; without `order_by` the value is None, and `where` has equalities only. The document may
        have been deleted since."""

    def count(self, collection: str, where: Sequence[Where]) -> int:
        """The number of documents that `list` would return, without reading them."""


class DocumentStore(DocumentReader, Protocol):
    def get(self, path: str) -> Snapshot | None: ...

    def find(self, name: str, where: Sequence[Where]) -> list[Snapshot]:
        """Documents of every collection of this name, at any path, sorted by path."""

    def at_one_moment(self, read: Callable[[DocumentReader], T]) -> T:
        """Return what `read` returns. All that `read` reads is as of one moment, and no commit waits for it."""

    def commit(self, writes: Sequence[Write]) -> dict[str, Version]:
        """Make all of the writes or none. Returns the new version of each document by path.

        Raises Conflict or CommitTooLarge (nothing was written) or OutcomeUnknown.
        """

    def listen(self, path: str, heard: Callable[[Snapshot | None], None]) -> Callable[[], None]:
        """Call `heard` with the document now and after each change. Returns the function that stops listening."""
