"""Sessions by the command line, on the in-memory twins: opened and driven through the API, read from the documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from quizcore import documents
from quizcore.messages import Message
from quizcore.ports import Update
from tests.support.api_calls import set_state
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.world import END, HOST, OPENED, QUIZ_ID, Person, Running, World, until


def published(world: World) -> Message:
    return world.bus.published[-1]


async def played(world: World, session_id: str, pin: str) -> str:
    """Ann joins and answers, and the session becomes final. Gives her player id."""
    ann = Person(world.client()).post("/join", {"pin": pin, "nickname": "Ann"}).json or {}

    worker = Running(world)
    say = [
        world.opened(session_id),
        world.answered(session_id, ann["player_id"], OPENED + 1_000),
    ]
    world.bus.publish(say)
    world.clock.ms = END + 1
    await until(lambda: world.scores(session_id).get(ann["player_id"]), "Ann has points")
    Person(world.client(session_cache_ms=0), HOST).post(f"/sessions/{session_id}/commands", {"command": "finish"})
    world.clock.advance(10_000)
    await until(lambda: world.board(session_id)["final"], "the session is final")
    await worker.stop()
    return str(ann["player_id"])


def test_a_session_is_opened_and_shown_with_its_qr_code(cli: Cli, world: World) -> None:
    assert cli.run("session", "open", "words", "--lead-ms", "0", "--approval") == 0, cli.err
    assert "█" in cli.out
    shown = cli.out
    opened = cli.json("session", "open", "words", "--players", "5000")

    first, second = cli.json("session", "list")[::-1]
    assert {first["session"], opened["session_id"]} == {first["session"], second["session"]}
    assert first["pin"] in shown
    kept = world.session(first["session"])
    assert (kept["options"]["approval"], kept["options"]["lead_ms"]) == (True, 0)
    assert world.session(opened["session_id"])["shards"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lock"], ("session_locked", {"locked": True})),
        (["unlock"], ("session_locked", {"locked": False})),
        (["finish"], ("session_finished", {})),
        (["expect", "5000"], ("players_expected", {"players": 5_000})),
    ],
)
def test_a_command_becomes_its_event(
    cli: Cli, world: World, session: dict[str, str], arguments: list[str], said: tuple[str, dict[str, Any]]
) -> None:
    name, *more = arguments

    accepted = cli.json("session", name, session["session_id"], *more)

    event, (kind, fields) = published(world), said
    assert (event.event_id, event.type) == (accepted["event_id"], kind)
    assert {field: getattr(event, field) for field in fields} == fields


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [(["remove"], "player_removed"), (["admit"], "player_admitted"), (["rename", "Anna"], "player_renamed")],
)
async def test_a_command_about_a_player_names_the_player(
    cli: Cli, world: World, session: dict[str, str], arguments: list[str], kind: str
) -> None:
    session_id, (name, *more) = session["session_id"], arguments
    assert cli.refused("session", name, session_id, "nobody", *more) == (3, "wrong_state")
    ann = await played(world, session_id, session["pin"])
    set_state(world, session, state="lobby")

    cli.json("session", name, session_id, ann, *more)

    assert (published(world).type, getattr(published(world), "player_id", None)) == (kind, ann)


async def test_waiting_players_are_listed(cli: Cli, world: World, session: dict[str, str]) -> None:
    ann = await played(world, session["session_id"], session["pin"])
    assert cli.json("session", "waiting", session["session_id"]) == []

    world.store.commit([Update(documents.player_path(session["session_id"], ann), {"admitted": False})])

    assert cli.json("session", "waiting", session["session_id"]) == [{"player": ann, "nickname": "Ann"}]


def test_a_session_is_opened_for_a_class(cli: Cli, world: World) -> None:
    put_class(world, "class-1")
    put_class(world, "class-2", owner_id="host-2")

    told = cli.json("session", "open", QUIZ_ID, "--class", "class-1")

    assert world.session(told["session_id"])["class_id"] == "class-1"
    assert cli.refused("session", "open", QUIZ_ID, "--class", "class-2") == (3, "forbidden")


async def test_a_report_is_written_as_csv_and_xlsx(
    cli: Cli, world: World, session: dict[str, str], tmp_path: Path
) -> None:
    await played(world, session["session_id"], session["pin"])

    told = cli.json("session", "report", session["session_id"], "--to", str(tmp_path / "results"))

    csv, xlsx = map(Path, told["files"])
    assert told["players"] == 1
    assert "1,Ann," in csv.read_text(encoding="utf-8-sig")
    assert xlsx.read_bytes().startswith(b"PK")
    assert cli.refused("session", "report", "none") == (3, "unknown_session")


async def test_an_exported_session_can_be_imported(
    cli: Cli, world: World, session: dict[str, str], tmp_path: Path
) -> None:
    session_id, file = session["session_id"], tmp_path / "session.json"
    await played(world, session_id, session["pin"])

    told = cli.json("session", "export", session_id, str(file))
    assert told["documents"] == len(json.loads(file.read_text())["documents"])
    assert cli.refused("session", "import", str(file), "--yes") == (3, "session_exists")
    before = {path: found.data for path, found in world.store._documents.items()}
    world.store._documents = {p: found for p, found in world.store._documents.items() if session_id not in p}

    assert cli.json("session", "import", str(file))["imported"] is False
    assert cli.refused("session", "report", session_id) == (3, "unknown_session"), "nothing was written without --yes"
    assert cli.json("session", "import", str(file), "--host", "somebody-else")["imported"] is True

    kept = world.session(session_id)
    assert kept["host_id"] == "somebody-else"
    assert kept["title"] == before[documents.session_path(session_id)]["title"]
    assert cli.json("verify", session_id)["differences"] == []
    file.write_text(file.read_text().replace("Ann", "Eve"))
    assert cli.refused("session", "import", str(file), "--yes") == (3, "archive_unreadable")


async def test_verify_finds_a_score_that_no_answer_gives(cli: Cli, world: World, session: dict[str, str]) -> None:
    session_id = session["session_id"]
    ann = await played(world, session_id, session["pin"])
    found = cli.json("verify", session_id)
    assert (found["players"], found["answers"], found["differences"]) == (1, 1, [])
    assert cli.json("verify", "--all")["wordrush_sessions_different"] == 0

    world.store.commit([Update(documents.player_path(session_id, ann), {"score": 7})])

    assert cli.run("verify", session_id) == 1
    assert f"{ann} score: says 7" in cli.out.replace("\n", " ")
    assert cli.run("verify", "--all") == 1
    assert cli.run("verify") == 2, "neither a session nor --all"


def test_verify_waits_a_bounded_time_for_a_consistent_read(cli: Cli, world: World, session: dict[str, str]) -> None:
    """A writer that never stops overtakes each reading."""
    session_id, get_many = session["session_id"], world.store.get_many

    def overtaken(paths: Any) -> Any:
        world.store.commit([Update(documents.session_path(session_id), {"due_at": None})])
        return get_many(paths)

    world.store.get_many = overtaken  # type: ignore[method-assign]

    cli.run("verify", session_id)

    assert cli.services.pauses == [0.2] * 20


async def test_watch_prints_each_board_and_ends_at_the_podium(cli: Cli, world: World, session: dict[str, str]) -> None:
    ann = await played(world, session["session_id"], session["pin"])

    assert cli.run("--json", "session", "watch", session["session_id"], "--until-final") == 0
    (board,) = map(json.loads, cli.out.splitlines())
    assert [row["player_id"] for row in board["top"]] == [ann]
    assert cli.run("session", "watch", session["session_id"], "--until-final") == 0
    assert "🥇" in cli.out
    assert cli.refused("session", "watch", "none") == (3, "unknown_session")


async def test_a_player_is_erased_with_their_account_once_a_worker_has_removed_them(
    cli: Cli, world: World, session: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = session["session_id"]
    ann = await played(world, session_id, session["pin"])
    cli.services.accounts.add(ann)
    monkeypatch.setattr("quizcore.usecases.erase.LOOKS", 2)

    told = cli.json("user", "erase", ann)
    assert told["erased"] is False
    assert documents.player_path(session_id, ann) in told["documents"]
    assert cli.refused("user", "erase", ann, "--yes") == (4, "no_worker")
    assert documents.player_path(session_id, ann) in world.store._documents, "nothing is deleted while boards show it"
    assert published(world).type == "player_removed"

    worker = Running(world)
    await until(lambda: world.board(session_id)["top"] == [], "the board shows nobody")
    await worker.stop()
    assert cli.json("user", "erase", ann, "--yes")["account"] is True
    assert not [path for path, each in world.store._documents.items() if ann in path or ann in str(each.data)]
    assert cli.services.accounts.known == {}


async def test_a_player_of_a_running_session_is_not_erased(cli: Cli, world: World, session: dict[str, str]) -> None:
    ann = await played(world, session["session_id"], session["pin"])
    set_state(world, session, final=False)

    assert cli.refused("user", "erase", ann, "--yes") == (3, "session_runs")

    assert documents.player_path(session["session_id"], ann) in world.store._documents


async def test_a_bus_that_is_down_is_reported(cli: Cli, world: World, session: dict[str, str]) -> None:
    ann = await played(world, session["session_id"], session["pin"])
    world.bus.up = False

    assert cli.refused("user", "erase", ann, "--yes") == (4, "unreachable")


def test_doctor_reports_a_broken_bus_and_a_wrong_clock(cli: Cli, world: World, session: dict[str, str]) -> None:
    cli.services.faults = ["the subscription has no ordering"]
    set_state(world, session, due_at=world.clock.ms - 60_000)

    assert cli.run("--json", "doctor") == 1

    found = {row["part"]: row for row in json.loads(cli.out)}
    assert (found["pub/sub"]["ok"], found["pub/sub"]["what"]) == (False, "the subscription has no ordering")
    assert not found["worker"]["ok"]
    assert session["session_id"] in found["worker"]["what"]
    assert (found["firestore"]["ok"], found["sign-in"]["ok"]) == (True, True)
