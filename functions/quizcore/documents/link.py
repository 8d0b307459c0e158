"""A guest's game that a person keeps: whose a guest is (`sessions/{id}/links/{player_id}`), and which guest a person
was (`people/{uid}/kept/{session_id}`). One commit writes both, so a guest is kept by one person, and a person has one
guest in a session. No client reads the first; the person reads the second.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from quizcore.documents.person import person_path
from quizcore.documents.session import session_path
from quizcore.documents.values import Count, Expiring, Uid
from quizcore.messages import PlayerId
from quizcore.shards import SLOTS, slot_of


class LinkDocument(Expiring):
    """`slot` is the guest's, so that a part of the players is counted with its links alone."""

    person: Uid
    slot: Annotated[int, Field(ge=0, lt=SLOTS)]
    at: Count


class KeptDocument(Expiring):
    """Expires with the session: what was counted stays with the person."""

    player_id: PlayerId
    at: Count


def links_path(session_id: str) -> str:
    return f"{session_path(session_id)}/links"


def link_path(session_id: str, player_id: str) -> str:
    return f"{links_path(session_id)}/{player_id}"


def kept_games_path(uid: str) -> str:
    return f"{person_path(uid)}/kept"


def kept_game_path(uid: str, session_id: str) -> str:
    return f"{kept_games_path(uid)}/{session_id}"


def link_fields(person: str, player_id: str, at: int, expires_at: datetime) -> LinkDocument:
    return {"person": person, "slot": slot_of(player_id), "at": at, "expires_at": expires_at}


def kept_fields(player_id: str, at: int, expires_at: datetime) -> KeptDocument:
    return {"player_id": player_id, "at": at, "expires_at": expires_at}
