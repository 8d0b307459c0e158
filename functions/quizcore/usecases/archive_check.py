"""Checks whether the documents of an archive can be written. Nothing in the archive is trusted.

Paths lie in the session's own collections, Firestore accepts all values, each document has the shape that the product
writes, and together they are a session that a worker can load.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from quizcore import documents
from quizcore.documents import (
    BoardHead,
    JournalDocument,
    PinDocument,
    PlayerDocument,
    RanksFields,
    SessionDocument,
    SessionQuizDocument,
    TimelineDocument,
)
from quizcore.documents.plays import SessionPlaysDocument
from quizcore.domain.fold import State
from quizcore.domain.ranks import histogram_of
from quizcore.domain.session import Options
from quizcore.layout import Layout
from quizcore.sizes import MOST_DOCUMENT_BYTES, document_bytes

DEEPEST = 20  # nesting of maps and lists that Firestore accepts
_LONGEST_MS = 600_000  # of what an opening takes, and the operator may set
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_ID = r"[A-Za-z0-9_-]{1,128}"
_UID = r"[^/]{1,128}"
_NUMBER = r"(0|[1-9][0-9]{0,5})"

Documents = Mapping[str, Mapping[str, Any]]
D = TypeVar("D")

# The valid names and the shape of the documents of each collection.
_SHAPES: list[tuple[str, str, type[Any]]] = [
    ("private", "quiz", documents.SessionQuizDocument),
    ("private", f"timeline-{_NUMBER}", documents.TimelineDocument),
    ("private", f"unfinished-{_NUMBER}", documents.UnfinishedDocument),
    ("private", "plays", SessionPlaysDocument),
    ("players", _UID, documents.PlayerDocument),
    ("boards", "top", documents.BoardDocument),
    ("boards", "ranks", documents.RanksDocument),
    ("boards", f"page-{_NUMBER}", documents.PageDocument),
    ("shards", _NUMBER, documents.ShardBoardDocument),
    ("groups", _NUMBER, documents.GroupDocument),
    ("rolls", f"{_NUMBER}-{_NUMBER}", documents.RollDocument),
    ("journal", _ID, documents.JournalDocument),
    ("nicknames", r"[^/]+", documents.NicknameDocument),
]


class ArchiveUnreadable(ValueError):
    """The file is not an archive of a session, or its documents cannot be written; the message says what to do."""


def check_session_id(session_id: Any) -> str:
    if not isinstance(session_id, str) or not _SESSION_ID.fullmatch(session_id) or _RESERVED.fullmatch(session_id):
        raise ArchiveUnreadable("the archive's session id is no id of a session; export the session again")
    return session_id


def check(session_id: str, found: Documents) -> None:
    """Raises ArchiveUnreadable, with the first document that cannot be written."""
    for path, data in found.items():
        _check_value(repr(path), data)
        if not _is_unicode(path):
            raise ArchiveUnreadable(f"the archive contains documents that are not the session's: {path!r}")
        if document_bytes(path, data) > MOST_DOCUMENT_BYTES:
            raise ArchiveUnreadable(f"{path} is larger than a document may be")
    own = found.get(documents.session_path(session_id))
    if own is None:
        raise ArchiveUnreadable("the archive does not hold the session's own document; export the session again")
    head = _check_shape(documents.session_path(session_id), own, SessionDocument)
    for path, data in found.items():
        if path != documents.session_path(session_id):
            _check_shape(path, data, _shape_of(session_id, head["pin"], path))
    pin = cast("PinDocument | None", found.get(documents.pin_path(head["pin"])))
    if pin is not None and pin["session_id"] != session_id:
        raise ArchiveUnreadable("the archive's PIN is another session's; export the session again")
    _check_whole(session_id, head, found)


def _shape_of(session_id: str, pin: str, path: str) -> type[Any]:
    if path == documents.pin_path(pin):
        return documents.PinDocument
    for collection, names, shape in _SHAPES:
        name = path.removeprefix(f"{documents.session_path(session_id)}/{collection}/")
        if name != path and re.fullmatch(names, name) and name not in {".", ".."} and not _RESERVED.fullmatch(name):
            return shape
    raise ArchiveUnreadable(f"the archive contains documents that are not the session's: {path!r}")


def _check_shape(path: str, data: Mapping[str, Any], shape: type[D]) -> D:
    """Returns the same data. Fields that the shape does not name are allowed; `_check_value` has checked their
    values."""
    try:
        TypeAdapter(shape).validate_python(data, strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, fault["loc"]))
        raise ArchiveUnreadable(f"{path}: {field}: {fault['msg']}; export the session again") from None
    return cast("D", data)


def _check_value(path: str, value: Any, depth: int = 0) -> None:
    """Refuse values that Firestore would refuse in the middle of the import."""
    match value:
        case Mapping() if depth <= DEEPEST:
            for name, each in value.items():
                if not _is_name(name):
                    raise ArchiveUnreadable(f"{path} has a field with a name that no field has")
                _check_value(path, each, depth + 1)
        case list() if depth <= DEEPEST and not any(isinstance(each, list) for each in value):
            for each in value:
                _check_value(path, each, depth + 1)
        case bool() | None | bytes() | datetime():
            pass
        case str() if _is_unicode(value):
            pass
        case float() if math.isfinite(value):
            pass
        case int() if -(2**63) <= value < 2**63:
            pass
        case _:
            raise ArchiveUnreadable(f"{path} has an invalid value: too deep, too large, or of an unknown type")


def _is_name(name: str) -> bool:
    return _is_unicode(name) and 1 <= len(name.encode()) <= 1_500 and not _RESERVED.fullmatch(name)


def _is_unicode(text: str) -> bool:
    """JSON can contain lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_whole(session_id: str, head: SessionDocument, found: Documents) -> None:
    """The documents that a worker reads must exist, and must fold."""
    _check_options(head["options"])
    missing = [path for path in _needed(session_id, head, found) if path not in found]
    if missing:
        raise ArchiveUnreadable(f"the archive lacks {missing[0]}: the session was incomplete, and cannot continue")
    try:
        _fold(session_id, head, found)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ArchiveUnreadable(f"the archive's documents make no session: {error!r}") from None


