"""Deletion by age deletes a session's documents one by one, in any order, while the services work on the session."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from admin_cli.errors import Exit
from http_api.problems import STATUS
from quizcore import documents
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import PlayerRemoved, QuestionClosed, SessionFinished
from quizcore.ports import Delete, Put
from tests.support.cli import Cli
from tests.support.games import START
from tests.support.world import END, HOST, OPENED, Person, Running, World, spread, until

NAMES = ("Ann", "Bao", "Cho")
STAGES = ("lobby", "question", "over", "final")
ACTS = ("messages", "messages", "calls", "commands", "time", "restart", "nothing")
SEEDS = range(3)
EXPIRED_MS = 31 * 24 * 3_600_000
SHARDS = pytest.mark.parametrize("shards", [1, 3])
QUIET = {"commit_attempts": 3}


@dataclass(slots=True)
class Played:
    """A session at some stage, its players, and a worker that holds it in memory."""

    world: World
    shards: int
    session_id: str = ""
    pin: str = ""
    players: dict[str, str] = field(default_factory=dict)  # the id, and the token
    worker: Running | None = None

    async def to(self, stage: str) -> None:
        world = self.world
        self.session_id = s = world.open_session(self.shards)
        self.pin = world.session(s)["pin"]
        self.worker = Running(world, **QUIET)
        client = world.client()
        for name in NAMES:
            told = Person(client).post("/join", {"pin": self.pin, "nickname": name}).json or {}
            self.players[told["player_id"]] = told["token"]
        if stage != "lobby":
            told = [world.answered(s, player, OPENED + 1 + n) for n, player in enumerate(self.players)]
            await self.say([world.opened(s), *told], OPENED + 10)
        if stage in {"over", "final"}:
            await self.say([], END + 2_000)  # overdue, so that its worker looks again
            await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(NAMES), "the reveal")
        if stage == "final":
            await self.say([world.message(SessionFinished, s, at) for at in (END + 1, END + PUBLISH_BOUND_MS + 10)])
            await until(lambda: world.board(s)["final"], "the podium")
        await until(lambda: world.board(s)["player_count"] == len(NAMES), "all are on the board")

    async def say(self, messages: Sequence[Any], at: int | None = None) -> None:
        """Wait until the worker has ended the delivery, by ack, nack or dead letter."""
        worker = self.worker
        assert worker is not None
        self.world.clock.ms = max(self.world.clock.ms, at or 0)
        self.world.bus.publish(spread(messages, self.shards))
        await until(lambda: not self.world.bus.waiting and not worker.source._out, "every message is done with")
        assert not worker.task.done(), worker.task

    async def restart(self) -> None:
        assert self.worker is not None
        await self.worker.kill()
        self.worker = Running(self.world, **QUIET)

    def documents(self) -> list[str]:
        mine = f"{documents.session_path(self.session_id)}/"
        kept = [path for path in self.world.store._documents if path.startswith(mine)]
        return [documents.session_path(self.session_id), documents.pin_path(self.pin), *kept]

    def halves(self) -> list[str]:
        """Documents that no deletion by age would ever take."""
        found = self.world.store._documents.items()
        return [path for path, each in found if not path.startswith("quizzes/") and "expires_at" not in each.data]


def everything_on_the_bus(played: Played) -> list[Any]:
    """The messages that may still arrive for such a session: a player's, a newcomer's, the host's."""
    world, s, (first, *_) = played.world, played.session_id, played.players
    now = world.clock.ms
    return [
        world.answered(s, first, OPENED + 20, choice=0),
        world.joined(s, "newcomer"),
        world.message(PlayerRemoved, s, now, player_id=list(played.players)[-1]),
        world.message(QuestionClosed, s, now, question_index=0),
        world.message(SessionFinished, s, now),
    ]


