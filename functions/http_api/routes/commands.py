"""POST /sessions/{id}/commands: the host controls the session."""

from typing import Annotated, Literal, Self

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from http_api.context import ApiContext
from http_api.openapi import HOST, TOKEN, Reply
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.domain.commands import Command, Order
from quizcore.messages import Nickname, PlayerId, QuestionIndex
from quizcore.ports import Caller
from quizcore.usecases import command as usecase


class CommandBody(BaseModel):
    """`remove` and `admit` name the player, `rename` also the nickname, `expect` the number of players. `next` and
    `close` should name the question that they open or close: then they cannot affect another question."""

    model_config = ConfigDict(extra="forbid")

    command: Literal["next", "close", "finish", "lock", "unlock", "remove", "admit", "rename", "expect"]
    question_index: Annotated[QuestionIndex, Field(description="Of `next` and `close`.")] | None = None
    player_id: PlayerId | None = None
    nickname: Nickname | None = None
    players: Annotated[int, Field(ge=1, le=10_000_000, description="About how many will play.")] | None = None

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        wanted = _NAMES.get(self.command, ())
        if self.question_index is not None and self.command not in _OF_A_QUESTION:
            raise ValueError(f"{self.command} has no question_index")
        if wanted != tuple(name for name in _NAMED if getattr(self, name) is not None):
            raise ValueError(f"{self.command} needs {' and '.join(wanted) or 'no player and no number'}")
        return self

    def order(self) -> Order:
        return Order(
            Command(self.command), self.question_index, self.player_id or "", self.nickname or "", self.players or 0
        )


_OF_A_QUESTION = ("next", "close")
_NAMED = ("player_id", "nickname", "players")
_NAMES: dict[str, tuple[str, ...]] = {
    "remove": ("player_id",),
    "admit": ("player_id",),
    "rename": ("player_id", "nickname"),
    "expect": ("players",),
}


class CommandAccepted(BaseModel):
    """The command is published; its effect appears in the session document."""

    event_id: str
    received_at: int


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/sessions/<session_id>/commands",
        summary="Open, close, finish, lock, remove, admit, rename, expect",
        tags=HOST,
        security=TOKEN,
        responses={
            202: CommandAccepted,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "unknown_session", "wrong_state", "key_reused"),
                *("nickname_taken", "nickname_refused", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def command(path: SessionPath, body: CommandBody) -> tuple[Reply, int]:
        caller: Caller = g.caller
        request = context.request(body)
        context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
        event = usecase.command(context.services, caller, path.session_id, body.order(), request)
        context.telemetry.add("api_accepted")
        return CommandAccepted(event_id=event.event_id, received_at=event.at).model_dump(), 202
