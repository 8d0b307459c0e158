"""The worker without tasks and waits: the caller says when a turn is. Its parts are the engine's."""

from collections.abc import Callable, Sequence

from quizcore.ports import Delivery, EventSource
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.deliveries import Deliveries, HandedOver, Item
from workers.intake import Intake, ShardKey
from workers.public_board.runner import PublicBoardRunner
from workers.shard.runner import ShardRunner, TakeOver


class Stepwise:
    """One process's memory of its shards and public boards. Nothing here is idle, drained or adopted."""

    def __init__(
        self,
        source: EventSource,
        deliveries: Deliveries,
        settings: WorkerSettings,
        telemetry: Telemetry,
        make_runner: Callable[[str, int, TakeOver], ShardRunner],
        make_public_board: Callable[[str], PublicBoardRunner],
    ) -> None:
        self._intake = Intake(source, deliveries, settings.poison_limit, telemetry, self._route)
        self._make_runner = make_runner
        self._make_public_board = make_public_board
        self._runners: dict[ShardKey, ShardRunner] = {}
        self._public_boards: dict[str, PublicBoardRunner] = {}
        self._due: dict[ShardKey, None] = {}  # in the order of coming
        self._changed: dict[str, None] = {}

    async def step(self, batch: Sequence[Delivery]) -> None:
        """Decode and route the deliveries, one turn for each shard that got some, and one merge for each session of
        many shards that this changed."""
        await self._intake.hand_out(batch)
        await self._turns()

    async def look(self, session_id: str, shard: int) -> None:
        """One turn of a shard without new messages, as when its clock is due."""
        self._due[session_id, shard] = None
        await self._turns()

    def look_again(self, session_id: str, shard: int) -> None:
        """The documents may say more than is remembered; the shard's next turn reads them."""
        self._runner((session_id, shard)).look_again()

    async def _turns(self) -> None:
        due, self._due = self._due, {}
        for key in due:
            await self._runner(key).turn()
        changed, self._changed = self._changed, {}
        for session_id in changed:
            if not await self._public_board(session_id).turn():
                del self._public_boards[session_id]

    def _route(self, key: ShardKey, items: Sequence[Item], backlog: bool) -> None:
        self._runner(key).offer(items, backlog=backlog)
        self._due[key] = None

    def _runner(self, key: ShardKey) -> ShardRunner:
        if key not in self._runners:
            self._runners[key] = self._make_runner(*key, self._take_over_for(key[0]))
        return self._runners[key]

    def _take_over_for(self, session_id: str) -> TakeOver:
        async def take_over(handed: HandedOver) -> None:
            self._changed[session_id] = None
            await self._public_board(session_id).take_over(handed)

        return take_over

    def _public_board(self, session_id: str) -> PublicBoardRunner:
        if session_id not in self._public_boards:
            self._public_boards[session_id] = self._make_public_board(session_id)
        return self._public_boards[session_id]
