"""The engine closes a question when all awaited players have answered, with one shard, many shards, and groups of
shards."""

import asyncio
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest

from quizcore.domain.turnout import Turnout, combined_turnout
from quizcore.messages import (
    Message,
    PlayerAdmitted,
    PlayerJoined,
    PlayerRemoved,
    QuestionClosed,
    QuestionOpened,
    decode,
)
from quizcore.shards import GROUP_SHARDS, shard_of
from tests.support.games import GRACE_MS, LIMIT_MS, START
from tests.support.stepping import Process
from tests.support.world import END, OPENED, World
from workers.closing import REPEAT_AFTER_MS, Closing

ANN, BEN, CHO, DAN = (f"player-{n}" for n in range(4))
NOW = OPENED + 1_000
GROUPED = 5


class Scene:
    """A session whose messages a worker takes in order; `closings` are those that it publishes."""

    def __init__(self, world: World, shards: int = 1, **options: Any) -> None:
        self.world, self.shards = world, shards
        self.s = world.open_session(shards, group_shards=2 if shards == GROUPED else GROUP_SHARDS, **options)
        self.worker = self.process()
        self.published = 0

    def process(self) -> Process:
        return Process(self.world, self.s)

    async def happens(self, *messages: Message) -> None:
        """Count all these messages, and those that the worker then publishes."""
        self.world.bus.publish(self.to_shards(messages))
        await self.drain()

    async def drain(self) -> None:
        while batch := self.next_of_a_key():
            await self.worker.take(batch)

    def next_of_a_key(self) -> list[tuple[bytes, dict[str, str]]]:
        waiting = self.world.bus.waiting
        batch = [one for one in waiting if decode(one[0]).shard == decode(waiting[0][0]).shard]
        for one in batch:
            waiting.remove(one)
        return batch

    def to_shards(self, messages: Sequence[Message]) -> list[Message]:
        of_player = [getattr(each, "player_id", None) for each in messages]
        numbers = [0 if player_id is None else shard_of(player_id, self.shards) for player_id in of_player]
        return [each.model_copy(update={"shard": n}) for each, n in zip(messages, numbers, strict=True)]

    def joined(self, player_id: str, at: int = START) -> Message:
        fields = {"player_id": player_id, "nickname": player_id, "avatar": "fox"}
        return self.world.message(PlayerJoined, self.s, at, **fields)

    def answered(self, player_id: str, at: int = OPENED + 500, index: int = 0) -> Message:
        return self.world.answered(self.s, player_id, at, index=index)

    async def begins(self, *player_ids: str) -> None:
        self.world.clock.ms = NOW
        await self.happens(*map(self.joined, player_ids), self.world.opened(self.s))
        self.published = len(self.world.bus.published)

    @property
    def closings(self) -> list[QuestionClosed]:
        """Without the copies for the other shards."""
        new = self.world.bus.published[self.published :]
        return [each for each in new if isinstance(each, QuestionClosed) and each.shards is None]

    @property
    def closes_at(self) -> int:
        closes_at: int = self.world.session(self.s)["closes_at"]
        return closes_at


SHARDS = pytest.mark.parametrize("shards", [1, 3, GROUPED])


@SHARDS
async def test_the_last_answer_closes_the_question_at_once(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN, BEN, CHO)
    await scene.happens(scene.answered(ANN), scene.answered(BEN))
    assert scene.closings == []

    await scene.happens(scene.answered(CHO))

    (closing,) = scene.closings
    assert (closing.question_index, closing.at) == (0, NOW)
    assert scene.closes_at == NOW
    assert world.board(scene.s)["tally"]["answered"] == 3
    world.clock.ms = NOW + GRACE_MS + 1
    for shard in range(shards):
        await scene.worker.look(shard)
    assert world.board(scene.s)["tally"]["correct"] == 3
    assert world.session(scene.s)["state"] == "closed"


