"""Faults that the simulator has found in commits in parts, each with its shortest history.

docs/laws.md lists each fault with its test.
"""

from collections.abc import Sequence
from typing import Any

from quizcore import documents
from quizcore.domain.sheet import REFUSALS_KEPT
from quizcore.messages import QuestionClosed
from quizcore.ports import CommitTooLarge, OutcomeUnknown, Write
from tests.support.games import GRACE_MS
from tests.support.histories import ANN, BEN, before_commit, bodies, differences, played
from tests.support.stepping import Process
from tests.support.world import END, OPENED, World


async def test_a_worker_that_loads_the_shard_between_two_parts_folds_the_same(world: World) -> None:
    """A worker died between two parts; the next worker's fold did not contain the documents that it had written."""
    s = world.open_session(scoring="flat")
    dying = Process(world, s)
    world.clock.ms = OPENED + 10_000
    await dying.take(bodies(*played(world, s, 1)))
    world.clock.ms = END + 1
    parts: list[bool] = []

    def one_player_a_commit(writes: Sequence[Write]) -> None:
        if sum("/players/" in write.path for write in writes) > 1:
            raise CommitTooLarge("two players")
        if parts:
            raise OutcomeUnknown("the process is gone")
        parts.append(True)

    with before_commit(one_player_a_commit):
        await dying.look(0)
    assert parts
    assert world.session(s)["reveal"] is None
    assert differences(world, s) == [], "the board is still the fold of the documents"

    await Process(world, s).look(0)
    assert world.session(s)["reveal"]["key"] == [1]
    assert world.scores(s) == {ANN: 1000, BEN: 1000}
    assert world.store.get(documents.unfinished_path(s, 0)) is None
    assert differences(world, s) == []


async def test_a_player_whom_the_flush_names_is_not_written_before_the_board(world: World) -> None:
    """A part that held news of its own made documents of which the board, as it was, was no fold."""
    s = world.open_session(reveal="on_answer", scoring="flat")
    dying = Process(world, s)
    world.clock.ms = OPENED + 10_000
    *start, ann_s, ben_s = played(world, s, 1)
    await dying.take(bodies(*start))
    seen: list[list[Any]] = []

    def one_player_a_commit(writes: Sequence[Write]) -> None:
        seen.append(differences(world, s))
        if sum("/players/" in write.path for write in writes) > 1:
            raise CommitTooLarge("two players")

    with before_commit(one_player_a_commit):
        assert len(await dying.take(bodies(ann_s, ben_s))) == 2
    assert not any(seen)
    assert world.scores(s) == {ANN: 1000, BEN: 1000}
    assert differences(world, s) == []


async def test_a_part_forgets_no_answer_that_the_board_still_counts(world: World) -> None:
    """A closing made a counted answer and more than 20 others late. A part that came before the board and its timeline
    kept the last 20 of them, so the fold of the documents had lost the counted answer."""
    s = world.open_session(reveal="on_answer", scoring="flat")
    worker = Process(world, s)
    world.clock.ms = OPENED + 10_000
    late = OPENED + 1_000 + GRACE_MS + 1
    told = [world.joined(s, ANN), world.joined(s, BEN), world.opened(s), world.answered(s, BEN, late)]
    told += [world.answered(s, ANN, late + n, choice=n % 2) for n in range(1, REFUSALS_KEPT + 6)]
    await worker.take(bodies(*told))
    seen: list[list[Any]] = []

    def one_player_a_commit(writes: Sequence[Write]) -> None:
        seen.append(differences(world, s))
        if sum("/players/" in write.path for write in writes) > 1:
            raise CommitTooLarge("two players")

    with before_commit(one_player_a_commit):
        assert len(await worker.take(bodies(world.message(QuestionClosed, s, OPENED + 1_000, question_index=0)))) == 1
    assert len(seen) > 2
    assert not any(seen)
    assert world.scores(s) == {ANN: 0, BEN: 0}
    assert differences(world, s) == []
