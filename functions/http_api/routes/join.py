"""POST /join: a player joins with a PIN and a nickname."""

from dataclasses import asdict
from typing import Annotated

from flask import request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.guests import Guest
from http_api.openapi import PLAYER, Reply
from http_api.problems import documented
from quizcore.usecases import join as usecase
from quizcore.usecases.members import check_usable


class JoinBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    nickname: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    avatar: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = Field(
        default="fox", description="The name of a picture that clients ship."
    )


class Joined(BaseModel):
    """`token` is a Firebase custom token for a caller who was not signed in; otherwise null."""

    session_id: str
    player_id: str
    token: str | None


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/join",
        summary="Join a session by PIN",
        tags=PLAYER,
        responses={
            201: Joined,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_pin", "nickname_taken"),
                *("nickname_refused", "not_open", "already_kept", "key_reused", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def join(body: JoinBody) -> tuple[Reply, int]:
        at = context.clock.now_ms()
        caller = context.caller() if "Authorization" in request.headers else None
        uid = caller.uid if caller else None
        if uid is not None:
            check_usable(uid)
        guest = Guest(context, caller)
        guest.check_joins()
        newcomer = usecase.Newcomer(body.pin, body.nickname, body.avatar, uid, at)
        seat = usecase.join(context.services, guest, newcomer, context.request(body))
        context.telemetry.add("api_accepted")
        return Joined(**asdict(seat)).model_dump(), 201
