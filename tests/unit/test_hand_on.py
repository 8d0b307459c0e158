"""A final session is handed on, after its commit, with the version of its final board."""

import asyncio
import json
from dataclasses import asdict

import pytest
from structlog.testing import capture_logs

from quizcore import documents
from quizcore.ledger import spent_on
from quizcore.ports import FinalSession, Put
from quizcore.telemetry import Telemetry, configure_logging
from quizcore.usecases.verify import HAND_ON_WITHIN_MS, folded_again
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.games import START
from tests.support.handing_on import (
    EXPECTED,
    FINISHED,
    PLAYERS,
    SETTLED,
    Kept,
    adopt,
    facts,
    orphans,
    play,
    removal,
    take,
    whole_game,
)
from tests.support.stepping import Process
from tests.support.world import Running, World, until
from workers.adoption import OVERDUE_MS, Orphan
from workers.completed import CompletedLog

SHARDS = pytest.mark.parametrize("shards", [1, 3])
LATER = SETTLED + OVERDUE_MS + 1


@SHARDS
async def test_a_final_session_is_handed_on_and_its_document_shows_the_stamp(world: World, shards: int) -> None:
    kept = Kept()
    worker = Running(world, kept)
    s = world.open_session(shards)
    assert (world.session(s)["result"], world.session(s)["handed_seq"]) == (None, 0)
    world.bus.publish(whole_game(world, s, shards))
    world.clock.ms = SETTLED
    await until(lambda: world.board(s)["final"], "final")
    world.clock.ms = LATER
    await until(lambda: world.session(s)["handed_seq"] == world.board(s)["seq"], "handed on")
    await worker.stop()

    (final,) = set(kept.finals)
    assert facts(final) == EXPECTED
    assert (final.session_id, final.seq, final.replaces) == (s, world.board(s)["seq"], 0)
    assert (final.created_at, final.final_at) == (START, world.board(s)["as_of"])
    assert world.session(s)["due_at"] is None
    assert worker.telemetry.snapshot()["sessions_completed"] == len(kept.finals)
    assert folded_again(world.store, s, now=world.clock.ms + 10**9)["differences"] == []


@SHARDS
async def test_a_result_that_changes_after_the_end_is_handed_on_as_a_new_version(world: World, shards: int) -> None:
    kept = Kept()
    worker = Running(world, kept)
    s = world.open_session(shards)
    world.bus.publish(whole_game(world, s, shards))
    world.clock.ms = SETTLED
    await until(lambda: world.board(s)["final"], "final")
    world.clock.ms = LATER
    await until(lambda: world.session(s)["handed_seq"], "handed on")
    first = kept.finals[-1]

    world.bus.publish(removal(world, s, "ann", shards))
    await until(lambda: world.board(s)["player_count"] == len(PLAYERS) - 1, "removed")
    world.clock.ms += OVERDUE_MS + 1
    await until(lambda: world.session(s)["handed_seq"] == world.board(s)["seq"], "handed on again")
    await worker.stop()

    last = kept.finals[-1]
    assert facts(last) == EXPECTED | {"players": 4, "answers": 3}
    assert (last.seq > first.seq, last.replaces, last.final_at) == (True, first.seq, world.board(s)["as_of"])


@SHARDS
async def test_nothing_is_handed_on_before_every_shard_is_final(world: World, shards: int) -> None:
    s, kept = world.open_session(shards), Kept()
    process = Process(world, s, [kept])
    world.clock.ms = SETTLED
    *before, last = whole_game(world, s, shards)
    await take(world, process, before)
    await process.look(0)
    assert (world.session(s)["state"], kept.finals) == ("finished", [])

    await take(world, process, [last])
    world.clock.ms += 60_000
    await process.look(0)
    assert len(kept.finals) == 1