def every_call(played: Played) -> list[tuple[str, int, str]]:
    """Every call that names the session, with its response."""
    client = played.world.client(session_cache_ms=0, commands_per_minute=10_000, answers_per_minute=10_000)
    s, (player, token) = played.session_id, next(iter(played.players.items()))
    host, guest = Person(client, HOST), Person(client, token)
    answers = [
        host.get("/sessions"),
        *(each.get(f"/sessions/{s}/questions") for each in (host, guest)),
        *(each.get(f"/sessions/{s}/standings?around={player}") for each in (host, guest)),
        *(host.get(f"/sessions/{s}/report?format={kind}") for kind in ("csv", "xlsx")),
        guest.post(f"/sessions/{s}/answers", {"question_index": 0, "choices": [1]}),
        *(host.post(f"/sessions/{s}/commands", {"command": each}) for each in ("lock", "unlock", "close", "next")),
        *(
            host.post(f"/sessions/{s}/commands", {"command": "rename", "player_id": player, "nickname": "Dee"} | more)
            for more in ({}, {"command": "admit", "nickname": None}, {"command": "remove", "nickname": None})
        ),
        host.post(f"/sessions/{s}/commands", {"command": "expect", "players": 9}),
        guest.post("/join", {"pin": played.pin, "nickname": "Ann"}),
        Person(client).post("/join", {"pin": played.pin, "nickname": "Eve"}),
        host.post(f"/sessions/{s}/commands", {"command": "finish"}),
    ]
    return [
        (each.request.path, each.status_code, (each.get_json(silent=True) or {}).get("code", "")) for each in answers
    ]


def check_calls(played: Played) -> None:
    for path, status, code in every_call(played):
        assert status < 500, (path, status, code)
        assert status < 400 or STATUS[code] == status, (path, status, code)


def check_commands(played: Played, cli: Cli, folder: Path, *, aged: bool) -> None:
    """Every command that reads the session ends with a code of its own, and without a traceback."""
    s = played.session_id
    for arguments in (
        ("session", "list"),
        ("session", "watch", s),
        ("session", "waiting", s),
        ("session", "report", s, "--to", str(folder)),
        ("session", "export", s, str(folder / "archive.json")),
        ("verify", s),
        ("user", "erase", next(iter(played.players))),
    ):
        code = cli.run("--json", *arguments)
        assert code in {Exit.OK, Exit.REFUSED, *([] if aged else [Exit.DIFFERENT])}, (arguments, code, cli.err)
    code = cli.run("--json", "verify", "--all")
    assert code in {Exit.OK, *([] if aged else [Exit.DIFFERENT])}, (code, cli.out, cli.err)


