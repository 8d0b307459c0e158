"""Every document that names a player is found and deleted."""

from quizcore import documents
from quizcore.domain.player import Player, PlayerFacts
from quizcore.ports import Put
from quizcore.usecases.erase import erase, traces
from tests.support.api_calls import KEY, OTHER_KEY
from tests.support.world import Person, World

DAY_MS = 24 * 60 * 60_000


def test_the_host_s_requests_about_a_player_are_erased(world: World, session: dict[str, str], host: Person) -> None:
    session_id = session["session_id"]
    ann, ben = (
        (Person(host.client).post("/join", {"pin": session["pin"], "nickname": name}).json or {})["player_id"]
        for name in ("Ann", "Ben")
    )
    for uid in (ann, ben):
        removed = Player(uid, PlayerFacts(removed=True))
        fields = documents.player_fields(removed, documents.expiry(world.clock.now_ms() + DAY_MS))
        world.store.commit([Put(documents.player_path(session_id, uid), fields)])
    commands = f"/sessions/{session_id}/commands"
    for key, uid in ((KEY, ann), (OTHER_KEY, ben)):
        body = {"command": "rename", "player_id": uid, "nickname": f"Number {key[-1]}"}
        assert host.post(commands, body, key).status_code == 202

    (trace,) = traces(world.store, ann, world.clock.now_ms())
    erase(world.store, trace)

    assert documents.request_path(session_id, KEY) in trace.paths
    assert not any(ann in str(found.data) or ann in path for path, found in world.store._documents.items())
    assert world.store.get(documents.request_path(session_id, OTHER_KEY)) is not None
    assert not list(traces(world.store, ann, world.clock.now_ms()))
