"""Sessions of one question that are played to the end by a running worker."""

from collections.abc import Callable, Sequence
from typing import Any

from quizcore import documents
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import SessionFinished
from tests.support.world import END, OPENED, Person, World, spread, until

STEP_MS = 20


def in_session(world: World, shards: int = 1) -> dict[str, str]:
    """A new session: its id and its PIN."""
    session_id = world.open_session(shards)
    return {"session_id": session_id, "pin": world.session(session_id)["pin"]}


def seated(one: Person, session: dict[str, str], nickname: str) -> None:
    assert one.post("/join", {"pin": session["pin"], "nickname": nickname}).status_code == 201


async def played(world: World, session: dict[str, str], players: Sequence[str], shards: int = 1) -> None:
    """Everybody answers right, each a little later than the one before; the session is not over."""
    s = session["session_id"]
    world.clock.ms = OPENED
    await until(lambda: world.board(s)["player_count"] == len(players), "everybody is on the board")
    told = [world.opened(s), *(world.answered(s, p, OPENED + 500 + 10 * n) for n, p in enumerate(players))]
    world.bus.publish(spread(told, shards))
    await until(lambda: all(_answered(world, s, player) for player in players), "every answer is counted")


async def ended(world: World, session: dict[str, str], shards: int = 1) -> None:
    """The session is final and handed on."""
    s, settled = session["session_id"], END + PUBLISH_BOUND_MS + 10
    world.clock.ms = max(world.clock.ms, settled + 10)
    world.bus.publish(spread([world.message(SessionFinished, s, at) for at in (END + 1, settled)], shards))

    def handed_on() -> bool:
        return bool(world.board(s)["final"] and world.session(s)["handed_seq"] == world.board(s)["seq"])

    await in_time(world, handed_on, "the final session is handed on")


async def in_time(world: World, true: Callable[[], object], what: str) -> None:
    """Time goes on meanwhile: a worker looks again after a pause."""

    def look() -> object:
        world.clock.advance(STEP_MS)
        return true()

    await until(look, what)


def _answered(world: World, session_id: str, player_id: str) -> Any:
    """Counted, or held until the reveal."""
    held = world.store.list(documents.journal_path(session_id))
    return world.sheet(session_id, player_id).get("answers") or any(player_id in str(entry.data) for entry in held)