@SHARDS
async def test_a_question_does_not_wait_for_a_late_player_whose_answer_still_counts(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN, BEN)
    await scene.happens(scene.joined(CHO, OPENED - 1), scene.joined(DAN, OPENED), scene.answered(DAN))
    await scene.happens(scene.answered(ANN), scene.answered(BEN))
    assert scene.closings == [], "Cho came in the lead, and saw all of the question"

    await scene.happens(scene.answered(CHO))

    assert len(scene.closings) == 1
    assert world.board(scene.s)["tally"]["answered"] == 4


@SHARDS
async def test_removing_the_last_awaited_player_closes_the_question(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN, BEN)
    await scene.happens(scene.answered(ANN))
    assert scene.closings == []

    await scene.happens(world.message(PlayerRemoved, scene.s, NOW, player_id=BEN))

    assert len(scene.closings) == 1
    assert scene.closes_at == NOW


@SHARDS
async def test_a_question_does_not_wait_for_unadmitted_players(world: World, shards: int) -> None:
    scene = Scene(world, shards, approval=True)
    await scene.begins(ANN, BEN, CHO)
    let_in = [world.message(PlayerAdmitted, scene.s, NOW, player_id=each) for each in (ANN, BEN)]
    await scene.happens(*let_in, scene.answered(ANN))
    assert scene.closings == []

    await scene.happens(scene.answered(BEN))

    assert len(scene.closings) == 1


