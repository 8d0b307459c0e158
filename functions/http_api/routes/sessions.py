"""POST /sessions: a host opens a session of a quiz."""

from datetime import timedelta
from typing import Annotated, Any

from flask import g, request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from http_api import pins
from http_api.contention import tries
from http_api.door import Door
from http_api.edge import SITE
from http_api.openapi import HOST, TOKEN
from http_api.problems import Refusal, documented
from http_api.repeats import Asked
from quizcore import documents
from quizcore.domain.quiz import Quiz
from quizcore.domain.session import Game, Options, Reveal, Scoring
from quizcore.messages import Id
from quizcore.ports import Caller, Conflict
from quizcore.shards import shards_for
from quizcore.usecases.open_session import opening_writes

HOST_ROLE = "host"


class SessionOptions(BaseModel):
    """How the session is played; every field has a default."""

    model_config = ConfigDict(extra="forbid")

    scoring: Scoring = Scoring.CLASSIC
    reveal: Reveal = Field(
        default=Reveal.ON_CLOSE,
        description="`on_close`: scores move when the question is over. `on_answer`: at once.",
    )
    streak_bonus: bool = False
    partial: bool = Field(default=False, description="Part of the points for part of a `multiple` key.")
    one_typo: bool = Field(default=True, description="A typed answer may have one typo in a long word.")
    auto_advance: bool = Field(default=False, description="After the first `next` the session drives itself.")
    late_join: bool = True
    approval: bool = Field(default=False, description="Nobody is shown or may answer whom the host has not let in.")
    board_hidden: bool = Field(default=False, description="The board lists nobody; players see their own points.")
    lead_ms: Annotated[int, Field(ge=0, le=30_000)] = 3_000
    review_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 5_000


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quiz_id: Id
    options: SessionOptions = SessionOptions()
    expected_players: Annotated[int, Field(ge=1, le=10_000_000, strict=True)] = Field(
        default=1, description="About how many will play; more than 2,000 are spread over shards."
    )


class SessionOpened(BaseModel):
    session_id: str
    pin: str
    join_url: str


def register(api: APIBlueprint, door: Door) -> None:
    @api.post(
        "/sessions",
        summary="Open a session of a quiz",
        tags=HOST,
        security=TOKEN,
        responses={
            201: SessionOpened,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "unknown_quiz", "key_reused", "too_many_sessions"),
                *("too_large", "slow_down", "try_again", "no_free_pin"),
            ),
        },
    )
    def open_session(body: SessionBody) -> tuple[dict[str, Any], int]:
        caller: Caller = g.caller
        if caller.role != HOST_ROLE:
            raise Refusal("forbidden", "only a host opens sessions; ask an operator for the role")
        door.limits.check("commands", caller.uid, door.settings.commands_per_minute)
        key = door.idempotency_key()
        session_id = door.derived_id(f"session/{caller.uid}", key)
        asked = Asked.of_host(session_id, key, body)
        pin = _pin_of(door, session_id, asked) or _open(door, session_id, body, caller, asked)
        door.telemetry.add("door_accepted")
        opened = SessionOpened(session_id=session_id, pin=pin, join_url=f"{_site(door)}/join?pin={pin}")
        return opened.model_dump(), 201


def _options(door: Door, asked: SessionOptions) -> Options:
    settings = door.settings
    return Options(**asked.model_dump(), reserve_ms=settings.reveal_reserve_ms, delivery_ms=settings.delivery_bound_ms)


def _site(door: Door) -> str:
    """Where people join: as it is set; else where the host calls; else the site that every project has. The function's
    own address serves no pages."""
    settings = door.settings
    if settings.public_url or request.environ.get(SITE):
        return (settings.public_url or request.environ[SITE]).rstrip("/")
    return request.host_url.rstrip("/") if settings.firestore_emulator else f"https://{settings.project}.web.app"


def _playable_quiz(door: Door, quiz_id: str, caller: Caller) -> Quiz:
    """Somebody else's private quiz is as unknown as one that does not exist."""
    found = door.store.get(documents.quiz_path(quiz_id))
    if found is None or not (found.data["visibility"] == "public" or found.data["owner_id"] == caller.uid):
        raise Refusal("unknown_quiz", "there is no such quiz, or it is not yours")
    questions = door.store.list(documents.questions_path(quiz_id))
    in_order = sorted(questions, key=lambda question: int(question.name))
    return documents.read_quiz(found.data, [question.data for question in in_order])


def _pin_of(door: Door, session_id: str, asked: Asked | None) -> str | None:
    """The PIN of a session that an earlier try of this request has opened. Raises Refusal `key_reused`."""
    if asked is None:
        return None
    path = documents.session_path(session_id)
    found = door.store.get_many([path, asked.path])
    asked.check(found.get(asked.path))
    known = found.get(path)
    return known.data["pin"] if known and documents.is_whole_session(known.data) else None


def _open(door: Door, session_id: str, body: SessionBody, caller: Caller, asked: Asked | None) -> str:
    """Gives the PIN. Raises Refusal."""
    _check_quota(door, caller.uid)
    game = Game(_playable_quiz(door, body.quiz_id, caller), _options(door, body.options))
    told = {"quiz_id": body.quiz_id, "host_id": caller.uid, "shards": shards_for(body.expected_players)}
    return _write_session(door, session_id, game, told, asked)


def _check_quota(door: Door, host_id: str) -> None:
    """Counted before, so that many openings at once may pass it by a few. Raises Refusal `too_many_sessions`."""
    still_open = door.store.count(documents.SESSIONS, [("host_id", "==", host_id), ("final", "==", False)])
    if still_open >= door.settings.open_sessions_per_host:
        raise Refusal("too_many_sessions", f"you have {still_open} open sessions; finish some of them first")


def _write_session(door: Door, session_id: str, game: Game, told: dict[str, Any], asked: Asked | None) -> str:
    """All documents of a new session in one commit. Gives the PIN: of this session as whoever was first opened it."""
    now = door.clock.now_ms()
    expires_at = documents.expiry(now) + timedelta(days=door.settings.session_days)
    remembered = [] if asked is None else [asked.record(expires_at)]
    for attempt in tries(door):
        pin = pins.free(door) if attempt else pins.unseen(door)
        commit_id = door.ids.secret_id()
        opening = opening_writes(session_id, pin, game, told, now=now, commit_id=commit_id, expires_at=expires_at)
        try:
            door.store.commit([*opening, *remembered])
        except Conflict:
            known = _pin_of(door, session_id, asked)
            if known is not None:
                return known
        else:
            return pin.digits
    raise AssertionError("unreachable: the last try refuses")
