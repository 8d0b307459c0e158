"""GET /boards/{board}/standings and /range: a board over time, with the caller's own rank."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from http_api.context import ApiContext
from http_api.openapi import PERSON, TOKEN, Reply
from http_api.problems import documented
from quizcore.documents.leaderboard import BoardName
from quizcore.ports import Caller
from quizcore.usecases import leaderboard_range
from quizcore.usecases import leaderboards as usecase


class BoardPath(BaseModel):
    board: BoardName = Field(description="`global`, `quiz-{quiz_id}` or `class-{class_id}`.")


class BoardQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    period: str = Field(
        default="week",
        max_length=32,
        description="`day`, `week`, `month` or `all` for the period that runs now; or an id: `day-2026-11-24`, "
        "`week-2026-W48`, `month-2026-11`.",
    )
    m: Annotated[int, Field(ge=0, le=50)] = Field(
        default=5, description="How many people above and below the caller; 0 for none."
    )


class BoardRow(BaseModel):
    """`who`, `nickname` and `avatar` are empty for a person who is not listed."""

    rank: int
    who: str
    nickname: str
    avatar: str
    points: int
    reached_at: int


class OwnRow(BaseModel):
    rank: int
    points: int
    games: int
    reached_at: int


class BoardView(BaseModel):
    """`people` stand on the board. `own` is null for a caller without a game in this period. `rows` are the people
    around the caller: on the board of everybody for a period that runs now, and on the board of a class."""

    board: str
    period: str
    as_of: int
    people: int
    top: list[BoardRow]
    own: OwnRow | None
    rows: list[BoardRow]


class RangeQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date = Field(alias="from", description="The first date, in the zone of the board.")
    last: date = Field(alias="to", description="The last date, included; at most 366 days.")


class RangeView(BaseModel):
    """`own` is null without a result in the range. Of a class, `people` and `top` are those of the range. Of other
    boards there is the own sum alone: `own.rank` is 0, and `top` is empty."""

    board: str
    first: date
    last: date
    as_of: int
    people: int
    top: list[BoardRow]
    own: OwnRow | None


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get(
        "/boards/<board>/standings",
        summary="A leaderboard of a day, week, month or of all time, with the caller's rank",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: BoardView,
            **documented(
                *("invalid", "unauthenticated", "account_needed", "account_unusable", "unknown_board"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def leaderboard(path: BoardPath, query: BoardQuery) -> Reply:
        caller: Caller = g.caller
        context.limits.check("answers", caller.uid, context.settings.answers_per_minute)
        view = usecase.leaderboard(context.services, caller, path.board, query.period, query.m)
        return BoardView(**asdict(view)).model_dump()

    @api.get(
        "/boards/<board>/range",
        summary="The caller's own sum in any range of dates, and the board of a class",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: RangeView,
            **documented(
                *("invalid", "unauthenticated", "account_needed", "account_unusable", "unknown_board"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def in_range(path: BoardPath, query: RangeQuery) -> Reply:
        caller: Caller = g.caller
        context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
        found = leaderboard_range.leaderboard_range(context.services, caller, path.board, query.first, query.last)
        return RangeView(**asdict(found)).model_dump(mode="json")
