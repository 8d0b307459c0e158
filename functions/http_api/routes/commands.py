"""POST /sessions/{id}/commands: the host moves the session on."""

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from http_api import nicknames
from http_api.door import Door
from http_api.openapi import HOST, TOKEN
from http_api.paths import SessionPath
from http_api.people import check_host
from http_api.problems import Refusal, documented
from http_api.repeats import Asked
from quizcore import documents
from quizcore.domain.commands import Command, Order, WrongState, decide
from quizcore.domain.events import Mark
from quizcore.messages import (
    Message,
    Nickname,
    PlayerId,
    QuestionClosed,
    QuestionIndex,
    QuestionOpened,
    SessionFinished,
    commanded,
)
from quizcore.ports import Caller
from quizcore.shards import shard_of


class CommandBody(BaseModel):
    """`remove` and `admit` name the player, `rename` also the nickname, `expect` the number of players. `next` and
    `close` should name the question that they open or close: then they can do nothing to another one."""

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
            raise ValueError(f"{self.command} takes no question_index")
        if wanted != tuple(name for name in _NAMED if getattr(self, name) is not None):
            raise ValueError(f"{self.command} takes {' and '.join(wanted) or 'no player and no number'}")
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
    """The command is on its way; its effect shows in the session's document."""

    event_id: str
    received_at: int


def register(api: APIBlueprint, door: Door) -> None:
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
    def command(path: SessionPath, body: CommandBody) -> tuple[dict[str, Any], int]:
        caller: Caller = g.caller
        event_id = door.event_id()
        door.limits.check("commands", caller.uid, door.settings.commands_per_minute)
        session = door.session(path.session_id, max_age_ms=0)
        check_host(session, caller)
        # Stamped after the session was read: a command that waited before that speaks of the session as it was found.
        base = {"event_id": event_id, "session_id": path.session_id, "at": door.clock.now_ms()}
        first, to_publish = _decided(door, body, session, base)
        if to_publish is not None:
            door.publisher.publish([to_publish])
        door.telemetry.add("door_accepted")
        return CommandAccepted(event_id=event_id, received_at=first.at).model_dump(), 202


def _decided(
    door: Door, body: CommandBody, session: dict[str, Any], base: dict[str, Any]
) -> tuple[Message, Message | None]:
    """The event that the request stands for, and what is to go on the bus now. Raises Refusal."""
    asked = Asked.of_host(base["session_id"], door.idempotency_key(), body)
    first = None if asked is None else asked.first_event(door)
    if first is None:
        message = _message(door, body, session, base)
        first = message if asked is None else asked.remember(door, message, session["expires_at"])
        if first is message:
            return message, message
    return first, _again(first, door, body, session, base)


def _again(
    first: Message, door: Door, body: CommandBody, session: dict[str, Any], base: dict[str, Any]
) -> Message | None:
    """What a repeated command publishes: the very same event, because nobody knows whether the bus has taken it.

    Of openings, closings and endings the earliest counts. While the session shows no effect of one, it is published
    with the time of this try, else a question that waited for the bus would have lost a part of its time. A try that
    began before the first is not published with its own, earlier time, and nothing is once the effect shows: either
    would move what players have seen.
    """
    if not isinstance(first, QuestionOpened | QuestionClosed | SessionFinished):
        return first
    try:
        now = _message(door, body, session, base)
    except Refusal:
        return None
    if now != first.model_copy(update={"at": now.at}):
        return None
    return now if now.at > first.at else first


def _message(door: Door, body: CommandBody, session: dict[str, Any], base: dict[str, Any]) -> Message:
    """One event, to the player's shard or to the first, which tells the others. Raises Refusal."""
    order, shard = body.order(), 0
    if body.player_id is not None:
        order = _about(door, order, session, base["session_id"])
        shard = shard_of(body.player_id, session["shards"])
    try:
        event = decide(documents.session_facts(session), order, Mark(base["at"], base["event_id"]))
    except WrongState as error:
        raise Refusal("wrong_state", str(error)) from None
    return commanded(event, base["session_id"], shard)


def _about(door: Door, order: Order, session: dict[str, Any], session_id: str) -> Order:
    """The order, with the nickname as it is shown, which is the player's from now on. Raises Refusal `wrong_state`,
    `nickname_refused` or `nickname_taken`."""
    if door.store.get(documents.player_path(session_id, order.player_id)) is None:
        raise Refusal("wrong_state", "there is no such player in this session")
    if order.command is not Command.RENAME:
        return order
    # The old one stays theirs: nobody else should come in under a name that people have just seen.
    nickname = nicknames.cleaned(order.nickname)
    nicknames.reserve(door, session_id, order.player_id, nickname, session["expires_at"])
    return replace(order, nickname=nickname)
