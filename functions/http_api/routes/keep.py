"""POST /me/kept: a guest's game becomes the caller's."""

from dataclasses import asdict
from typing import Annotated

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.openapi import PERSON, TOKEN, Reply
from http_api.problems import documented
from quizcore.messages import Id
from quizcore.ports import Caller
from quizcore.usecases import keep as usecase

GuestToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=4_096)]


class KeepBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    session_id: Id
    guest_token: GuestToken = Field(description="The Firebase ID token of the guest.")


class KeptGame(BaseModel):
    """`counted`: the session is final, and the guest's result is among the caller's. Else it will be at the end."""

    session_id: str
    player_id: str
    counted: bool


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/me/kept",
        summary="Keep the game that the caller has played as a guest",
        tags=PERSON,
        security=TOKEN,
        responses={
            201: KeptGame,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_needed", "account_unusable", "no_profile"),
                *("unknown_session", "already_kept", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def keep(body: KeepBody) -> tuple[Reply, int]:
        caller: Caller = g.caller
        context.event_id()
        context.limits.check("profile", caller.uid, context.settings.profile_calls_per_minute)
        kept = usecase.keep(context.services, caller, body.session_id, body.guest_token)
        context.telemetry.add("api_accepted")
        return KeptGame(**asdict(kept)).model_dump(), 201
