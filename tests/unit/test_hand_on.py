"""A final session is handed on: at least once, after its commit, by another worker when its own has died."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest
from structlog.testing import capture_logs

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.ledger import spent_on
from quizcore.messages import Message, PlayerRemoved, SessionFinished
from quizcore.ports import FinalSession, NotReceived, Put, Replace, Update, Write
from quizcore.telemetry import Telemetry, configure_logging
from quizcore.usecases.verify import HAND_ON_WITHIN_MS, folded_again
from tests.support.classes import put_class
from tests.support.cli import Cli
from tests.support.engines import (
    END,
    OPENED,
    QUICK,
    Running,
    answered,
    board,
    joined,
    message,
    open_session,
    opened,
    run,
    session,
    spread,
    until,
)
from tests.support.games import START
from tests.support.stepping import Process
from tests.support.world import World, worker_settings
from workers.adoption import OVERDUE_MS, Adoption, Orphan
from workers.completed import CompletedLog
from workers.coordinator.hand_on import LOOKS_MOST, PAUSE_MOST_MS

SHARDS = pytest.mark.parametrize("shards", [1, 3])
PLAYERS = ["ann", "ben", "cho", "dan", "eva"]
FINISHED = END + 1
SETTLED = FINISHED + PUBLISH_BOUND_MS
LATER = SETTLED + OVERDUE_MS + 1
EXPECTED = {"players": 5, "answers": 4, "finished_at": FINISHED, "quiz_id": "words", "host_id": "host-1"}


class Died(BaseException):
    """The end of a process, which no handler of the product takes."""


class Kept:
    """Remembers what it was handed, when it does not refuse."""

    def __init__(self) -> None:
        self.finals: list[FinalSession] = []
        self.refuses = False

    def receive(self, final: FinalSession) -> None:
        if self.refuses:
            raise NotReceived("away")
        self.finals.append(final)


class Doomed:
    """The store and a receiver of a process that dies once, at one point of its work."""

    def __init__(self, store: MemoryStore, point: str) -> None:
        self.finals: list[FinalSession] = []
        self.died = False
        self._store = store
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        of_session = [
            write.data for write in writes if isinstance(write, Update | Replace) and "/" not in write.path[9:]
        ]
        what = "stamp" if any(data.get("handed_seq") for data in of_session) else "other commit"
        if what != "stamp" and any(data.get("result") for data in of_session):
            what = "final commit"
        self._reach(f"before the {what}")
        versions = self._store.commit(writes)
        self._reach(f"after the {what}")
        return versions

    def receive(self, final: FinalSession) -> None:
        self._reach("before the receiver has it")
        self.finals.append(final)
        self._reach("when the receiver has it")

    def _reach(self, point: str) -> None:
        if point == self._point and not self.died:
            self.died = True
            raise Died


def whole_game(world: World, session_id: str, shards: int) -> list[Message]:
    """All but the last answer a question; Eva joins and answers nothing."""
    told = [*(joined(world, session_id, player) for player in PLAYERS), opened(world, session_id)]
    told += [answered(world, session_id, p, OPENED + 500 + n, choice=n % 2) for n, p in enumerate(PLAYERS[:-1])]
    return spread([*told, *(message(SessionFinished, world, session_id, at) for at in (FINISHED, SETTLED))], shards)


def removal(world: World, session_id: str, player_id: str, shards: int) -> list[Message]:
    return spread([message(PlayerRemoved, world, session_id, world.clock.ms, player_id=player_id)], shards)


def facts(final: FinalSession) -> dict[str, Any]:
    return {name: value for name, value in asdict(final).items() if name in EXPECTED}


async def take(world: World, process: Process, messages: Sequence[Message]) -> None:
    """The process takes all that is on the bus; what it does not acknowledge stays there."""
    world.bus.publish(messages)
    bodies = list(world.bus.waiting)
    acknowledged = await process.take(bodies)
    world.bus.waiting.clear()
    world.bus.waiting.extend(body for body in bodies if body not in acknowledged)


async def play(world: World, session_id: str, shards: int, process: Process) -> None:
    """The whole game; shard 0 of many looks once more, when the shards are merged."""
    world.clock.ms = SETTLED
    await take(world, process, whole_game(world, session_id, shards))
    world.clock.ms += 500
    await process.look(0)


async def orphans(world: World) -> list[Orphan]:
    return await Adoption(world.store, world.clock, 5.0, Telemetry()).overdue(0)


async def adopt(world: World, process: Process) -> None:
    """What another worker does for all that its look finds."""
    for orphan in await orphans(world):
        for shard in range(orphan.shards):
            process.look_again(shard)
            await process.look(shard)


@SHARDS
def test_a_session_that_becomes_final_is_handed_on_and_its_document_says_so(world: World, shards: int) -> None:
    async def work() -> None:
        kept = Kept()
        worker = Running(world, worker_settings(**QUICK), kept)
        s = open_session(world, shards)
        assert (session(world, s)["result"], session(world, s)["handed_seq"]) == (None, 0)
        world.bus.publish(whole_game(world, s, shards))
        world.clock.ms = SETTLED
        await until(lambda: board(world, s)["final"], "final")
        world.clock.ms = LATER
        await until(lambda: session(world, s)["handed_seq"] == board(world, s)["seq"], "handed on")
        await worker.stop()

        (final,) = set(kept.finals)
        assert facts(final) == EXPECTED
        assert (final.session_id, final.seq, final.replaces) == (s, board(world, s)["seq"], 0)
        assert (final.created_at, final.final_at) == (START, board(world, s)["as_of"])
        assert session(world, s)["due_at"] is None
        assert worker.telemetry.snapshot()["sessions_completed"] == len(kept.finals)
        assert folded_again(world.store, s, now=world.clock.ms + 10**9)["differences"] == []

    run(work())


@SHARDS
def test_a_result_that_changes_after_the_end_is_handed_on_as_a_version_of_its_own(world: World, shards: int) -> None:
    async def work() -> None:
        kept = Kept()
        worker = Running(world, worker_settings(**QUICK), kept)
        s = open_session(world, shards)
        world.bus.publish(whole_game(world, s, shards))
        world.clock.ms = SETTLED
        await until(lambda: board(world, s)["final"], "final")
        world.clock.ms = LATER
        await until(lambda: session(world, s)["handed_seq"], "handed on")
        first = kept.finals[-1]

        world.bus.publish(removal(world, s, "ann", shards))
        await until(lambda: board(world, s)["player_count"] == len(PLAYERS) - 1, "removed")
        world.clock.ms += OVERDUE_MS + 1
        await until(lambda: session(world, s)["handed_seq"] == board(world, s)["seq"], "handed on again")
        await worker.stop()

        last = kept.finals[-1]
        assert facts(last) == EXPECTED | {"players": 4, "answers": 3}
        assert (last.seq > first.seq, last.replaces, last.final_at) == (True, first.seq, board(world, s)["as_of"])

    run(work())


# How often the session is handed on when a worker dies there.
DEATHS = {
    "before the final commit": 1,
    "after the final commit": 1,
    "before the receiver has it": 1,
    "when the receiver has it": 2,
    "before the stamp": 2,
    "after the stamp": 1,
}


@SHARDS
@pytest.mark.parametrize("point", DEATHS)
@pytest.mark.parametrize("redelivered", [True, False])
def test_wherever_a_worker_dies_another_one_hands_the_same_version_on(
    world: World, shards: int, point: str, redelivered: bool
) -> None:
    async def work() -> None:
        s, doomed, kept = open_session(world, shards), Doomed(world.store, point), Kept()
        with pytest.raises(Died):
            await play(world, s, shards, Process(world, s, [doomed], doomed))
        if point == "before the final commit":
            assert (doomed.finals, await orphans(world)) == ([], []), "the bus alone tells of the end"

        other = Process(world, s, [kept])
        if redelivered or point == "before the final commit":
            await take(world, other, [])
        world.clock.ms += OVERDUE_MS + 500
        await adopt(world, other)

        finals = [*doomed.finals, *kept.finals]
        assert (len(finals), len(set(finals))) == (DEATHS[point], 1)
        assert facts(finals[0]) == EXPECTED
        assert session(world, s)["handed_seq"] == finals[0].seq == board(world, s)["seq"]
        world.clock.ms += 10**6
        assert await orphans(world) == []

    run(work())


@SHARDS
def test_nothing_is_handed_on_before_every_shard_is_final(world: World, shards: int) -> None:
    async def work() -> None:
        s, kept = open_session(world, shards), Kept()
        process = Process(world, s, [kept])
        world.clock.ms = SETTLED
        *before, last = whole_game(world, s, shards)
        await take(world, process, before)
        await process.look(0)
        assert (session(world, s)["state"], kept.finals) == ("finished", [])

        await take(world, process, [last])
        world.clock.ms += 60_000
        await process.look(0)
        assert len(kept.finals) == 1

    run(work())


def test_a_receiver_that_refuses_keeps_no_other_waiting_and_is_asked_again_alone(world: World) -> None:
    async def work() -> None:
        s, bad, good = open_session(world), Kept(), Kept()
        bad.refuses = True
        process = Process(world, s, [bad, good])
        await play(world, s, 1, process)
        assert (session(world, s)["handed_seq"], bad.finals, len(good.finals)) == (0, [], 1)

        bad.refuses = False
        world.clock.ms += PAUSE_MOST_MS
        await process.look(0)
        assert session(world, s)["handed_seq"] == board(world, s)["seq"]
        assert good.finals == bad.finals

    run(work())


def test_a_worker_asks_a_receiver_that_refuses_a_bounded_number_of_times_and_adoption_goes_on(world: World) -> None:
    async def work() -> None:
        s, asked = open_session(world), list[FinalSession]()

        class Refuses:
            def receive(self, final: FinalSession) -> None:
                asked.append(final)
                raise NotReceived("away")

        process = Process(world, s, [Refuses()])
        world.clock.ms = SETTLED
        await take(world, process, whole_game(world, s, 1))
        for _ in range(LOOKS_MOST - 1):
            await process.look(0)
            world.clock.ms += PAUSE_MOST_MS
            await process.look(0)

        assert len(asked) == LOOKS_MOST
        assert [orphan.session_id for orphan in await orphans(world)] == [s]

    run(work())


def test_a_stamp_that_meets_a_newer_final_board_hands_that_one_on_too(world: World) -> None:
    async def work() -> None:
        s, kept = open_session(world), Kept()
        other = Process(world, s, [Kept()])

        class Slow:
            """While it takes the session in, a player is removed."""

            def receive(self, final: FinalSession) -> None:
                if not kept.finals:
                    asyncio.run(take(world, other, removal(world, s, "ann", 1)))
                kept.receive(final)

        await play(world, s, 1, Process(world, s, [Slow()]))

        assert kept.finals[0].players == 5
        assert session(world, s)["handed_seq"] == session(world, s)["result"]["seq"] == board(world, s)["seq"]
        assert session(world, s)["result"]["players"] == 4

    run(work())


@SHARDS
def test_a_session_that_an_older_release_made_final_is_left_alone_until_its_result_changes(
    world: World, shards: int
) -> None:
    async def work() -> None:
        s, kept = open_session(world, shards), Kept()
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
        assert session(world, s)["handed_seq"] == board(world, s)["seq"]

    run(work())


def test_of_a_final_session_a_look_finds_shard_0_alone(world: World) -> None:
    async def work() -> None:
        s = open_session(world, 3)
        world.clock.ms = SETTLED
        await take(world, Process(world, s), whole_game(world, s, 3))
        world.clock.ms += OVERDUE_MS

        assert await orphans(world) == [Orphan(s, 1)]

    run(work())


def test_the_log_has_one_line_of_json_with_ids_and_counts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    final = FinalSession("s1", 7, 0, "words", "host-1", "en", 3, START, FINISHED, SETTLED, 5, 4, "class-1")
    telemetry = Telemetry()
    configure_logging()

    with spent_on("hand_on"):
        CompletedLog(telemetry).receive(final)

    line = json.loads(capsys.readouterr().err)
    assert line.pop("time")
    assert line == asdict(final) | {"message": "session_completed", "severity": "INFO"}
    assert telemetry.ledger.sums() == {"hand_on": {"sessions": 1}}
    assert telemetry.snapshot()["sessions_completed"] == 1


def test_handing_on_is_spent_on_handing_on(world: World) -> None:
    async def work() -> None:
        s = open_session(world)
        process = Process(world, s)
        with capture_logs() as said:
            await play(world, s, 1, process)

        (line,) = [each for each in said if each["event"] == "session_completed"]
        assert line["seq"] == board(world, s)["seq"]
        assert process.telemetry.ledger.sums()["hand_on"]["sessions"] == 1
        assert not {"Ann", "ann"} & {str(value) for value in line.values()}

    run(work())


def test_the_class_that_a_session_was_opened_for_is_handed_on(world: World) -> None:
    async def handed_on_of(class_id: str | None) -> str | None:
        s, kept = open_session(world, class_id=class_id), Kept()
        await play(world, s, 1, Process(world, s, [kept]))
        (final,) = kept.finals
        return final.class_id

    put_class(world, "class-1")

    assert asyncio.run(handed_on_of("class-1")) == "class-1"
    world.clock.ms = START
    assert asyncio.run(handed_on_of(None)) is None


def test_verify_tells_of_a_final_session_that_nobody_hands_on(world: World, cli: Cli) -> None:
    async def work() -> str:
        s, kept = open_session(world), Kept()
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
        "fold": board(world, s)["seq"],
    }
    assert cli.run("verify", s) == 1
    assert "handed_seq" in cli.out
