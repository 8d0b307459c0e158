"""GET /sessions: the host's own sessions, so that another device or a new screen finds them."""

from typing import Annotated, Any

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.door import Door
from http_api.openapi import HOST, TOKEN
from http_api.problems import documented
from quizcore import documents
from quizcore.ports import Caller, OrderBy, Snapshot

MOST_LISTED = 100
NEWEST_FIRST = OrderBy("created_at", descending=True)

# The place of the last session of a page: when it was created, and its id.
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}\.[A-Za-z0-9_-]{1,128}$")]


class OwnSessionsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = MOST_LISTED
    after: Cursor | None = Field(default=None, description="`next` of the page before.")


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
    """The newest first. `next` is the `after` of the following page; null on the last one."""

    sessions: list[OwnSession]
    next: Cursor | None = None


def register(api: APIBlueprint, door: Door) -> None:
    @api.get(
        "/sessions",
        summary="The sessions that the caller hosts",
        tags=HOST,
        security=TOKEN,
        responses={200: OwnSessions, **documented("invalid", "unauthenticated", "slow_down", "try_again")},
    )
    def own_sessions(query: OwnSessionsQuery) -> dict[str, Any]:
        caller: Caller = g.caller
        door.limits.check("commands", caller.uid, door.settings.commands_per_minute)
        mine = [("host_id", "==", caller.uid)]
        found = door.store.list(documents.SESSIONS, mine, query.limit + 1, NEWEST_FIRST, _place(query.after))
        page, more = found[: query.limit], len(found) > query.limit
        whole = [each for each in page if documents.is_whole_session(each.data)]
        listed = [OwnSession(session_id=each.name, **_listed(each.data)) for each in whole]
        return OwnSessions(sessions=listed, next=_cursor(page[-1]) if more else None).model_dump()


def _place(after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    created_at, _, session_id = after.partition(".")
    return int(created_at), session_id


def _cursor(last: Snapshot) -> str:
    return f"{last.data['created_at']}.{last.name}"


def _listed(session: dict[str, Any]) -> dict[str, Any]:
    return {name: session[name] for name in OwnSession.model_fields if name != "session_id"}
