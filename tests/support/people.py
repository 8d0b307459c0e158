"""Accounts with a profile, and what they have played."""

from typing import Any

from quizcore.ports import Caller
from tests.support.world import Person, World

ANN_UID = "ann-uid"
BEN_UID = "ben-uid"
PROFILE: dict[str, Any] = {"nickname": "Ann", "avatar": "owl", "listed": False, "language": "en"}


def account(world: World, host: Person, uid: str = ANN_UID) -> Person:
    """Somebody who has signed in with an account, at the API of `host`."""
    world.identity.callers[f"token-{uid}"] = Caller(uid)
    return Person(host.client, f"token-{uid}")


def person(world: World, host: Person, uid: str = ANN_UID, **profile: Any) -> Person:
    """The same with a profile."""
    signed_in = account(world, host, uid)
    made = signed_in.put("/me", PROFILE | {"nickname": uid.partition("-")[0].title()} | profile)
    assert made.status_code == 200, made.json
    return signed_in


def guest(host: Person, session: dict[str, str], nickname: str = "Guest") -> tuple[Person, str]:
    """Somebody who has joined without an account, and their player id."""
    joined = Person(host.client).post("/join", {"pin": session["pin"], "nickname": nickname}).json or {}
    return Person(host.client, joined["token"]), joined["player_id"]
