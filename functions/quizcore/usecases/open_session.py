"""A host opens a session of a quiz."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quizcore import documents
from quizcore.documents import BoardStamps, ClassDocument, Expiring, HeadFields, QuestionDocument, QuizDocument
from quizcore.domain.fold import State
from quizcore.domain.quiz import Quiz
from quizcore.domain.roles import Task
from quizcore.domain.session import Game, Options
from quizcore.layout import Layout
from quizcore.merging import combined, group_fields, summary_of
from quizcore.ports import Caller, Conflict, Create, Write
from quizcore.settings import ApiSettings
from quizcore.shards import shards_for
from quizcore.usecases import pins
from quizcore.usecases.contention import tries
from quizcore.usecases.members import check_may
from quizcore.usecases.pins import Pin
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked, Request
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Wanted:
    """The host's request. The settings add the operator's options."""

    quiz_id: str
    options: Options
    expected_players: int
    class_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    session_id: str
    pin: str


def open_session(services: Services, settings: ApiSettings, caller: Caller, wanted: Wanted, request: Request) -> Opened:
    """Raises Rejected `forbidden`, `unknown_quiz`, `too_many_sessions`, `key_reused`, `no_free_pin` or `try_again`;
    StoreError."""
    check_may(caller, Task.OPEN_SESSIONS)
    session_id = services.derived_id(f"session/{caller.uid}", request.key)
    asked = Asked.of_host(session_id, request)
    pin = _pin_of(services, session_id, asked)
    if pin is None:
        _check_quota(services, caller.uid, settings.open_sessions_per_host)
        _check_class(services, caller, wanted.class_id)
        game = Game(_playable_quiz(services, wanted.quiz_id, caller), _options(wanted.options, settings))
        shards = shards_for(wanted.expected_players)
        layout = Layout.for_shards(session_id, shards, settings.group_shards)
        head = documents.head_fields(
            layout.fields, quiz_id=wanted.quiz_id, host_id=caller.uid, class_id=wanted.class_id
        )
        pin = _write(services, session_id, game, head, asked, days=settings.session_days)
    return Opened(session_id, pin)


def _options(asked: Options, settings: ApiSettings) -> Options:
    return replace(asked, reserve_ms=settings.reveal_reserve_ms, delivery_ms=settings.delivery_bound_ms)


def _playable_quiz(services: Services, quiz_id: str, caller: Caller) -> Quiz:
    """Raises Rejected `unknown_quiz`, with the same text for a missing quiz and for another owner's private quiz."""
    quiz = services.store.get(documents.quiz_path(quiz_id))
    head = quiz.read_as(QuizDocument) if quiz else None
    if head is None or not (head["visibility"] == "public" or head["owner_id"] == caller.uid):
        raise Rejected("unknown_quiz", "there is no such quiz, or it is not yours")
    questions = services.store.list(documents.questions_path(quiz_id))
    return documents.read_stored_quiz(
        head, {question.name: question.read_as(QuestionDocument) for question in questions}
    )


def _pin_of(services: Services, session_id: str, asked: Asked | None) -> str | None:
    """The PIN of a session that an earlier try of this request has opened. Raises Rejected `key_reused`."""
    if asked is None:
        return None
    path = documents.session_path(session_id)
    stored = services.store.get_many([path, asked.path])
    asked.check(stored.get(asked.path))
    session = stored[path].data if path in stored else {}
    return session["pin"] if documents.is_whole_session(session) else None


def _check_quota(services: Services, host_id: str, most: int) -> None:
    """Raises Rejected `too_many_sessions`. The count precedes the commit, so concurrent requests may exceed the quota
    by a few sessions."""
    still_open = services.store.count(documents.SESSIONS, [("host_id", "==", host_id), ("final", "==", False)])
    if still_open >= most:
        raise Rejected("too_many_sessions", f"you have {still_open} open sessions; finish some of them first")


def _check_class(services: Services, caller: Caller, class_id: str | None) -> None:
    """Raises Rejected `forbidden`, with the same text for a missing class and for another host's class."""
    if class_id is None:
        return
    found = services.store.get(documents.class_path(class_id))
    if found is None or found.read_as(ClassDocument)["owner_id"] != caller.uid:
        raise Rejected("forbidden", "there is no such class, or it is not yours; name one of your own")


def _write(  # noqa: PLR0913 (what a session is made of)
    services: Services, session_id: str, game: Game, head: HeadFields, asked: Asked | None, *, days: int
) -> str:
    """Write all documents of a new session in one commit. Returns the PIN; when a concurrent try of the same request
    was faster, the PIN of the session that it opened. Raises Rejected `key_reused`, `no_free_pin` or `try_again`."""
    now = services.clock.now_ms()
    expires_at = documents.expiry(now) + timedelta(days=days)
    remembered = [] if asked is None else [asked.record(expires_at)]
    for attempt in tries(services.sleep):
        pin = pins.free(services) if attempt else pins.unchecked(services)
        commit_id = services.ids.secret_id()
        opening = opening_writes(session_id, pin, game, head, now=now, commit_id=commit_id, expires_at=expires_at)
        try:
            services.store.commit([*opening, *remembered])
        except Conflict:
            known = _pin_of(services, session_id, asked)
            if known is not None:
                return known
        else:
            return pin.digits
    raise AssertionError("unreachable: the last try raises")


def opening_writes(  # noqa: PLR0913 (what a session is made of)
    session_id: str,
    pin: Pin,
    game: Game,
    head: HeadFields,
    *,
    now: int,
    commit_id: str,
    expires_at: datetime,
) -> list[Write]:
    """The writes of one commit, which conflicts when the PIN is in use."""
    state, expiring = State(game, now=now), Expiring(expires_at=expires_at)
    session = documents.session_fields(head, state, pin=pin.digits, created_at=now, expires_at=expires_at)
    layout = Layout.of(session_id, head)
    top = documents.board_fields(state, seq=0, commit_id=commit_id, top_k=1)
    board = layout.board(state, seq=0, commit_id=commit_id, top_k=1)
    boards: dict[str, Mapping[str, object]] = {documents.board_path(session_id): top}
    boards |= dict.fromkeys(layout.fences, board)
    stamps = BoardStamps(seq=0, commit_id=commit_id, as_of=now)
    empty = documents.shard_fields(state, seq=0, commit_id=commit_id, top_k=1)
    for group, path in enumerate(layout.summaries):
        summary = combined(summary_of(shard, empty) for shard in layout.shards_of(group))
        boards[path] = documents.stamped_group(group_fields(summary, top_k=1), stamps)
    return [
        pin.given_to(session_id, expires_at),
        Create(documents.session_path(session_id), session),
        Create(documents.session_quiz_path(session_id), documents.session_quiz_fields(game.quiz, expires_at)),
        *(Create(path, {**board, **expiring}) for path, board in boards.items()),
    ]