@SHARDS
async def test_a_question_without_awaited_players_runs_its_time(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins()
    assert scene.closings == []
    await scene.happens(scene.joined(ANN, OPENED + 1), scene.answered(ANN))
    assert scene.closings == []
    assert scene.closes_at == END - GRACE_MS


@SHARDS
@pytest.mark.parametrize("auto_close", [True, False])
async def test_the_host_can_switch_auto_close_off(world: World, shards: int, auto_close: bool) -> None:
    scene = Scene(world, shards, auto_close=auto_close)
    await scene.begins(ANN)
    await scene.happens(scene.answered(ANN))
    assert len(scene.closings) == int(auto_close)


@SHARDS
async def test_an_answer_that_does_not_count_closes_nothing(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN)
    await scene.happens(scene.answered(ANN, OPENED - 1), scene.answered(ANN, index=1))
    assert scene.closings == []
    await scene.happens(scene.answered(ANN))
    assert len(scene.closings) == 1


@SHARDS
async def test_a_wrong_worker_clock_makes_no_counted_answer_late(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN, BEN)
    late = NOW + GRACE_MS + 700  # by the clock of the API's instance
    await scene.happens(scene.answered(ANN, late), scene.answered(BEN))

    assert [closing.at for closing in scene.closings] == [late]
    assert world.board(scene.s)["tally"]["answered"] == 2


@SHARDS
async def test_two_workers_that_close_at_different_moments_close_once_at_the_earlier(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN)
    last = scene.to_shards([scene.answered(ANN)])
    world.bus.publish(last)
    batch = scene.next_of_a_key()
    await scene.process().take(batch)
    first, world.bus.waiting = list(world.bus.waiting), type(world.bus.waiting)()
    world.clock.ms = NOW + 300
    await scene.process().take(batch)  # delivered again, to a worker that has not heard of the closing
    one, other = scene.closings
    assert (one.event_id, one.question_index) == (other.event_id, other.question_index)
    assert (one.at, other.at) == (NOW, NOW + 300)

    await scene.drain()
    assert scene.closes_at == NOW + 300
    await scene.worker.take(first)
    await scene.drain()

    assert scene.closes_at == NOW


@SHARDS
async def test_a_late_closing_closes_no_other_question(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN)
    world.bus.publish(scene.to_shards([scene.answered(ANN)]))
    await scene.worker.take(scene.next_of_a_key())
    held_back = scene.next_of_a_key()
    assert [type(decode(body)) for body, _ in held_back] == [QuestionClosed]
    world.clock.ms = NOW + LIMIT_MS
    await scene.happens(world.message(QuestionOpened, scene.s, NOW + LIMIT_MS, question_index=1))
    closes_at = scene.closes_at

    await scene.worker.take(held_back)
    await scene.drain()

    assert world.session(scene.s)["question_index"] == 1
    assert scene.closes_at == closes_at
    assert len(scene.closings) == 1


async def test_answers_are_acknowledged_only_after_the_closing_that_they_cause(world: World) -> None:
    scene = Scene(world)
    await scene.begins(ANN)
    world.bus.publish(scene.to_shards([scene.answered(ANN)]))
    batch = scene.next_of_a_key()
    with patch.object(Closing, "close", side_effect=RuntimeError("the process is gone")):
        assert await scene.worker.take(batch) == []
    assert world.board(scene.s)["tally"]["answered"] == 1
    scene.worker = scene.process()

    assert await scene.worker.take(batch) == batch

    assert len(scene.closings) == 1


@SHARDS
async def test_a_closing_that_was_not_published_is_retried_after_a_pause(world: World, shards: int) -> None:
    scene = Scene(world, shards)
    await scene.begins(ANN)
    world.bus.publish(scene.to_shards([scene.answered(ANN)]))
    batch = scene.next_of_a_key()
    world.bus.up = False
    assert await scene.worker.take(batch) == batch, "counted, and acknowledged"
    world.bus.up = True
    world.clock.advance(REPEAT_AFTER_MS - 1)
    await looks(scene)
    assert scene.closings == []
    world.clock.advance(1)
    await looks(scene)
    await looks(scene)

    assert len(scene.closings) == 1
    await scene.drain()
    assert scene.closes_at == NOW + REPEAT_AFTER_MS


async def looks(scene: Scene) -> None:
    await scene.worker.look(
        shard_of(ANN, scene.shards),
    )
    await scene.worker.look(0)


@SHARDS
def test_waiting_for_answers_writes_nothing(world: World, shards: int) -> None:
    async def commits(auto_close: bool) -> int:
        scene = Scene(world, shards, auto_close=auto_close)
        made: list[Any] = []
        commit = type(world.store).commit

        def counted(store: Any, writes: Any) -> Any:
            made.append(writes)
            return commit(store, writes)

        with patch.object(type(world.store), "commit", counted):
            world.clock.ms = START
            await scene.begins(ANN, BEN, CHO)
            await scene.happens(scene.answered(ANN))
            await scene.happens(scene.answered(BEN), scene.joined(DAN, NOW))
            for shard in range(shards):
                await scene.worker.look(shard)
        assert scene.closings == []
        return sum(map(len, made))

    with_it, without_it = (asyncio.run(commits(auto_close)) for auto_close in (True, False))

    assert with_it == without_it


def test_a_question_does_not_close_while_a_shard_does_not_know_it() -> None:
    ahead, behind = Turnout(1, 2, 2, NOW), Turnout(0, 3, 3, NOW)
    there = Turnout(1, 0, 0, 0)

    assert combined_turnout([ahead, there]) == Turnout(1, 2, 2, NOW, shards=2)
    together = {shards: combined_turnout([ahead, other]) for shards, other in (("behind", behind), ("new", None))}
    assert {name: turnout and turnout.complete(2) for name, turnout in together.items()} == {
        "behind": False,
        "new": False,
    }
    complete = combined_turnout([ahead, there])
    assert complete is not None
    assert complete.complete(2)


async def test_a_question_still_closes_at_its_time_limit(world: World) -> None:
    """A player who has left does not delay a question beyond its time."""
    scene = Scene(world)
    await scene.begins(ANN, BEN)
    await scene.happens(scene.answered(ANN))
    world.clock.ms = END + 1
    await scene.worker.look(0)

    assert scene.closings == []
    assert (world.session(scene.s)["state"], scene.closes_at) == ("closed", OPENED + LIMIT_MS)
