"""GET /sessions/{id}/standings: who stands just above and below a player."""

from typing import Annotated, Any

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from http_api.door import Door
from http_api.openapi import PLAYER, TOKEN
from http_api.paths import SessionPath
from http_api.people import check_let_in, check_member, check_usable
from http_api.problems import Refusal, documented
from quizcore.messages import PlayerId
from quizcore.ports import Caller
from quizcore.usecases.standings import standings_around

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
    """Exact as of one moment: that at which the shards' boards had these `seqs`."""

    seqs: dict[str, int]
    as_of: int
    player_count: int
    player_id: str
    rows: list[StandingRow]


def register(api: APIBlueprint, door: Door) -> None:
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
    def standings(path: SessionPath, query: StandingsQuery) -> dict[str, Any]:
        caller: Caller = g.caller
        door.limits.check("answers", caller.uid, door.settings.answers_per_minute)
        session = door.session(path.session_id)
        if session["host_id"] != caller.uid:
            check_member(door, path.session_id, caller)
            check_let_in(door, path.session_id, session, caller)
            if session["options"]["board_hidden"]:
                raise Refusal("forbidden", "the host has hidden the board")
        player_id = caller.uid if query.around == ME else query.around
        check_usable(player_id)
        found = door.store.at_one_moment(lambda reader: standings_around(reader, path.session_id, player_id, query.m))
        if found is None:
            raise Refusal("wrong_state", "this player is not on the board; ask again when the join has been counted")
        rows = [StandingRow(**row) for row in found.rows]
        return StandingsAround(
            seqs=found.seqs, as_of=found.as_of, player_count=found.player_count, player_id=player_id, rows=rows
        ).model_dump()
