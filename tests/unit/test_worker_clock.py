"""The worker and time: law 6 and 8, the reveal, auto-advance, board intervals, idleness."""

from quizcore import documents
from quizcore.messages import QuestionClosed, QuestionOpened, SessionFinished
from tests.support.engines import (
    END,
    OPENED,
    QUICK,
    Running,
    answered,
    board,
    joined,
    message,
    open_session,
    opened,
    run,
    scores,
    session,
    sheet,
    until,
)
from tests.support.games import GRACE_MS
from tests.support.world import World, worker_settings


def test_before_the_reveal_no_document_a_client_reads_tells_the_key(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world)
        world.clock.ms = OPENED + 1
        world.bus.publish([joined(world, s, "ann"), joined(world, s, "ben"), opened(world, s)])
        await until(lambda: session(world, s)["state"] == "question", "the question")
        before = sheet(world, s, "ann")
        world.bus.publish([answered(world, s, "ann", OPENED, 1), answered(world, s, "ben", OPENED, 0)])
        await until(lambda: board(world, s)["tally"]["answered"] == 2, "both counted")

        assert sheet(world, s, "ann") == before
        assert set(scores(world, s).values()) == {0}
        assert board(world, s)["tally"] == {"question_index": 0, "answered": 2, "correct": None, "choices": None}
        assert session(world, s)["reveal"] is None
        assert not {"key", "explanation"} & session(world, s)["question"].keys()
        await worker.stop()

    run(play())


def test_held_answers_survive_a_kill_and_are_paid_at_the_reveal(world: World) -> None:
    async def play() -> None:
        first = Running(world, worker_settings(**QUICK))
        s = open_session(world, auto_close=False)
        world.clock.ms = OPENED + 1
        world.bus.publish([joined(world, s, "ann"), opened(world, s), answered(world, s, "ann", OPENED)])
        await until(lambda: first.telemetry.snapshot()["messages_acknowledged"] == 3, "acknowledged")
        await first.kill()
        assert scores(world, s) == {"ann": 0}

        world.clock.ms = END + 5_000
        second = Running(world, worker_settings(**QUICK))
        await until(lambda: scores(world, s) == {"ann": 1000}, "paid after the restart")
        await until(lambda: not world.store.list(documents.journal_path(s)), "the journal is done with")
        await second.stop()

    run(play())


def test_the_podium_waits_until_every_accepted_answer_is_folded(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world, scoring="flat")
        finish_at = OPENED + 2_000
        world.clock.ms = finish_at
        late_on_the_bus = answered(world, s, "ann", finish_at + GRACE_MS)
        world.bus.publish([joined(world, s, "ann"), opened(world, s)])
        world.bus.publish([message(SessionFinished, world, s, finish_at)])
        await until(lambda: session(world, s)["state"] == "finished", "finished")
        assert not board(world, s)["final"]

        world.clock.ms = finish_at + GRACE_MS + 4_900
        world.bus.publish([late_on_the_bus])
        await until(lambda: scores(world, s) == {"ann": 1000}, "the late one counts")
        assert not board(world, s)["final"]

        world.clock.ms = finish_at + GRACE_MS + 5_001
        await until(lambda: board(world, s)["final"] and session(world, s)["final"], "final")
        assert scores(world, s) == {"ann": 1000}
        await worker.stop()

    run(play())


def test_auto_advance_opens_every_question_and_finishes_even_after_a_restart(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world, auto_advance=True, review_ms=1_000)
        world.bus.publish([joined(world, s, "ann"), opened(world, s)])
        for index in range(3):
            await until(lambda i=index: session(world, s)["question_index"] == i, f"question {index}")  # type: ignore[misc]
            if index == 1:
                await worker.kill()
                worker = Running(world, worker_settings(**QUICK))
            world.clock.ms = session(world, s)["closes_at"] + GRACE_MS + 2_100
        await until(lambda: session(world, s)["state"] == "finished", "finished")
        world.clock.advance(10_000)
        await until(lambda: board(world, s)["final"], "final")
        opens = [m for m in world.bus.published if isinstance(m, QuestionOpened)]
        assert [m.question_index for m in opens] == [0, 1, 2]
        await worker.stop()

    run(play())


def test_a_question_closes_by_itself_when_its_time_is_up(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world)
        world.bus.publish([opened(world, s)])
        await until(lambda: session(world, s)["state"] == "question", "the question")
        world.clock.ms = END + 1_500
        await until(lambda: session(world, s)["state"] == "closed", "closed without the host")

        assert session(world, s)["question_index"] == 0, "without auto-advance the host opens the next"
        assert session(world, s)["due_at"] is None
        await worker.stop()

    run(play())


def test_a_close_by_the_host_reveals_only_after_the_grace(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK))
        s = open_session(world)
        world.clock.ms = OPENED + 1_000
        world.bus.publish([opened(world, s), message(QuestionClosed, world, s, OPENED + 1_000, question_index=0)])
        await until(lambda: session(world, s)["closes_at"] == OPENED + 1_000, "closing")
        assert (session(world, s)["state"], session(world, s)["reveal"]) == ("question", None)

        world.clock.ms = OPENED + 1_000 + GRACE_MS + 1_500
        await until(lambda: session(world, s)["reveal"], "the reveal")
        await worker.stop()

    run(play())


def test_a_shard_that_went_idle_is_loaded_again_and_counts_on(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(**QUICK, idle_s=0.001))
        s = open_session(world)
        for number in range(1, 30):
            world.bus.publish([joined(world, s, f"p{number:02}")])
            await until(lambda n=number: board(world, s)["player_count"] == n, f"player {number}")  # type: ignore[misc]

        assert worker.telemetry.snapshot()["states_loaded"] > 1
        await worker.stop()

    run(play())


def test_a_stop_flushes_what_was_taken_before_the_interval_is_over(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(interval_50_ms=60_000, orphan_check_s=0.02))
        s = open_session(world)
        world.bus.publish([joined(world, s, "ann")])
        await until(lambda: board(world, s)["player_count"] == 1, "the first at once")
        world.bus.publish([joined(world, s, "ben")])
        await until(lambda: worker.telemetry.snapshot()["messages_received"] == 2, "taken in")
        assert board(world, s)["player_count"] == 1

        await worker.stop()

        assert board(world, s)["player_count"] == 2
        assert not world.bus.waiting

    run(play())


def test_boards_are_no_closer_than_the_interval_and_a_backlog_does_not_wait(world: World) -> None:
    async def play() -> None:
        worker = Running(world, worker_settings(interval_50_ms=60_000, flush_at=30, orphan_check_s=0.02))
        s = open_session(world)
        world.bus.publish([joined(world, s, "p00")])
        await until(lambda: board(world, s)["player_count"] == 1, "the first at once")
        for n in range(1, 31):
            world.bus.publish([joined(world, s, f"p{n:02}")])
        await until(lambda: board(world, s)["player_count"] == 31, "a backlog at once")

        assert board(world, s)["seq"] == 2
        await worker.stop()

    run(play())
