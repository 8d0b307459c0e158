"""A person sees everything that the product stores about them: no document that names the person is missing."""

import asyncio
import json
import re

from tests.support.api_calls import refused
from tests.support.people import ANN_UID, BEN_UID, account, guest, person
from tests.support.sessions import ended, in_session, in_time, played, seated
from tests.support.world import Person, Running, World

WORKER = {"interval_500_ms": 0}
NAME = "Annabel"  # in no document but Ann's
# Documents that show many players; what they contain of a person follows from the person's own documents.
SHARED = re.compile(
    r"sessions/[^/]+/(boards|shards|private|journal)/.*|boards/.*|moves/.*|pins/.*|sessions/[^/]+|classes/[^/]+"
)


def naming(world: World, *names: str) -> set[str]:
    """The documents that contain one of these names, and are about one player."""
    kept = world.store._documents.items()
    found = {path for path, each in kept if any(name in path or name in str(each.data) for name in names)}
    return {path for path in found if not SHARED.fullmatch(path)}


async def test_the_export_contains_every_document_about_the_person_and_none_about_others(
    world: World, host: Person
) -> None:
    worker = Running(world, **WORKER)
    ann, ben = person(world, host, nickname=NAME), person(world, host, BEN_UID)
    own, other = in_session(world), in_session(world)
    seated(ann, own, f"{NAME} 1")
    seated(ben, own, "Benedict")
    played_as, guest_id = guest(host, other, f"{NAME} 2")
    await played(world, own, [ANN_UID, BEN_UID])
    await played(world, other, [guest_id])
    await ended(world, own)
    await ended(world, other)
    body = {"session_id": other["session_id"], "guest_token": played_as.token}
    assert ann.post("/me/kept", body).status_code == 201
    assert played_as.post(f"/sessions/{other['session_id']}/return-code", {}).status_code == 201
    made = host.post("/classes", {"title": "7b", "zone": "UTC"}).json or {}
    assert ann.post("/classes/join", {"code": made["code"]}).status_code == 201
    await in_time(world, lambda: len(_counted(world)) == 2, "both games are counted")

    answer = await asyncio.to_thread(ann.get, "/me/export")

    assert answer.status_code == 200, answer.json
    found = answer.json or {}
    assert naming(world, ANN_UID, guest_id, NAME) <= set(found["documents"])
    assert found["documents"][f"people/{ANN_UID}"]["counted"].keys() == _counted(world)
    assert found["documents"][f"sessions/{own['session_id']}/players/{ANN_UID}"]["answers"]["0"]["correct"] is True
    assert BEN_UID not in json.dumps(found)
    assert "Benedict" not in json.dumps(found)
    await worker.stop()


def test_an_account_without_a_profile_gets_what_little_there_is(world: World, host: Person) -> None:
    found = account(world, host).get("/me/export").json or {}

    assert found["documents"] == {}
    assert found["account"]["uid"] == ANN_UID


def test_a_guest_of_a_session_has_no_export(world: World, host: Person) -> None:
    session = in_session(world)
    played_as, _ = guest(host, session)

    assert refused(played_as.get("/me/export")) == (403, "account_needed")


def _counted(world: World) -> set[str]:
    found = world.store.get(f"people/{ANN_UID}")
    return set(found.data["counted"]) if found else set()
