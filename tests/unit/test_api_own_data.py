"""A person sees every game, and everything that is stored about the person."""

import asyncio
import json
from typing import Any

from quizcore import documents
from quizcore.documents.tallied import month_fields, read_person
from quizcore.domain.leaderboard.contribution import Contribution
from quizcore.ports import Put, Update
from tests.support.api_calls import KEY, command, refused
from tests.support.people import ANN_UID, BEN_UID, account, guest, person
from tests.support.sessions import ended, in_session, played, seated
from tests.support.world import START, Person, Running, World

DAY_MS = 24 * 60 * 60_000


def stored_games(world: World, *games: Contribution, month: str | None = None, uid: str = ANN_UID) -> None:
    packed = month_fields({game.session_id: game for game in games})
    if month is None:
        world.store.commit([Update(documents.person_path(uid), {"counted": packed["counted"]})])
    else:
        world.store.commit([Put(documents.month_path(uid, month), packed)])


def game(name: str, at: int, points: int | None = 10) -> Contribution:
    return Contribution(name, 7, at, "words", f"Quiz {name}", points, 2, 30)


def sessions_of(page: Any) -> list[str]:
    return [one["session_id"] for one in page.json["games"]]


def test_the_history_lists_every_game_newest_first_from_all_documents(world: World, host: Person) -> None:
    ann = person(world, host)
    assert ann.get("/me/history").json == {"games": [], "next": None}
    stored_games(world, game("s3", START), game("s4", START + 5))
    stored_games(world, game("s1", START - 80 * DAY_MS), game("s2", START - 79 * DAY_MS), month="2023-08")

    whole = ann.get("/me/history")

    assert sessions_of(whole) == ["s4", "s3", "s2", "s1"]
    assert (whole.json or {})["games"][1] == {
        **{"session_id": "s3", "quiz_id": "words", "title": "Quiz s3", "at": START},
        **{"points": 10, "rank": 2, "of": 30},
    }


def test_the_history_comes_in_pages(world: World, host: Person) -> None:
    ann = person(world, host)
    stored_games(world, *(game(f"s{n}", START) for n in range(5)))

    first = ann.get("/me/history?limit=2")
    second = ann.get(f"/me/history?limit=2&before={(first.json or {})['next']}")
    third = ann.get(f"/me/history?limit=2&before={(second.json or {})['next']}")

    assert [sessions_of(page) for page in (first, second, third)] == [["s4", "s3"], ["s2", "s1"], ["s0"]]
    assert (third.json or {})["next"] is None
    for query in ("limit=0", "limit=101", "before=yesterday", "after=1.x"):
        assert refused(ann.get(f"/me/history?{query}")) == (400, "invalid")


def test_a_game_from_which_the_host_has_removed_the_player_is_not_listed(world: World, host: Person) -> None:
    ann = person(world, host)
    stored_games(world, game("s1", START), game("s2", START, None))

    assert sessions_of(ann.get("/me/history")) == ["s1"]


def test_only_the_person_reads_history_and_export(world: World, host: Person, session: dict[str, str]) -> None:
    ann, ben, (of_session, _) = person(world, host), person(world, host, BEN_UID), guest(host, session)
    stored_games(world, game("s1", START))

    for path in ("/me/history", "/me/export"):
        assert refused(of_session.get(path)) == (403, "account_needed")
        assert refused(Person(host.client).get(path)) == (401, "unauthenticated")
        assert ann.get(path).status_code == 200
        assert "s1" not in json.dumps(ben.get(path).json)
    assert refused(account(world, host, "new-uid").get("/me/history")) == (404, "no_profile")


async def test_the_export_has_every_document_about_the_person_and_no_other(world: World, host: Person) -> None:
    worker = Running(world)
    ann, ben = person(world, host, nickname="Annabel"), person(world, host, BEN_UID)
    code = (host.post("/classes", {"title": "7b", "zone": "UTC"}).json or {})["code"]
    for one in (ann, ben):
        assert one.post("/classes/join", {"code": code}).status_code == 201
    own, other = in_session(world), in_session(world)
    for one, name in ((ann, "Annabel"), (ben, "Ben")):
        seated(one, own, name)
    seat, guest_id = guest(host, other, "Guestina")
    await played(world, own, [ANN_UID, BEN_UID])
    renamed = command(host, own, command="rename", player_id=ANN_UID, nickname="Annabella")
    assert renamed.status_code == 202
    path = f"/sessions/{own['session_id']}/commands"
    body = {"command": "rename", "player_id": ANN_UID, "nickname": "Annabella"}
    assert host.post(path, body, KEY).status_code == 202
    await played(world, other, [guest_id])
    await ended(world, own)
    await ended(world, other)
    kept = {"session_id": other["session_id"], "guest_token": seat.token}
    assert (await asyncio.to_thread(ann.post, "/me/kept", kept)).status_code == 201
    assert seat.post(f"/sessions/{other['session_id']}/return-code", {}).status_code == 201
    stored_games(world, game("s1", START - 80 * DAY_MS), month="2023-08")

    told = (await asyncio.to_thread(ann.get, "/me/export")).json or {}
    await worker.stop()

    assert told["account"]["uid"] == ANN_UID
    assert told["account"]["email"] == f"{ANN_UID}@school.example"
    everything = set(world.store._documents)
    about = {path for path in everything if {ANN_UID, guest_id} & set(path.split("/"))}
    about |= {path for path in everything if world.store._documents[path].data.get("player_id") in {ANN_UID, guest_id}}
    tables = ("boards/", "moves/")
    assert set(told["documents"]) == {path for path in about if not path.startswith(tables)}
    assert len(about) > 12
    person_document = told["documents"][documents.person_path(ANN_UID)]
    assert set(read_person(ANN_UID, person_document).counted) == {own["session_id"], other["session_id"]}
    assert BEN_UID not in json.dumps(told)
