"""POST /sessions/{id}/commands: the host moves the session on."""

from collections.abc import Callable
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
from quizcore.messages import (
    AboutPlayer,
    Control,
    Message,
    Nickname,
    PlayerAdmitted,
    PlayerId,
    PlayerRemoved,
    PlayerRenamed,
    PlayersExpected,
    QuestionClosed,
    QuestionIndex,
    QuestionOpened,
    SessionFinished,
    SessionLocked,
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
    if body.player_id is not None:
        return _about(door, body, session, base)
    base = {**base, "shard": 0}
    if body.players is not None:
        return _expected(session, base, body.players)
    return _COMMANDS[body.command](session, base["at"], body.question_index)(base)


def _about(door: Door, body: CommandBody, session: dict[str, Any], base: dict[str, Any]) -> AboutPlayer:
    """Raises Refusal `wrong_state`, `nickname_refused` or `nickname_taken`."""
    session_id, player_id = base["session_id"], str(body.player_id)
    if door.store.get(documents.player_path(session_id, player_id)) is None:
        raise Refusal("wrong_state", "there is no such player in this session")
    base = {**base, "shard": shard_of(player_id, session["shards"]), "player_id": player_id}
    if body.nickname is None:
        return PlayerRemoved(**base) if body.command == "remove" else PlayerAdmitted(**base)
    # The old one stays theirs: nobody else should come in under a name that people have just seen.
    nickname = nicknames.cleaned(body.nickname)
    nicknames.reserve(door, session_id, player_id, nickname, session["expires_at"])
    return PlayerRenamed(**base, nickname=nickname)


def _expected(session: dict[str, Any], base: dict[str, Any], players: int) -> Control:
    if session["state"] == "finished":
        raise Refusal("wrong_state", "the session is finished")
    return PlayersExpected(**base, players=players)


MakeMessage = Callable[[dict[str, Any]], Control]


def _next(session: dict[str, Any], at: int, named: int | None) -> MakeMessage:
    if session["state"] == "finished":
        raise Refusal("wrong_state", "the session is finished")
    if _running(session, at):
        raise Refusal("wrong_state", "a question is running; close it first")
    index = 0 if session["question_index"] is None else session["question_index"] + 1
    if index >= session["question_count"]:
        raise Refusal("wrong_state", "that was the last question; finish the session")
    _check_named(named, index)
    return lambda base: QuestionOpened(**base, question_index=index)


def _close(session: dict[str, Any], at: int, named: int | None) -> MakeMessage:
    if not _running(session, at):
        raise Refusal("wrong_state", "no question is running")
    _check_named(named, session["question_index"])
    return lambda base: QuestionClosed(**base, question_index=session["question_index"])


def _check_named(named: int | None, index: int) -> None:
    if named is not None and named != index:
        raise Refusal("wrong_state", f"it is question_index {index}, not {named}; look at the session")


def _finish(session: dict[str, Any], _: int, __: int | None) -> MakeMessage:
    if session["state"] == "finished":
        raise Refusal("wrong_state", "the session is finished")
    return lambda base: SessionFinished(**base)


def _lock(session: dict[str, Any], _: int, __: int | None) -> MakeMessage:
    return _locking(session, locked=True)


def _unlock(session: dict[str, Any], _: int, __: int | None) -> MakeMessage:
    return _locking(session, locked=False)


def _locking(session: dict[str, Any], *, locked: bool) -> MakeMessage:
    if session["state"] == "finished":
        raise Refusal("wrong_state", "the session is finished")
    return lambda base: SessionLocked(**base, locked=locked)


def _running(session: dict[str, Any], at: int) -> bool:
    return bool(session["state"] == "question" and at < session["closes_at"])


_COMMANDS: dict[str, Callable[[dict[str, Any], int, int | None], MakeMessage]] = {
    "next": _next,
    "close": _close,
    "finish": _finish,
    "lock": _lock,
    "unlock": _unlock,
}
