"""POST /sessions/{id}/return-code and POST /return: a guest goes on on another device."""

from dataclasses import asdict
from typing import Annotated

from flask import g, request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.guests import Guest
from http_api.openapi import PLAYER, TOKEN, Reply
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.ports import Caller
from quizcore.usecases import return_codes as usecase
from quizcore.usecases.repeats import Request

MOST_TYPED_CHARS = 32


class ReturnCode(BaseModel):
    """`expires_at` in ms since the epoch."""

    code: str
    expires_at: int


class ReturnBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TYPED_CHARS)] = Field(
        description="As it was typed: small letters, spaces and dashes do not matter."
    )


class PlayerReturned(BaseModel):
    """`token` is a Firebase custom token of the player."""

    session_id: str
    player_id: str
    token: str


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/sessions/<session_id>/return-code",
        summary="A code with which the calling guest goes on on another device",
        tags=PLAYER,
        security=TOKEN,
        responses={
            201: ReturnCode,
            **documented("invalid", "unauthenticated", "forbidden", "unknown_session", "slow_down", "try_again"),
        },
    )
    def make(path: SessionPath) -> tuple[Reply, int]:
        caller: Caller = g.caller
        asked = context.request(path)
        context.limits.check("return codes", caller.uid, context.settings.return_codes_per_minute)
        code = usecase.make_code(context.services, caller, path.session_id, asked)
        context.telemetry.add("api_accepted")
        return ReturnCode(**asdict(code)).model_dump(), 201

    @api.post(
        "/return",
        summary="Go on as the guest that a code leads to",
        tags=PLAYER,
        responses={
            200: PlayerReturned,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "unknown_code", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def come_back(body: ReturnBody) -> Reply:
        caller = context.caller() if "Authorization" in request.headers else None
        guest = Guest(context, caller)
        asked: Request = context.request(body)
        guest.check_joins()
        returned = usecase.come_back(context.services, guest, body.code, asked)
        context.telemetry.add("api_accepted")
        return PlayerReturned(**asdict(returned)).model_dump()
