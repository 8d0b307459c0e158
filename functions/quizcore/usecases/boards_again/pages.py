"""Whole collections, read page by page."""

from collections.abc import Iterator, Sequence

from quizcore.ports import DocumentReader, Snapshot, Where

ROWS_A_PAGE = 300


def pages(
    reader: DocumentReader, collection: str, where: Sequence[Where] = (), most: int = ROWS_A_PAGE
) -> Iterator[Snapshot]:
    """The documents of a collection, sorted by name; `most` are in memory at a time."""
    after: tuple[None, str] | None = None
    while True:
        found = reader.list(collection, where, most, after=after)
        yield from found
        if len(found) < most:
            return
        after = (None, found[-1].name)
