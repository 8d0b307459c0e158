"""GET /me/history: the games of a person."""

from typing import Annotated

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.openapi import PERSON, TOKEN, Reply
from http_api.problems import documented
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.ports import Caller
from quizcore.usecases import history as usecase
from quizcore.usecases.history import MOST_GAMES, Keyset

# The keyset of the last game of a page, as text: when the game ended (ms since the epoch), and its session.
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}\.[A-Za-z0-9_-]{1,128}$")]


class HistoryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST_GAMES)] = MOST_GAMES
    before: Cursor | None = Field(default=None, description="`next` of the page before.")


class Game(BaseModel):
    """`at` is when the session ended (ms since the epoch). `rank` is 0 in a session that shows no places."""

    session_id: str
    quiz_id: str
    title: str
    at: int
    points: int
    rank: int
    of: int


class History(BaseModel):
    """The newest game first. `next` is the `before` of the following page; null on the last one."""

    games: list[Game]
    next: Cursor | None


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get(
        "/me/history",
        summary="The games of the caller, newest first",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: History,
            **documented(
                *("invalid", "unauthenticated", "account_needed", "account_unusable", "no_profile"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def history(query: HistoryQuery) -> Reply:
        before = _keyset(query.before)
        page = usecase.history(context.services, _caller(context), query.limit, before)
        return History(games=[_game(each) for each in page.games], next=_cursor(page.next)).model_dump()


def _caller(context: ApiContext) -> Caller:
    caller: Caller = g.caller
    context.limits.check("profile", caller.uid, context.settings.profile_calls_per_minute)
    return caller


def _game(one: Contribution) -> Game:
    return Game(
        session_id=one.session_id,
        quiz_id=one.quiz_id,
        title=one.title,
        at=one.at,
        points=one.points or 0,
        rank=one.rank,
        of=one.of,
    )


def _keyset(before: str | None) -> Keyset | None:
    if before is None:
        return None
    at, _, session_id = before.partition(".")
    return int(at), session_id


def _cursor(keyset: Keyset | None) -> str | None:
    return keyset and f"{keyset[0]}.{keyset[1]}"