@SHARDS
@pytest.mark.parametrize("aged", [True, False], ids=["aged", "by hand"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("seed", SEEDS)
async def test_deletion_by_age_in_any_order_breaks_nothing_and_creates_no_partial_documents(
    world: World, cli: Cli, tmp_path: Path, stage: str, shards: int, aged: bool, seed: int
) -> None:
    cli.impatient()
    played, rng = Played(world, shards), random.Random(seed)  # noqa: S311 (a seed, no secret)

    with patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0), capture_logs() as logs:
        await played.to(stage)
        if aged:
            world.clock.ms = START + EXPIRED_MS
        for path in rng.sample(there := played.documents(), len(there)):
            world.store.commit([Delete(path)])
            act = rng.choice(ACTS)
            if act == "messages":
                await played.say(everything_on_the_bus(played))
            elif act == "calls":
                await asyncio.to_thread(check_calls, played)
            elif act == "commands":
                await asyncio.to_thread(check_commands, played, cli, tmp_path, aged=aged)
            elif act == "restart":
                await played.restart()
            await played.say([], world.clock.ms + (5_000 if act == "time" else 0))
            assert played.halves() == []
        await asyncio.to_thread(check_commands, played, cli, tmp_path, aged=aged)
        assert played.worker is not None
        await played.worker.stop()
    assert not [entry for entry in logs if entry.get("exc_info")]


@SHARDS
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("aged", [True, False], ids=["aged", "by hand"])
async def test_a_player_is_erased_from_a_partly_deleted_session(
    world: World, cli: Cli, stage: str, shards: int, aged: bool
) -> None:
    """Whichever document went first; no worker runs, and none could count in it."""
    played = Played(world, shards)

    cli.impatient()
    await played.to(stage)
    assert played.worker is not None
    await played.worker.stop()
    s, uid = played.session_id, next(iter(played.players))
    kept = {"digest": "d", "event": None, "player_id": uid, "expires_at": world.session(s)["expires_at"]}
    world.store.commit([Put(f"{documents.requests_path(s)}/key", kept)])
    before, now = dict(world.store._documents), world.clock.ms
    cut = [documents.session_quiz_path(s), documents.board_path(s)]
    for path in played.documents() if aged else cut:
        world.store._documents, world.clock.ms = dict(before), START + EXPIRED_MS if aged else now
        world.store.commit([Delete(path)])
        assert cli.run("user", "erase", uid, "--yes") == Exit.OK, (path, cli.err)
        left = [at for at, each in world.store._documents.items() if uid in at or uid in str(each.data)]
        assert left == [] or path == documents.session_path(s), (path, left)


CLOCK = ("state", "question_index", "question", "opened_at", "closes_at", "reveal", "locked")
COUNTED = ("player_count", "final", "due_at")
# The parts that older releases wrote for a deleted session document, and one with a single missing field.
LOST = {"clock": {*CLOCK, *COUNTED}, "counted": {*COUNTED}, "nothing": set[str]()}


def left_of(head: dict[str, Any], lost: str) -> dict[str, Any]:
    kept = LOST.get(lost, head.keys() - {lost})
    return {name: value for name, value in head.items() if name in kept}


@SHARDS
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("lost", [*LOST, "shards", "host_id", "expires_at"])
async def test_an_incomplete_session_document_is_no_session(
    world: World, cli: Cli, tmp_path: Path, stage: str, shards: int, lost: str
) -> None:
    cli.impatient()
    played = Played(world, shards)

    with patch("workers.fenced_job.BACKOFF_FIRST_S", 0.0), capture_logs() as logs:
        await played.to(stage)
        s = played.session_id
        world.store.commit([Put(documents.session_path(s), left_of(world.session(s), lost))])
        answers = await asyncio.to_thread(every_call, played)
        (_, status, _), *about = answers
        assert status == 200
        assert Person(world.client(), HOST).get("/sessions").json == {"sessions": [], "next": None}
        assert cli.json("session", "list") == []
        refused = {("/api/v1/join", 404, "unknown_pin"), ("/api/v1/sessions", 404, "unknown_session")}
        assert {(path.partition(f"/{s}")[0], status, code) for path, status, code in about} == refused
        await played.say(everything_on_the_bus(played))
        await played.restart()
        await played.say(everything_on_the_bus(played), END)
        assert world.bus.dead_letters, "its messages are dead letters: their session is unknown"
        assert played.worker is not None
        await played.worker.stop()
        await asyncio.to_thread(check_commands, played, cli, tmp_path, aged=False)
    assert not [entry for entry in logs if entry.get("exc_info")]
    uid = next(iter(played.players))
    assert cli.run("user", "erase", uid, "--yes") == Exit.OK, cli.err
    assert [at for at, each in world.store._documents.items() if uid in at or uid in str(each.data)] == []


@SHARDS
async def test_a_worker_does_not_recreate_a_deleted_session_document(world: World, shards: int) -> None:
    played = Played(world, shards)

    await played.to("question")
    s = played.session_id
    world.store.commit([Delete(documents.session_path(s))])
    await played.say([world.message(QuestionClosed, s, OPENED + 20, question_index=0), world.joined(s, "dee")], END)
    assert world.store.get(documents.session_path(s)) is None
    assert world.bus.dead_letters, "its messages are dead letters: their session is unknown"
    assert played.worker is not None
    await played.worker.stop()


async def test_a_worker_recreates_a_deleted_player_document_whole_or_not_at_all(world: World) -> None:
    played = Played(world, 1)

    await played.to("question")
    s, first = played.session_id, next(iter(played.players))
    world.store.commit([Delete(documents.player_path(s, first))])
    await played.say([world.answered(s, first, OPENED + 30)], END + 1)
    assert played.worker is not None
    await played.worker.stop()
    found = world.store.get(documents.player_path(s, first))
    other = world.store.get(documents.player_path(s, list(played.players)[1]))
    assert found is not None
    assert other is not None
    assert found.data.keys() == other.data.keys()


@SHARDS
async def test_a_worker_that_misses_the_timeline_of_a_running_game_removes_no_points(world: World, shards: int) -> None:
    """Without it every answer would be early."""
    played = Played(world, shards)

    await played.to("over")
    s, before = played.session_id, world.scores(played.session_id)
    assert all(before.values())
    world.store.commit([Delete(documents.timeline_path(s, shard)) for shard in range(shards)])
    await played.restart()
    await played.say([world.answered(s, player, OPENED + 30) for player in played.players])
    assert played.worker is not None
    await played.worker.stop()
    assert world.scores(s) == before
    assert {player: world.sheet(s, player)["score"] for player in before} == before