def _check_options(options: Mapping[str, Any]) -> None:
    """The options become the arguments of `Options`; an option that is newer than the archive may be missing."""
    known = documents.options_fields(Options())
    if any(value > _LONGEST_MS for name, value in options.items() if name.endswith("_ms") and type(value) is int):
        raise ArchiveUnreadable(f"the session's options hold a time of more than {_LONGEST_MS} ms")
    refused = ArchiveUnreadable("the session's options are not such as this release knows")
    if any(name not in known or type(value) is not type(known[name]) for name, value in options.items()):
        raise refused
    try:
        documents.read_options(known | dict(options))
    except ValueError:
        raise refused from None


def _needed(session_id: str, head: SessionDocument, found: Documents) -> Iterator[str]:
    shards, options = head["shards"], documents.read_options(head["options"])
    yield documents.session_quiz_path(session_id)
    yield documents.board_path(session_id)
    layout = Layout.of(session_id, head)
    yield from layout.summaries
    for shard in range(shards):
        path = layout.fence(shard)
        yield path
        board = cast("BoardHead | None", found.get(path))
        if board is not None and (board["tally"] is not None or board["final"]):
            yield documents.timeline_path(session_id, shard)
        if board is not None and layout.merged:
            parts = range(layout.table_parts(board, options))
            yield from (documents.roll_path(session_id, shard, part) for part in parts)


def _fold(session_id: str, head: SessionDocument, found: Documents) -> None:
    def named(collection: str, shape: type[D]) -> dict[str, D]:  # noqa: ARG001 (it is for mypy)
        prefix = f"{documents.session_path(session_id)}/{collection}"
        return {path.removeprefix(prefix): cast("D", data) for path, data in found.items() if path.startswith(prefix)}

    quiz = documents.read_session_quiz(named("private/quiz", SessionQuizDocument)[""])
    game = documents.read_game(head, quiz)
    if head["question_count"] != game.question_count:
        raise ValueError("question_count is not the quiz's")
    for table in chain.from_iterable(named(of, RanksFields).values() for of in ("shards/", "groups/", "boards/")):
        _each(histogram_of, table.get("scores", b""))
    players = [documents.read_player(name, data) for name, data in named("players/", PlayerDocument).items()]
    held = list(chain.from_iterable(map(documents.read_journal, named("journal/", JournalDocument).values())))
    as_of = named("boards/top", BoardHead)[""]["as_of"]
    for timeline in named("private/timeline-", TimelineDocument).values():
        state = State(game)
        state.restore(documents.read_timeline(timeline), players, held, as_of)
        documents.clock_fields(state)


def _each(read: Callable[[bytes], Iterator[Any]], data: bytes) -> None:
    for _ in read(data):
        pass
