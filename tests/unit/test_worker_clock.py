"""The worker and time: law 6 and 8, the reveal, auto-advance, board intervals, idleness."""

from quizcore import documents
from quizcore.messages import QuestionClosed, QuestionOpened, SessionFinished
from tests.support.games import GRACE_MS
from tests.support.world import END, OPENED, Running, World, until


async def test_before_the_reveal_no_readable_document_contains_the_key(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.clock.ms = OPENED + 1
    world.bus.publish([world.joined(s, "ann"), world.joined(s, "ben"), world.opened(s)])
    await until(lambda: world.session(s)["state"] == "question", "the question")
    before = world.sheet(s, "ann")
    world.bus.publish([world.answered(s, "ann", OPENED, 1), world.answered(s, "ben", OPENED, 0)])
    await until(lambda: world.board(s)["tally"]["answered"] == 2, "both counted")

    assert world.sheet(s, "ann") == before
    assert set(world.scores(s).values()) == {0}
    assert world.board(s)["tally"] == {"question_index": 0, "answered": 2, "correct": None, "choices": None}
    assert world.session(s)["reveal"] is None
    assert not {"key", "explanation"} & world.session(s)["question"].keys()
    await worker.stop()


async def test_held_answers_survive_a_kill_and_are_paid_at_the_reveal(world: World) -> None:
    first = Running(world)
    s = world.open_session(auto_close=False)
    world.clock.ms = OPENED + 1
    world.bus.publish([world.joined(s, "ann"), world.opened(s), world.answered(s, "ann", OPENED)])
    await until(lambda: first.telemetry.snapshot()["messages_acknowledged"] == 3, "acknowledged")
    await first.kill()
    assert world.scores(s) == {"ann": 0}

    world.clock.ms = END + 5_000
    second = Running(world)
    await until(lambda: world.scores(s) == {"ann": 1000}, "paid after the restart")
    await until(lambda: not world.store.list(documents.journal_path(s)), "the journal is done with")
    await second.stop()


async def test_the_podium_waits_until_every_accepted_answer_is_folded(world: World) -> None:
    worker = Running(world)
    s = world.open_session(scoring="flat")
    finish_at = OPENED + 2_000
    world.clock.ms = finish_at
    late_on_the_bus = world.answered(s, "ann", finish_at + GRACE_MS)
    world.bus.publish([world.joined(s, "ann"), world.opened(s)])
    world.bus.publish([world.message(SessionFinished, s, finish_at)])
    await until(lambda: world.session(s)["state"] == "finished", "finished")
    assert not world.board(s)["final"]

    world.clock.ms = finish_at + GRACE_MS + 4_900
    world.bus.publish([late_on_the_bus])
    await until(lambda: world.scores(s) == {"ann": 1000}, "the late one counts")
    assert not world.board(s)["final"]

    world.clock.ms = finish_at + GRACE_MS + 5_001
    await until(lambda: world.board(s)["final"] and world.session(s)["final"], "final")
    assert world.scores(s) == {"ann": 1000}
    await worker.stop()


async def test_auto_advance_opens_every_question_and_finishes_even_after_a_restart(world: World) -> None:
    worker = Running(world)
    s = world.open_session(auto_advance=True, review_ms=1_000)
    world.bus.publish([world.joined(s, "ann"), world.opened(s)])
    for index in range(3):
        await until(lambda i=index: world.session(s)["question_index"] == i, f"question {index}")  # type: ignore[misc]
        if index == 1:
            await worker.kill()
            worker = Running(world)
        world.clock.ms = world.session(s)["closes_at"] + GRACE_MS + 2_100
    await until(lambda: world.session(s)["state"] == "finished", "finished")
    world.clock.advance(10_000)
    await until(lambda: world.board(s)["final"], "final")
    opens = [m for m in world.bus.published if isinstance(m, QuestionOpened)]
    assert [m.question_index for m in opens] == [0, 1, 2]
    await worker.stop()


async def test_a_question_closes_by_itself_when_its_time_is_up(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([world.opened(s)])
    await until(lambda: world.session(s)["state"] == "question", "the question")
    world.clock.ms = END + 1_500
    await until(lambda: world.session(s)["state"] == "closed", "closed without the host")

    assert world.session(s)["question_index"] == 0, "without auto-advance the host opens the next"
    assert world.session(s)["due_at"] is None
    await worker.stop()


async def test_a_close_by_the_host_reveals_only_after_the_grace(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.clock.ms = OPENED + 1_000
    world.bus.publish([world.opened(s), world.message(QuestionClosed, s, OPENED + 1_000, question_index=0)])
    await until(lambda: world.session(s)["closes_at"] == OPENED + 1_000, "closing")
    assert (world.session(s)["state"], world.session(s)["reveal"]) == ("question", None)

    world.clock.ms = OPENED + 1_000 + GRACE_MS + 1_500
    await until(lambda: world.session(s)["reveal"], "the reveal")
    await worker.stop()


async def test_an_idle_shard_is_loaded_again_and_continues(world: World) -> None:
    worker = Running(world, idle_s=0.001)
    s = world.open_session()
    for number in range(1, 30):
        world.bus.publish([world.joined(s, f"p{number:02}")])
        await until(lambda n=number: world.board(s)["player_count"] == n, f"player {number}")  # type: ignore[misc]

    assert worker.telemetry.snapshot()["states_loaded"] > 1
    await worker.stop()


async def test_a_stop_flushes_received_messages_before_the_interval_is_over(world: World) -> None:
    worker = Running(world, interval_50_ms=60_000, orphan_check_s=0.02)
    s = world.open_session()
    world.bus.publish([world.joined(s, "ann")])
    await until(lambda: world.board(s)["player_count"] == 1, "the first at once")
    world.bus.publish([world.joined(s, "ben")])
    await until(lambda: worker.telemetry.snapshot()["messages_received"] == 2, "taken in")
    assert world.board(s)["player_count"] == 1

    await worker.stop()

    assert world.board(s)["player_count"] == 2
    assert not world.bus.waiting


async def test_boards_keep_the_interval_and_a_backlog_does_not_wait(world: World) -> None:
    worker = Running(world, interval_50_ms=60_000, flush_at=30, orphan_check_s=0.02)
    s = world.open_session()
    world.bus.publish([world.joined(s, "p00")])
    await until(lambda: world.board(s)["player_count"] == 1, "the first at once")
    for n in range(1, 31):
        world.bus.publish([world.joined(s, f"p{n:02}")])
    await until(lambda: world.board(s)["player_count"] == 31, "a backlog at once")

    assert world.board(s)["seq"] == 2
    await worker.stop()
