"""A game that becomes final and is handed on: its receivers, a process that dies on the way, and who adopts it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from quizcore.adapters.memory import MemoryStore
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.messages import Message, PlayerRemoved, SessionFinished
from quizcore.ports import FinalSession, NotReceived, Replace, Update, Write
from quizcore.telemetry import Telemetry
from tests.support.stepping import Process
from tests.support.world import END, OPENED, World, spread
from workers.adoption import Adoption, Orphan

PLAYERS = ["ann", "ben", "cho", "dan", "eva"]
FINISHED = END + 1
SETTLED = FINISHED + PUBLISH_BOUND_MS
EXPECTED = {"players": 5, "answers": 4, "finished_at": FINISHED, "quiz_id": "words", "host_id": "host-1"}


class Died(BaseException):
    """The end of a process, which no handler of the product takes."""


class Kept:
    """Remembers what it was handed, when it does not refuse."""

    def __init__(self) -> None:
        self.finals: list[FinalSession] = []
        self.refuses = False

    async def receive(self, final: FinalSession) -> None:
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

    async def receive(self, final: FinalSession) -> None:
        self._reach("before the receiver has it")
        self.finals.append(final)
        self._reach("when the receiver has it")

    def _reach(self, point: str) -> None:
        if point == self._point and not self.died:
            self.died = True
            raise Died


def whole_game(world: World, session_id: str, shards: int) -> list[Message]:
    """All but the last answer a question; Eva joins and answers nothing."""
    told = [*(world.joined(session_id, player) for player in PLAYERS), world.opened(session_id)]
    told += [world.answered(session_id, p, OPENED + 500 + n, choice=n % 2) for n, p in enumerate(PLAYERS[:-1])]
    return spread([*told, *(world.message(SessionFinished, session_id, at) for at in (FINISHED, SETTLED))], shards)


def removal(world: World, session_id: str, player_id: str, shards: int) -> list[Message]:
    return spread([world.message(PlayerRemoved, session_id, world.clock.ms, player_id=player_id)], shards)


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
    """Adopt, as another worker, all sessions that a check finds."""
    for orphan in await orphans(world):
        for shard in orphan.shards:
            process.look_again(shard)
            await process.look(shard)
