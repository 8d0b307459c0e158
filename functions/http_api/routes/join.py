"""POST /join: a player comes in with a PIN and a nickname."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api import nicknames
from http_api.contention import tries
from http_api.door import FRESH_MS, Door
from http_api.guests import Guest
from http_api.openapi import PLAYER
from http_api.people import check_usable
from http_api.problems import Refusal, documented
from http_api.repeats import Asked
from quizcore import documents
from quizcore.messages import PlayerJoined
from quizcore.ports import Conflict
from quizcore.shards import shard_of

PLAYER_ROLE = "player"
NO_SESSION = "none"


class JoinBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    nickname: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    avatar: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = Field(
        default="fox", description="The name of a picture that clients ship."
    )


class Joined(BaseModel):
    """`token` is a Firebase custom token for a caller who was not signed in; else null."""

    session_id: str
    player_id: str
    token: str | None = None


def register(api: APIBlueprint, door: Door) -> None:
    @api.post(
        "/join",
        summary="Join a session by PIN",
        tags=PLAYER,
        responses={
            201: Joined,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "account_unusable", "unknown_pin", "nickname_taken"),
                *("nickname_refused", "not_open", "key_reused", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def join(body: JoinBody) -> tuple[dict[str, Any], int]:
        at = door.clock.now_ms()
        caller = door.caller() if "Authorization" in request.headers else None
        uid = caller.uid if caller else None
        if uid is not None:
            check_usable(uid)
        guest = Guest(door, caller)
        guest.check_joins()
        key, event_id = door.idempotency_key(), door.event_id()
        if uid is None:
            # The key of a stranger's join is a secret, because it makes the player; the event id is
            # stored where the host can read it.
            event_id = str(UUID(door.derived_id("event", event_id)))
        nickname = nicknames.cleaned(body.nickname)
        guest.check_guesses()
        session_id, session = _joinable(door, body.pin, guest)
        # A retried join must be the same player: their key, known to nobody else, says who.
        player_id = uid or door.derived_id(session_id, key)
        asked = Asked.of_player(door, uid, key, body)
        token = None if uid else door.identity.mint(player_id, {"role": PLAYER_ROLE, "session": session_id})
        if uid and _has_joined(door, session_id, uid):
            _remember(door, asked, session["expires_at"])
        else:
            shut = _shut(session)
            if shut and not nicknames.is_held(door, session_id, player_id, nickname):
                raise Refusal("not_open", shut)
            nicknames.reserve(door, session_id, player_id, nickname, session["expires_at"], asked)
            shard = shard_of(player_id, session["shards"])
            door.publisher.publish(
                [
                    PlayerJoined(
                        event_id=event_id,
                        session_id=session_id,
                        shard=shard,
                        at=at,
                        player_id=player_id,
                        nickname=nickname,
                        avatar=body.avatar,
                    )
                ]
            )
        door.members.put((session_id, player_id), True)
        door.telemetry.add("door_accepted")
        return Joined(session_id=session_id, player_id=player_id, token=token).model_dump(), 201


def _joinable(door: Door, pin: str, guest: Guest) -> tuple[str, dict[str, Any]]:
    """A wrong PIN and one of a session that is over get the same answer, after the same reads. The session's
    document is at most `FRESH_MS` old, so that a lock takes effect at once."""
    found = door.store.get(documents.pin_path(pin))
    session_id = found.data["session_id"] if found else NO_SESSION
    session = door.sessions.get(session_id, FRESH_MS)
    if session is None or session["state"] == "finished":
        guest.guessed_wrong()
        raise Refusal("unknown_pin", "no open session has this PIN; check the digits")
    guest.check_guesses()  # again: of many guesses at once none is answered that those before it have used up
    return session_id, session


def _remember(door: Door, asked: Asked | None, expires_at: datetime) -> None:
    """What the key of somebody who has joined before stands for. Raises Refusal `key_reused`."""
    if asked is None:
        return
    for _ in tries(door):
        found = door.store.get(asked.path)
        asked.check(found)
        if found is not None:
            return
        with suppress(Conflict):
            door.store.commit([asked.record(expires_at)])
            return


def _shut(session: dict[str, Any]) -> str | None:
    """Why the session lets nobody in, or None."""
    if session["locked"]:
        return "the host has locked the session; ask for it to be opened"
    if session["state"] != "lobby" and not session["options"]["late_join"]:
        return "the session has begun and lets nobody in any more"
    return None


def _has_joined(door: Door, session_id: str, uid: str) -> bool:
    """Raises Refusal `forbidden` for a player whom the host has removed."""
    found = door.store.get(documents.player_path(session_id, uid))
    if found is not None and found.data["removed"]:
        raise Refusal("forbidden", "the host has removed you from this session")
    return found is not None and found.data["nickname"] is not None
