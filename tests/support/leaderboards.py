"""Final games of people, counted and folded on the twins."""

from typing import Any

from quizcore import documents
from quizcore.documents.leaderboard import BOARDS, MOVES, period_path
from quizcore.domain.ranks import MOST_BYTES
from quizcore.ports import Put
from quizcore.telemetry import Telemetry
from tests.support.handing_on import PLAYERS, play
from tests.support.people import PROFILE
from tests.support.stepping import Process
from tests.support.world import START, World, worker_settings
from workers.leaderboard.fold_job import FoldJob


def put_person(world: World, uid: str, **profile: Any) -> None:
    made = documents.new_person(PROFILE | {"nickname": uid.title()} | profile, START)  # type: ignore[arg-type]
    world.store.commit([Put(documents.person_path(uid), made)])


def put_member(world: World, class_id: str, uid: str) -> None:
    member = {"nickname": uid.title(), "avatar": "owl", "joined_at": START}
    world.store.commit([Put(documents.class_member_path(class_id, uid), member)])


async def play_game(world: World, class_id: str | None = None, shards: int = 1) -> tuple[str, Process]:
    """A final game of `PLAYERS`, which the process has counted."""
    session_id = world.open_session(shards, class_id=class_id)
    process = Process(world, session_id)
    await play(world, session_id, shards, process)
    return session_id, process


async def fold(world: World, leaf_bytes: int = MOST_BYTES) -> None:
    """Every board that has moves."""
    while moves := world.store.list(MOVES, limit=1):
        job = fold_job(world, moves[0].data["queue"])
        job.leaf_bytes = leaf_bytes
        await job.run(None)


def fold_job(world: World, board: str) -> FoldJob:
    attempts = worker_settings().commit_attempts
    return FoldJob(board, world.store, world.clock, world.ids, attempts, Telemetry())


def period(world: World, board: str, name: str = "all") -> dict[str, Any]:
    found = world.store.get(period_path(board, name))
    assert found is not None, [each.path for each in world.store.list(f"{BOARDS}/{board}/periods")]
    return found.data


def rows(world: World, board: str, name: str = "all") -> list[tuple[int, str, int]]:
    return [(row["rank"], row["who"], row["points"]) for row in period(world, board, name)["top"]]


def scores(world: World, session_id: str) -> dict[str, int]:
    return {uid: world.sheet(session_id, uid)["score"] for uid in PLAYERS}
