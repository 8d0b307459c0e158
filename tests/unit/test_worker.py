"""The worker on the in-memory twins: laws 2 to 5, with injected faults."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from quizcore import documents
from quizcore.loading import load
from quizcore.ports import OutcomeUnknown, Put, SourceEnded, Write
from quizcore.usecases.verify import compare
from tests.support.games import GRACE_MS
from tests.support.world import END, OPENED, Running, World, until
from workers.intake import PoisonLimitReached


async def test_answers_become_scores_ranks_and_an_acknowledgement(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([world.joined(s, "ann"), world.joined(s, "ben"), world.opened(s)])
    world.bus.publish([world.answered(s, "ann", OPENED + 400), world.answered(s, "ben", OPENED + 10_000)])
    world.clock.ms = END + 1
    await until(lambda: world.scores(s).get("ben"), "ben's points")

    assert [(r["rank"], r["nickname"], r["score"]) for r in world.board(s)["top"]] == [
        (1, "Ann", 1000),
        (2, "Ben", 750),
    ]
    assert world.sheet(s, "ann")["answers"]["0"]["correct"] is True
    assert world.session(s)["reveal"]["key"] == [1]
    assert world.board(s)["tally"] == {"question_index": 0, "answered": 2, "correct": 2, "choices": [0, 2, 0, 0]}
    await worker.stop()
    assert not world.bus.waiting
    assert worker.telemetry.snapshot()["messages_acknowledged"] == 5


@pytest.mark.parametrize("reveal", ["on_close", "on_answer"])
async def test_after_every_commit_all_documents_are_the_fold_of_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch, reveal: str
) -> None:
    """Law 4: the board with `seq` n, the session and the players say the same at each commit."""
    worker = Running(world, flush_at=2)
    s = world.open_session(reveal=reveal, auto_advance=True, review_ms=1_000, streak_bonus=True)
    commit, checked = world.store.commit, []

    def compared(writes: Sequence[Write]) -> dict[str, Any]:
        versions = commit(writes)
        checked.append(list(compare(load(world.store, s, 0))))
        return versions

    monkeypatch.setattr(world.store, "commit", compared)
    names = ["ann", "ben", "cho", "dee"]
    world.bus.publish([*(world.joined(s, name) for name in names), world.opened(s)])
    for index in range(3):
        await until(lambda i=index: world.session(s)["question_index"] == i, f"question {index}")  # type: ignore[misc]
        at = world.clock.ms = world.session(s)["opened_at"] + 1
        for number, name in enumerate(names):
            world.bus.publish([world.answered(s, name, at, choice=number % 2, index=index)])
            await asyncio.sleep(0.002)
        await until(lambda: world.board(s)["tally"]["answered"] == len(names), "all answered")
        world.clock.ms = world.session(s)["closes_at"] + GRACE_MS + 2_100
    await until(lambda: world.session(s)["state"] == "finished", "finished")
    world.clock.advance(10_000)
    await until(lambda: world.board(s)["final"], "final")
    await worker.stop()

    of_boards = len(checked) - 1  # the last one notes that the session was handed on
    assert of_boards == world.board(s)["seq"] > 10
    assert all(differences == [] for differences in checked)


async def test_a_message_delivered_twice_is_counted_once(world: World) -> None:
    worker = Running(world)
    s = world.open_session(reveal="on_answer", scoring="flat", auto_close=False)
    world.clock.ms = OPENED + 1
    answer = world.answered(s, "ann", OPENED)
    world.bus.publish([world.joined(s, "ann"), world.opened(s), answer])
    await until(lambda: world.scores(s) == {"ann": 1000}, "counted")
    seq = world.board(s)["seq"]
    world.bus.publish([answer, answer])
    await until(lambda: worker.telemetry.snapshot()["messages_acknowledged"] == 5, "acknowledged")

    assert world.scores(s) == {"ann": 1000}
    assert world.board(s)["seq"] == seq, "a repeat changes nothing, so nothing is written"
    await worker.stop()


async def test_no_message_is_acknowledged_before_the_commit_that_contains_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: Sequence[Write]) -> dict[str, Any]:
        raise OutcomeUnknown("the store is away")

    worker = Running(world, commit_attempts=2)
    s = world.open_session()
    with monkeypatch.context() as away:
        away.setattr(world.store, "commit", down)
        world.bus.publish([world.joined(s, "ann")])
        await until(lambda: worker.telemetry.snapshot()["flushes_given_up"] >= 1, "given up")
        assert worker.telemetry.snapshot()["messages_acknowledged"] == 0
    await until(lambda: world.board(s)["player_count"] == 1, "counted once the store is back")
    await worker.stop()


async def test_a_commit_without_a_reply_is_recognised(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Running(world)
    s = world.open_session()
    commit, silent = world.store.commit, [True]

    def made_but_silent(writes: Sequence[Write]) -> dict[str, Any]:
        versions = commit(writes)
        if silent.pop() if silent else False:
            raise OutcomeUnknown("reset by peer")
        return versions

    monkeypatch.setattr(world.store, "commit", made_but_silent)
    world.bus.publish([world.joined(s, "ann")])
    await until(lambda: worker.telemetry.snapshot()["messages_acknowledged"] == 1, "acknowledged")

    counts = worker.telemetry.snapshot()
    assert (world.board(s)["seq"], counts["commits_made"], counts["states_loaded"]) == (1, 1, 1)
    await worker.stop()


async def test_a_worker_that_finds_the_board_changed_writes_nothing_and_folds_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Running(world)
    s = world.open_session(reveal="on_answer", scoring="flat")
    world.clock.ms = OPENED + 1
    world.bus.publish([world.joined(s, "ann"), world.joined(s, "ben"), world.opened(s)])
    await until(lambda: world.session(s)["state"] == "question", "the question")
    await ours.stop()
    zombie = Running(world)
    world.bus.publish([world.answered(s, "ann", OPENED)])
    await until(lambda: world.scores(s).get("ann") == 1000, "the second worker has the state")
    other = Running(world)
    commit = world.store.commit
    raced: list[bool] = []

    def beaten(writes: Sequence[Write]) -> dict[str, Any]:
        """Between the zombie's fold and its commit another writer moves the board."""
        if not raced:
            raced.append(True)
            top = world.store.get(documents.board_path(s))
            assert top is not None
            commit([type(writes[-1])(documents.board_path(s), top.data | {"commit_id": "other"}, top.version)])  # type: ignore[call-arg]
        return commit(writes)

    monkeypatch.setattr(world.store, "commit", beaten)
    world.bus.publish([world.answered(s, "ben", OPENED)])
    await until(lambda: world.scores(s) == {"ann": 1000, "ben": 1000}, "both counted")

    lost = [w.telemetry.snapshot()["commits_lost"] for w in (zombie, other)]
    assert sum(lost) == 1
    await zombie.stop()
    await other.stop()


