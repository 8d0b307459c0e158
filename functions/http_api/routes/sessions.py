"""POST /sessions and GET /sessions: a host opens a session of a quiz, and lists earlier sessions."""

from typing import Annotated

from flask import g, request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.edge import SITE
from http_api.openapi import HOST, TOKEN, Reply
from http_api.problems import documented
from quizcore.documents import SessionDocument
from quizcore.domain.session import Options, Phase, Reveal, Scoring
from quizcore.messages import Id
from quizcore.ports import Caller
from quizcore.usecases import open_session as usecase
from quizcore.usecases.list_sessions import PAGE_SESSIONS, Keyset, page_of_sessions

# The keyset of the last session of a page, as text: its creation time (ms since the epoch) and its id.
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}\.[A-Za-z0-9_-]{1,128}$")]


class SessionOptions(BaseModel):
    """The options of the session; every field has a default."""

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
    auto_close: bool = Field(
        default=True,
        description="A question closes when all players who joined before its choices were shown have answered.",
    )
    late_join: bool = True
    approval: bool = Field(default=False, description="Only admitted players are shown and may answer.")
    board_hidden: bool = Field(default=False, description="The board lists no players; players see their own points.")
    lead_ms: Annotated[int, Field(ge=0, le=30_000)] = 3_000
    review_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 5_000


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quiz_id: Id
    options: SessionOptions = SessionOptions()
    expected_players: Annotated[int, Field(ge=1, le=10_000_000, strict=True)] = Field(
        default=1, description="About how many will play; more than 2,000 are spread over shards."
    )
    class_id: Id | None = Field(default=None, description="The class of the host that plays, for its leaderboard.")


class SessionOpened(BaseModel):
    session_id: str
    pin: str
    join_url: str


class OwnSessionsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=PAGE_SESSIONS)] = PAGE_SESSIONS
    after: Cursor | None = Field(default=None, description="`next` of the page before.")


class OwnSession(BaseModel):
    session_id: str
    pin: str
    quiz_id: str
    title: str
    state: Phase
    player_count: int
    created_at: int
    final: bool


class OwnSessions(BaseModel):
    """The newest sessions first. `next` is the `after` of the following page; null on the last page."""

    sessions: list[OwnSession]
    next: Cursor | None


def register(api: APIBlueprint, context: ApiContext) -> None:
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
    def open_session(body: SessionBody) -> tuple[Reply, int]:
        caller: Caller = g.caller
        context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
        wanted = usecase.Wanted(
            body.quiz_id, Options(**body.options.model_dump()), body.expected_players, body.class_id
        )
        opened = usecase.open_session(context.services, context.settings, caller, wanted, context.request(body))
        context.telemetry.add("api_accepted")
        join_url = f"{_site(context)}/join?pin={opened.pin}"
        return SessionOpened(session_id=opened.session_id, pin=opened.pin, join_url=join_url).model_dump(), 201

    @api.get(
        "/sessions",
        summary="The sessions that the caller hosts",
        tags=HOST,
        security=TOKEN,
        responses={200: OwnSessions, **documented("invalid", "unauthenticated", "slow_down", "try_again")},
    )
    def own_sessions(query: OwnSessionsQuery) -> Reply:
        caller: Caller = g.caller
        context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
        page = page_of_sessions(context.store, caller.uid, query.limit, _keyset(query.after))
        listed = [_listed(session.name, session.read_as(SessionDocument)) for session in page.sessions]
        return OwnSessions(sessions=listed, next=_cursor(page.next)).model_dump()


def _site(context: ApiContext) -> str:
    """The site where players join: the setting, else the site that the host called, else the project's default site.
    The function's own address serves no pages."""
    settings = context.settings
    if settings.public_url or request.environ.get(SITE):
        return (settings.public_url or request.environ[SITE]).rstrip("/")
    return request.host_url.rstrip("/") if settings.firestore_emulator else f"https://{settings.project}.web.app"


def _keyset(after: str | None) -> Keyset | None:
    if after is None:
        return None
    created_at, _, session_id = after.partition(".")
    return int(created_at), session_id


def _cursor(keyset: Keyset | None) -> str | None:
    return keyset and f"{keyset[0]}.{keyset[1]}"


def _listed(session_id: str, session: SessionDocument) -> OwnSession:
    return OwnSession(
        session_id=session_id,
        pin=session["pin"],
        quiz_id=session["quiz_id"],
        title=session["title"],
        state=Phase(session["state"]),
        player_count=session["player_count"],
        created_at=session["created_at"],
        final=session["final"],
    )
