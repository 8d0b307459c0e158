"""POST /join: a player comes in with a PIN and a nickname."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from flask import request
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api import nicknames
from http_api.door import FRESH_MS, Door
from http_api.openapi import PLAYER
from http_api.problems import Refusal, documented
from quizcore import documents
from quizcore.messages import PlayerJoined
from quizcore.shards import shard_of

PLAYER_ROLE = "player"


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
                *("invalid", "unauthenticated", "forbidden", "unknown_pin", "nickname_taken", "nickname_refused"),
                *("not_open", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def join(body: JoinBody) -> tuple[dict[str, Any], int]:
        at = door.clock.now_ms()
        uid = door.caller().uid if "Authorization" in request.headers else None
        guest = Guest(door, uid)
        guest.check_joins()
        event_id = door.event_id()
        if uid is None:
            # The key of a stranger's join is a secret, because it makes the player; the event id is
            # stored where the host can read it.
            event_id = str(UUID(door.derived_id("event", event_id)))
        nickname = nicknames.cleaned(body.nickname)
        guest.check_guesses()
        session_id, session = _joinable(door, body.pin, guest)
        # A retried join must be the same player: their key, known to nobody else, says who.
        player_id = uid or door.derived_id(session_id, door.idempotency_key())
        token = None if uid else door.identity.mint(player_id, {"role": PLAYER_ROLE, "session": session_id})
        if not (uid and _has_joined(door, session_id, uid)):
            shut = _shut(session)
            if shut and not nicknames.is_held(door, session_id, player_id, nickname):
                raise Refusal("not_open", shut)
            nicknames.reserve(door, session_id, player_id, nickname, session["expires_at"])
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


@dataclass(frozen=True, slots=True)
class Guest:
    """Who may try how often. A signed-in caller answers for their account alone, so that behind a shared address (a
    school) nobody is shut out by one neighbour who guesses PINs: whoever is told to slow down signs in and goes on."""

    door: Door
    uid: str | None

    @property
    def _who(self) -> str:
        return f"account {self.uid}" if self.uid else f"address {request.remote_addr or 'unknown'}"

    def check_joins(self) -> None:
        """Raises Refusal `slow_down`."""
        self.door.limits.check("joins", self._who, self.door.settings.joins_per_minute)

    def check_guesses(self) -> None:
        """Before the PIN is looked at, so that the answer tells nothing of it. Raises Refusal `slow_down`."""
        self.door.limits.check("wrong PINs", self._who, self._guesses, spend=False)

    def guessed_wrong(self) -> None:
        self.door.limits.check("wrong PINs", self._who, self._guesses)

    @property
    def _guesses(self) -> int:
        settings = self.door.settings
        return settings.wrong_pins_per_account if self.uid else settings.wrong_pins_per_address


def _joinable(door: Door, pin: str, guest: Guest) -> tuple[str, dict[str, Any]]:
    """A wrong PIN and one of a session that is over get the same answer. Who locks a session sees the door shut at
    once, so the copy is nearly fresh."""
    found = door.store.get(documents.pin_path(pin))
    session_id = found.data["session_id"] if found else None
    session = door.sessions.get(session_id, FRESH_MS) if session_id else None
    if session_id is None or session is None or session["state"] == "finished":
        guest.guessed_wrong()
        raise Refusal("unknown_pin", "no open session has this PIN; check the digits")
    return session_id, session


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