async def test_two_workers_at_once_give_the_same_points_as_one(world: World) -> None:
    workers = [Running(world) for _ in range(2)]
    s = world.open_session(reveal="on_answer", scoring="flat")
    world.clock.ms = OPENED + 1
    players = [f"p{n:02}" for n in range(40)]
    world.bus.publish([world.opened(s), *(world.joined(s, p) for p in players)])
    for p in players:
        world.bus.publish([world.answered(s, p, OPENED, choice=int(p[1:]) % 2)])
        await asyncio.sleep(0)
    await until(lambda: world.board(s)["tally"] and world.board(s)["tally"]["answered"] == 40, "all counted")

    found = {p: world.sheet(s, p)["score"] for p in players}
    assert found == {p: 1000 if int(p[1:]) % 2 == 1 else 0 for p in players}
    for worker in workers:
        await worker.stop()


async def test_an_unreadable_message_becomes_a_dead_letter_and_later_messages_are_counted(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    bad = [b"", b"{", b'{"type":"coup"}', b'{"v":2}', b"x" * 5_000]
    for body in bad:
        world.bus.put(body)
    world.bus.publish([world.joined("nobody-opened-this", "ann"), world.joined(s, "ann")])
    await until(lambda: world.board(s)["player_count"] == 1, "the good one")
    await until(lambda: len(world.bus.dead_letters) == 6, "all unreadable messages are dead letters")

    await worker.stop()
    assert all(reason for _, reason in world.bus.dead_letters)
    assert worker.telemetry.snapshot()["messages_poisoned"] == 6
    assert not world.bus.waiting


async def test_one_broken_session_does_not_stop_the_others(world: World) -> None:
    broken, sound = world.open_session(), world.open_session()
    quiz = world.store.get(documents.session_quiz_path(broken))
    assert quiz is not None
    world.store.commit([Put(documents.session_quiz_path(broken), {"damaged": True})])
    worker = Running(world)
    world.bus.publish([world.joined(broken, "ann"), world.joined(sound, "ben")])
    await until(lambda: world.board(sound)["player_count"] == 1, "the sound one goes on")
    await until(lambda: worker.telemetry.snapshot()["flushes_given_up"] > 1, "the broken one is tried again")
    assert worker.telemetry.snapshot()["messages_acknowledged"] == 1

    world.store.commit([Put(documents.session_quiz_path(broken), quiz.data)])
    await until(lambda: world.board(broken)["player_count"] == 1, "mended, its messages count")
    await worker.stop()


async def test_too_much_poison_stops_the_worker_with_messages_left(world: World) -> None:
    worker = Running(world, poison_limit=3)
    for _ in range(10):
        world.bus.put(b"not ours")
    with pytest.raises(PoisonLimitReached):
        await worker.task
    assert len(world.bus.dead_letters) == 4
    assert len(world.bus.waiting) == 6


async def test_a_source_that_ends_permanently_ends_the_worker(world: World) -> None:
    worker = Running(world)
    await asyncio.sleep(0)
    worker.source.failure = "subscription not found"
    with pytest.raises(SourceEnded, match="not found"):
        await worker.task
