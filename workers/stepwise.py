"""The worker without tasks and waits: the caller decides when a turn runs. The parts are those of the engine."""

from collections.abc import Callable, Sequence

from quizcore.ports import Delivery, EventSource
from quizcore.settings import WorkerSettings
from quizcore.telemetry import Telemetry
from workers.deliveries import Deliveries, HandedOver, Item, TakeOver
from workers.intake import Intake, ShardKey
from workers.public_board.runner import MakeMerge, MergeKey, MergeRunner
from workers.shard.runner import ShardRunner


class Stepwise:
    """One process's memory of its shards and public boards. It has no idleness, drain or adoption."""

    def __init__(
        self,
        source: EventSource,
        deliveries: Deliveries,
        settings: WorkerSettings,
        telemetry: Telemetry,
        make_runner: Callable[[str, int, TakeOver], ShardRunner],
        make_merge: MakeMerge,
    ) -> None:
        self._intake = Intake(source, deliveries, settings.poison_limit, telemetry, self._route)
        self._make_runner = make_runner
        self._make_merge = make_merge
        self._runners: dict[ShardKey, ShardRunner] = {}
        self._merges: dict[MergeKey, MergeRunner] = {}
        self._due: dict[ShardKey, None] = {}  # in the order of arrival
        self._changed: dict[MergeKey, None] = {}

    async def step(self, batch: Sequence[Delivery]) -> None:
        """Decode and route the deliveries; run one turn of each shard that got messages, and one merge of each group
        and public board that changed."""
        await self._intake.hand_out(batch)
        await self._turns()

    async def look(self, session_id: str, shard: int) -> None:
        """Run one turn of a shard without new messages, as when its clock is due."""
        self._due[session_id, shard] = None
        await self._turns()

    def look_again(self, session_id: str, shard: int) -> None:
        """Make the shard's next turn read its documents, which may have changed."""
        self._runner((session_id, shard)).look_again()

    async def _turns(self) -> None:
        due, self._due = self._due, {}
        for key in due:
            await self._runner(key).turn()
        while self._changed:  # a group that was merged changes the public board
            merge = max(self._changed, key=lambda key: key[1] is not None)
            del self._changed[merge]
            if not await self._merge(merge).turn():
                del self._merges[merge]

    def _route(self, key: ShardKey, items: Sequence[Item], backlog: bool) -> None:
        self._runner(key).offer(items, backlog=backlog)
        self._due[key] = None

    def _runner(self, key: ShardKey) -> ShardRunner:
        if key not in self._runners:
            self._runners[key] = self._make_runner(*key, self._take_over_for(key[0]))
        return self._runners[key]

    def _take_over_for(self, session_id: str) -> TakeOver:
        async def take_over(handed: HandedOver) -> None:
            key: MergeKey = (session_id, handed.next_group)
            self._changed[key] = None
            await self._merge(key).take_over(handed)

        return take_over

    def _merge(self, key: MergeKey) -> MergeRunner:
        if key not in self._merges:
            self._merges[key] = self._make_merge(*key, self._take_over_for(key[0]))
        return self._merges[key]
