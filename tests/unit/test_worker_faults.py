"""Laws 2 to 5 under seeded faults: commits that fail or lose their reply, repetitions, deaths, two workers.

The faults come from the seed; the event loop's own timing does not, so a failing seed is a strong hint and not a
replay.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from quizcore import documents
from quizcore.documents import board_fields
from quizcore.loading import load, load_whole
from quizcore.messages import AnswerSubmitted
from quizcore.ports import Conflict, OutcomeUnknown, Write
from quizcore.usecases.verify import compare, compare_merged
from tests.support.world import END, OPENED, Running, World, spread, until

SEEDS = range(24)
PLAYERS = [f"p{n:02}" for n in range(16)]
WORKERS = 2


class FaultyCommits:
    """Fails before, fails after, or conflicts, as the seed decides; `healed` ends the faults."""

    def __init__(self, world: World, rng: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.healed = False
        self._rng = rng
        self._commit = world.store.commit
        monkeypatch.setattr(world.store, "commit", self)

    def __call__(self, writes: Sequence[Write]) -> dict[str, Any]:
        fault = 1.0 if self.healed else self._rng.random()
        if fault < 0.15:
            raise OutcomeUnknown("lost on the way there")
        if fault < 0.2:
            raise Conflict("said to conflict")
        versions = self._commit(writes)
        if fault < 0.4:
            raise OutcomeUnknown("lost on the way back")
        return versions


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_accepted_answer_is_counted_once_under_any_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int, shards: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 (a seed, not a secret)

    s = world.open_session(shards, reveal=rng.choice(["on_close", "on_answer"]), scoring="flat")
    faults = FaultyCommits(world, rng, monkeypatch)
    workers = [Running(world, commit_attempts=3) for _ in range(WORKERS)]
    world.clock.ms = OPENED + 1
    messages = [world.opened(s), *(world.joined(s, p) for p in PLAYERS)]
    messages += [world.answered(s, p, OPENED + n, choice=n % 2) for n, p in enumerate(PLAYERS)]
    messages = spread(messages, shards)
    repeated = [*messages, *rng.choices(messages, k=10)]
    rng.shuffle(repeated)
    for message in repeated:
        world.bus.publish([message])
        if rng.random() < 0.1:
            victim = rng.randrange(WORKERS)
            await workers[victim].kill()
            workers[victim] = Running(world, commit_attempts=3)
        await asyncio.sleep(rng.choice([0, 0.001]))
    world.clock.ms = END + 2_000
    faults.healed = True
    await until(lambda: counted(world.board(s)) == (len(PLAYERS), len(PLAYERS) // 2), "all counted")
    for worker in workers:
        await worker.stop()

    found = world.store.list(documents.players_path(s))
    accepted = {m.event_id for m in messages if isinstance(m, AnswerSubmitted)}
    assert {p.name: p.data["score"] for p in found} == {p: 1000 * (n % 2) for n, p in enumerate(PLAYERS)}
    assert {a["receipt"] for p in found for a in p.data["answers"].values()} == accepted
    parts = [load(world.store, s, shard) for shard in range(shards)]
    assert [difference for part in parts for difference in compare(part)] == []
    top = world.store.get(documents.board_path(s))
    assert top is not None
    assert list(compare_merged(parts, top)) == []
    assert same_as_one_shard(world, s)


def counted(board: dict[str, Any]) -> tuple[int, int] | None:
    """The number of answers, and of right answers after the reveal."""
    tally = board["tally"]
    return (tally["answered"], tally["correct"]) if tally else None


def same_as_one_shard(world: World, session_id: str) -> bool:
    """The public board is the fold of all players together, independent of their shards."""
    whole = load_whole(world.store, session_id)
    says = whole.board.data
    fold = board_fields(whole.state, seq=says["seq"], commit_id=says["commit_id"], top_k=20)
    return {name: says[name] for name in fold} == {**fold, "as_of": says["as_of"]}