@SHARDS
async def test_a_final_session_of_an_older_release_is_handed_on_only_when_its_result_changes(
    world: World, shards: int
) -> None:
    s, kept = world.open_session(shards), Kept()
    await play(world, s, shards, Process(world, s))
    for path in (documents.session_path(s), *(documents.shard_path(s, shard) for shard in range(shards))):
        found = world.store.get(path)
        if found is not None:
            older = {name: value for name, value in found.data.items() if name not in {"result", "handed_seq"}}
            world.store.commit([Put(path, older)])
    world.clock.ms += 10**6
    assert await orphans(world) == []
    assert folded_again(world.store, s, now=world.clock.ms)["differences"] == []
    process = Process(world, s, [kept])
    await process.look(0)
    assert kept.finals == []

    await take(world, process, removal(world, s, "ann", shards))
    for shard in range(shards):  # each of them writes its board as this release does
        await process.look(shard)
    world.clock.ms += OVERDUE_MS + 60_000
    await adopt(world, process)

    assert {(final.players, final.replaces) for final in kept.finals} == {(4, 0)}
    assert world.session(s)["handed_seq"] == world.board(s)["seq"]


async def test_a_check_adopts_only_shard_0_of_a_final_session(world: World) -> None:
    s = world.open_session(3)
    world.clock.ms = SETTLED
    await take(world, Process(world, s), whole_game(world, s, 3))
    world.clock.ms += OVERDUE_MS

    assert await orphans(world) == [Orphan(s, range(1))]


async def test_the_log_has_one_line_of_json_with_ids_and_counts_only(capsys: pytest.CaptureFixture[str]) -> None:
    final = FinalSession("s1", 7, 0, "words", "host-1", "en", 3, START, FINISHED, SETTLED, 5, 4, "class-1")
    telemetry = Telemetry()
    configure_logging()

    with spent_on("hand_on"):
        await CompletedLog(telemetry).receive(final)

    line = json.loads(capsys.readouterr().err)
    assert line.pop("time")
    assert line == asdict(final) | {"message": "session_completed", "severity": "INFO"}
    assert telemetry.ledger.sums() == {"hand_on": {"sessions": 1}}
    assert telemetry.snapshot()["sessions_completed"] == 1


async def test_the_ledger_counts_handing_on_under_hand_on(world: World) -> None:
    s = world.open_session()
    process = Process(world, s)
    with capture_logs() as said:
        await play(world, s, 1, process)

    (line,) = [each for each in said if each["event"] == "session_completed"]
    assert line["seq"] == world.board(s)["seq"]
    assert process.telemetry.ledger.sums()["hand_on"]["sessions"] == 1
    assert not {"Ann", "ann"} & {str(value) for value in line.values()}


async def test_the_class_that_a_session_was_opened_for_is_handed_on(world: World) -> None:
    async def handed_on_of(class_id: str | None) -> str | None:
        s, kept = world.open_session(class_id=class_id), Kept()
        await play(world, s, 1, Process(world, s, [kept]))
        (final,) = kept.finals
        return final.class_id

    put_class(world, "class-1")

    assert await handed_on_of("class-1") == "class-1"
    world.clock.ms = START
    assert await handed_on_of(None) is None


def test_verify_reports_a_final_session_that_was_not_handed_on(world: World, cli: Cli) -> None:
    async def work() -> str:
        s, kept = world.open_session(), Kept()
        kept.refuses = True
        await play(world, s, 1, Process(world, s, [kept]))
        return s

    s = asyncio.run(work())
    assert folded_again(world.store, s, now=world.clock.ms)["differences"] == []

    world.clock.ms += HAND_ON_WITHIN_MS + 1
    (difference,) = folded_again(world.store, s, now=world.clock.ms)["differences"]
    assert difference == {
        "where": documents.session_path(s),
        "field": "handed_seq",
        "says": 0,
        "fold": world.board(s)["seq"],
    }
    assert cli.run("verify", s) == 1
    assert "handed_seq" in cli.out
