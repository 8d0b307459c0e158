"""A player joins a session with a PIN and a nickname."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from quizcore import documents
from quizcore.documents import PinDocument, PlayerDocument, SessionDocument
from quizcore.domain.roles import Role
from quizcore.domain.session import Phase
from quizcore.messages import PlayerJoined
from quizcore.ports import Conflict
from quizcore.shards import shard_of
from quizcore.usecases import nicknames
from quizcore.usecases.contention import tries
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.repeats import Asked, Request
from quizcore.usecases.services import FRESH_MS, Services

NO_SESSION = "none"


class Guesses(Protocol):
    """The budget of wrong PINs of a caller who wants to join."""

    def check_guesses(self) -> None:
        """Raises Rejected `slow_down` when no wrong PIN is left."""

    def guessed_wrong(self) -> None:
        """Spend one wrong PIN of the budget. Raises Rejected `slow_down` when none was left."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`uid` is None for a caller without an account, who gets an account of the session; `at` is the time of the
    request (ms since the epoch)."""

    pin: str
    nickname: str
    avatar: str
    uid: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Seat:
    """`token` signs in a caller without an account; None for a caller who was signed in."""

    session_id: str
    player_id: str
    token: str | None


def join(services: Services, guesses: Guesses, newcomer: Newcomer, request: Request) -> Seat:
    """Join, and return the seat. The order of the steps protects PINs: the budget of wrong PINs is checked before a PIN
    is looked up.

    Raises Rejected `nickname_refused`, `slow_down`, `unknown_pin`, `forbidden`, `not_open`, `nickname_taken`,
    `already_kept`, `key_reused` or `try_again`; BusUnavailable; StoreError; TokenNotSigned.
    """
    event_id = _event_id(services, newcomer.uid, request.key)
    nickname = nicknames.cleaned(newcomer.nickname)
    guesses.check_guesses()
    session_id, session = _joinable(services, newcomer.pin, guesses)
    # A retried join must give the same player: the player's secret key determines the id.
    player_id = newcomer.uid or services.derived_id(session_id, request.key)
    asked = Asked.of_player(services, newcomer.uid, request)
    token = None
    if newcomer.uid is None:
        token = services.identity.mint(player_id, {"role": Role.PLAYER, "session": session_id})
    if newcomer.uid and _has_joined(services, session_id, newcomer.uid):
        _remember(services, asked, session["expires_at"])
    else:
        if newcomer.uid is not None:
            _check_plays_once(services, session_id, newcomer.uid)
        shut = _shut(session)
        if shut and not nicknames.belongs_to(services, session_id, player_id, nickname):
            raise Rejected("not_open", shut)
        nicknames.reserve(services, session_id, player_id, nickname, session["expires_at"], asked)
        message = PlayerJoined(
            event_id=event_id,
            session_id=session_id,
            shard=shard_of(player_id, session["shards"]),
            at=newcomer.at,
            player_id=player_id,
            nickname=nickname,
            avatar=newcomer.avatar,
        )
        services.publisher.publish([message])
    services.memory.joined[session_id, player_id] = True
    return Seat(session_id, player_id, token)


def _event_id(services: Services, uid: str | None, key: str | None) -> str:
    """The event id of a join. It must not contain the key: the key of a stranger's join determines the player, and the
    host can read the event id."""
    event_id = key or services.ids.event_id()
    return event_id if uid is not None else str(UUID(services.derived_id("event", event_id)))


def _joinable(services: Services, pin: str, guesses: Guesses) -> tuple[str, SessionDocument]:
    """A wrong PIN and the PIN of a finished session get the same response, after the same reads. The session's document
    is at most `FRESH_MS` old, so that a lock takes effect at once."""
    holder = services.store.get(documents.pin_path(pin))
    session_id = holder.read_as(PinDocument)["session_id"] if holder else NO_SESSION
    session = services.memory.sessions.get(session_id, FRESH_MS)
    if session is None or session["state"] == Phase.FINISHED:
        guesses.guessed_wrong()
        raise Rejected("unknown_pin", "no open session has this PIN; check the digits")
    guesses.check_guesses()  # again: concurrent guesses may have used up the budget since the first check
    return session_id, session


def _remember(services: Services, asked: Asked | None, expires_at: datetime) -> None:
    """Remember the key of a repeated join. Raises Rejected `key_reused`."""
    if asked is None:
        return
    for _ in tries(services.sleep):
        remembered = services.store.get(asked.path)
        asked.check(remembered)
        if remembered is not None:
            return
        with suppress(Conflict):
            services.store.commit([asked.record(expires_at)])
            return


def _shut(session: SessionDocument) -> str | None:
    """Why the session accepts no further players, or None."""
    if session["locked"]:
        return "the host has locked the session; ask for it to be opened"
    if session["state"] != Phase.LOBBY and not documents.read_options(session["options"]).late_join:
        return "the session has begun and accepts no more players"
    return None


def _check_plays_once(services: Services, session_id: str, uid: str) -> None:
    """Raises Rejected `already_kept` for an account that keeps the game of a guest of this session."""
    if services.store.get(documents.kept_game_path(uid, session_id)) is not None:
        raise Rejected("already_kept", "this account keeps the game of a guest of this session; go on as that guest")


def _has_joined(services: Services, session_id: str, uid: str) -> bool:
    """Raises Rejected `forbidden` for a player whom the host has removed."""
    snapshot = services.store.get(documents.player_path(session_id, uid))
    player = snapshot.read_as(PlayerDocument) if snapshot else None
    if player is not None and player["removed"]:
        raise Rejected("forbidden", "the host has removed you from this session")
    return player is not None and player["nickname"] is not None
