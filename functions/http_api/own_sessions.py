"""GET /sessions: the host's own sessions, so that another device or a new screen finds them."""

from typing import Any

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel

from http_api.door import Door
from http_api.openapi import HOST, TOKEN
from http_api.problems import documented
from quizcore import documents
from quizcore.ports import Caller

MOST_LISTED = 100


class OwnSession(BaseModel):
    session_id: str
    pin: str
    quiz_id: str
    title: str
    state: str
    player_count: int
    created_at: int
    final: bool


class OwnSessions(BaseModel):
    """The newest first, at most 100."""

    sessions: list[OwnSession]


def register(api: APIBlueprint, door: Door) -> None:
    @api.get(
        "/sessions",
        summary="The sessions that the caller hosts",
        tags=HOST,
        security=TOKEN,
        responses={200: OwnSessions, **documented("invalid", "unauthenticated", "slow_down", "try_again")},
    )
    def own_sessions() -> dict[str, Any]:
        caller: Caller = g.caller
        door.limits.check("commands", caller.uid, door.settings.commands_per_minute)
        found = door.store.list(documents.SESSIONS, where=[("host_id", "==", caller.uid)])
        newest = sorted(found, key=lambda snapshot: -int(snapshot.data["created_at"]))[:MOST_LISTED]
        listed = [OwnSession(session_id=snapshot.name, **_listed(snapshot.data)) for snapshot in newest]
        return OwnSessions(sessions=listed).model_dump()


def _listed(session: dict[str, Any]) -> dict[str, Any]:
    return {name: session[name] for name in OwnSession.model_fields if name != "session_id"}
