"""GET /sessions/{id}/standings: the players just above and below a player."""

from typing import Annotated

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from http_api.context import ApiContext
from http_api.openapi import PLAYER, TOKEN, Reply
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.messages import PlayerId
from quizcore.ports import Caller
from quizcore.usecases import standings as usecase

ME = "me"


class StandingsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    around: PlayerId = Field(default=ME, description="`me`, or a player's id.")
    m: Annotated[int, Field(ge=0, le=50)] = Field(default=5, description="How many above, and how many below.")


class StandingRow(BaseModel):
    rank: int
    player_id: str
    nickname: str
    avatar: str
    score: int


class StandingsAround(BaseModel):
    """Exact as of the moment at which the shards' boards had these `seqs`. In a session of more than 64 shards, the
    rows are of one moment, and ranks and `player_count` are as of `as_of`, when the groups of shards had these
    `seqs`."""

    seqs: dict[str, int]
    as_of: int
    player_count: int
    player_id: str
    rows: list[StandingRow]


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get(
        "/sessions/<session_id>/standings",
        summary="The players around one place, exact",
        tags=PLAYER,
        security=TOKEN,
        responses={
            200: StandingsAround,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_session", "wrong_state"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def standings(path: SessionPath, query: StandingsQuery) -> Reply:
        caller: Caller = g.caller
        context.limits.check("answers", caller.uid, context.settings.answers_per_minute)
        player_id = caller.uid if query.around == ME else query.around
        around = usecase.standings(context.services, caller, path.session_id, player_id, query.m)
        rows = [StandingRow(**row) for row in around.rows]
        return StandingsAround(
            seqs=around.seqs, as_of=around.as_of, player_count=around.player_count, player_id=player_id, rows=rows
        ).model_dump()
