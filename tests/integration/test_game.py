"""Whole games on the real pipeline, seen through HTTP and listeners only."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest

from devstack import player as players
from devstack.emulators import ROOT
from devstack.player import ApiProblem, Player
from devstack.processes import Child
from devstack.stack import Stack
from quizcore import documents
from quizcore.domain.ranks import rank_in
from quizcore.ports import Update
from quizcore.shards import shard_of
from tests.integration.conftest import StartWorker
from tests.support.games import SINGLE, quiz
from tests.support.live import LONG_MS, Live, Screen, endpoints, open_live

RIGHT: list[dict[str, Any]] = [{"choices": (1,)}, {"choices": (0, 2)}, {"text": "start"}]
WRONG: list[dict[str, Any]] = [{"choices": (0,)}, {"choices": (1,)}, {"text": "finish"}]
PLAYERS = 6
SHARDED_PLAYERS = 40


def verify(stack: Stack, session_id: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "admin_cli", "verify", session_id]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **stack.env}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


async def answer(live: Live, player: Player, index: int, *, right: bool) -> None:
    given = (RIGHT if right else WRONG)[index]
    await live.answer(player, index, *given.get("choices", ()), text=given.get("text"))


def test_a_game_from_the_pin_to_the_podium_is_exact_on_every_screen(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, streak_bonus=True)
            joined = await live.join(PLAYERS)
            screens = [Screen(stack, player) for player in joined[:3]]
            for index in range(3):
                await live.open_question(index)
                before = [len(screen.sheets) for screen in screens]
                await asyncio.gather(
                    *(answer(live, player, index, right=n != index) for n, player in enumerate(joined))
                )
                await live.until(lambda: live.board()["tally"]["answered"] == PLAYERS, "all answers counted")
                assert_no_early_key(live, screens, index, before)
                await live.close_question()
                await live.until(
                    lambda i=index: all(str(i) in screen.sheets[-1]["answers"] for screen in screens),  # type: ignore[misc]
                    "every screen has its points",
                )
            await live.command("finish")
            await live.until(lambda: all(screen.boards[-1]["final"] for screen in screens), "the podium everywhere")
            await live.until(lambda: live.session()["handed_seq"] == live.board()["seq"], "handed on")

            expected = live.expected_scores()
            assert live.scores() == expected
            ranked = sorted(expected.values(), reverse=True)
            for screen, player in zip(screens, joined, strict=False):
                board, sheet = screen.boards[-1], screen.sheets[-1]
                assert {row["player_id"]: row["score"] for row in board["top"]} == expected
                assert [row["rank"] for row in board["top"]] == [1 + ranked.index(s) for s in ranked]
                assert sheet["score"] == expected[player.player_id]
                seqs = [heard["seq"] for heard in screen.boards]
                assert seqs == sorted(set(seqs)), "boards are heard in order, none twice"
                assert screen.sessions[-1]["state"] == "finished"
                screen.stop()
            assert {receipt.event_id for *_, receipt in live.accepted} == live.counted_receipts()
            assert verify(stack, live.session_id)[0] == 0

    asyncio.run(play())


def test_a_game_in_three_shards_with_two_workers_has_one_exact_board(
    stack: Stack, worker: Child, start_worker: StartWorker
) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            second = start_worker(WORDRUSH_SOURCE="streaming")
            live = await open_live(stack, http, shards=3, streak_bonus=True)
            joined = await live.join(SHARDED_PLAYERS)
            screen = Screen(stack, joined[0])
            assert {shard_of(player.player_id, 3) for player in joined} == {0, 1, 2}
            for index in range(3):
                await live.open_question(index)
                await asyncio.gather(
                    *(answer(live, player, index, right=(n + index) % 3 > 0) for n, player in enumerate(joined))
                )
                if index == 1:  # its shards move to the other worker, under load
                    second.send(signal.SIGTERM)
                await live.until(lambda: live.board()["tally"]["answered"] == SHARDED_PLAYERS, "all answers counted")
                await live.close_question()
                await live.until(lambda: live.board()["tally"]["correct"] is not None, "the reveal of every shard")
            await live.command("finish")
            await live.until(lambda: screen.boards[-1]["final"], "the podium")
            await live.until(lambda: live.session()["handed_seq"] == live.board()["seq"], "handed on")

            expected = live.expected_scores()
            assert live.scores() == expected
            ranked = sorted(expected.values(), reverse=True)
            top = screen.boards[-1]["top"]
            assert [row["score"] for row in top] == ranked[: len(top)]
            assert all(row["rank"] == 1 + ranked.index(row["score"]) for row in top)
            seqs = [heard["seq"] for heard in screen.boards]
            assert seqs == sorted(set(seqs)), "boards are heard in order, none twice"
            table = live.ranks()["scores"]
            assert all(rank_in(table, score) == 1 + ranked.index(score) for score in expected.values())
            screen.stop()
            code, said = verify(stack, live.session_id)
            assert code == 0, said

    asyncio.run(play())


def test_resharding_a_running_session_loses_and_doubles_nothing(
    stack: Stack, worker: Child, start_worker: StartWorker
) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            start_worker(WORDRUSH_SOURCE="streaming")
            live = await open_live(stack, http)
            joined = await live.join(SHARDED_PLAYERS)
            await live.open_question(0)
            answers = (answer(live, player, 0, right=n % 3 > 0) for n, player in enumerate(joined))
            crowd = asyncio.gather(*answers)
            await live.command("expect", players=7_000)
            await crowd
            assert live.session()["shards"] == 1, "not while a question runs"
            await live.close_question()
            await live.until(lambda: live.session()["shards"] == 4, "more shards")
            await live.open_question(1)
            await asyncio.gather(*(answer(live, player, 1, right=n % 3 > 1) for n, player in enumerate(joined)))
            await live.close_question()
            await live.command("finish")
            await live.until(lambda: live.board()["final"], "the podium")

            assert live.scores() == live.expected_scores()
            assert live.counted_receipts() == {receipt.event_id for *_, receipt in live.accepted}
            code, said = verify(stack, live.session_id)
            assert code == 0, said
            live.store.commit([Update(documents.page_path(live.session_id, 0), {"pages": 7})])
            code, said = verify(stack, live.session_id)
            assert code == 1
            assert "page-0" in said
            live.store.commit([Update(documents.page_path(live.session_id, 0), {"pages": 1})])  # others verify all

    asyncio.run(play())


def assert_no_early_key(live: Live, screens: list[Screen], index: int, sheets_before: list[int]) -> None:
    """Law 6, on everything that a player's device has heard of the open question."""
    for screen, before in zip(screens, sheets_before, strict=True):
        session = screen.sessions[-1]
        assert session["reveal"] is None
        assert not {"key", "explanation"} & session["question"].keys()
        assert all(str(index) not in sheet["answers"] for sheet in screen.sheets)
        assert len(screen.sheets) == before, "a write at the answer would tell that something was counted"
        tally = screen.boards[-1]["tally"]
        assert (tally["choices"], tally["correct"]) == (None, None)
    question = documents.public_question(live.game.question(index))
    assert screens[0].sessions[-1]["question"] == question


def test_second_late_and_foreign_answers_are_refused_and_change_nothing(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, scoring="flat")
            other = await open_live(stack, http)
            ann, ben = await live.join(2)
            stranger = (await other.join(1))[0]
            with pytest.raises(ApiProblem, match="409 not_open"):
                await answer(live, ann, 0, right=True)
            await live.open_question(0)
            await answer(live, ann, 0, right=True)
            with pytest.raises(ApiProblem, match="409 already_answered"):
                await answer(live, ann, 0, right=False)
            forged = Player("x", live.session_id, stranger.player_id, stranger.id_token)
            with pytest.raises(ApiProblem, match="403 forbidden"):
                await answer(live, forged, 0, right=True)
            with pytest.raises(ApiProblem, match="403 forbidden"):
                await players.command(http, live.ends, live.session_id, other.host, "close")
            await live.close_question()
            await assert_too_late(live, ben)

            assert live.scores() == {ann.player_id: 1000, ben.player_id: 0}

    asyncio.run(play())


async def assert_too_late(live: Live, player: Player) -> None:
    """The API refuses it, or its copy of the session was a moment old and the fold refuses it."""
    refused_by_the_api = False
    try:
        await answer(live, player, 0, right=True)
    except ApiProblem as refused:
        refused_by_the_api = refused.code == "not_open"
    if not refused_by_the_api:
        await live.until(lambda: live.sheet(player.player_id)["refused"], "the refusal in the document")
        assert [r["reason"] for r in live.sheet(player.player_id)["refused"]] == ["late"]


def test_a_removed_player_leaves_the_board_and_the_others_move_up(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, scoring="flat", reveal="on_answer")
            ann, ben = await live.join(2)
            await live.open_question(0)
            await answer(live, ann, 0, right=True)
            await live.until(lambda: live.board()["top"][0]["score"] == 1000, "ann leads at once")
            await live.command("remove", player_id=ann.player_id)
            await live.until(lambda: live.board()["player_count"] == 1, "ann is gone")

            assert [(row["rank"], row["player_id"]) for row in live.board()["top"]] == [(1, ben.player_id)]
            assert live.sheet(ann.player_id)["removed"] is True
            assert verify(stack, live.session_id)[0] == 0

    asyncio.run(play())


def test_players_wait_for_admission_and_get_the_host_s_name(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, scoring="flat", reveal="on_answer", approval=True)
            ann, ben = [await players.join(http, live.ends, live.pin, name) for name in ("Ann", "Bad one")]
            await live.until(lambda: live.sheet(ann.player_id) and live.sheet(ben.player_id), "both wait")
            assert (live.board()["player_count"], live.board()["recent"]) == (0, [])
            await live.command("admit", player_id=ann.player_id)
            await live.until(lambda: live.board()["recent"] == ["Ann"], "ann is in")

            await live.open_question(0)
            await answer(live, ann, 0, right=True)
            with pytest.raises(ApiProblem) as refused:
                await answer(live, ben, 0, right=True)
            assert refused.value.code == "forbidden"
            await live.command("rename", player_id=ben.player_id, nickname="Ben")
            await live.command("admit", player_id=ben.player_id)
            await live.until(lambda: live.board()["player_count"] == 2, "ben is in")
            await answer(live, ben, 0, right=True)
            rows = [("Ann", 1000), ("Ben", 1000)]
            await live.until(lambda: [(r["nickname"], r["score"]) for r in live.board()["top"]] == rows, "both count")
            assert verify(stack, live.session_id)[0] == 0

    asyncio.run(play())


def test_auto_advance_continues_after_the_worker_is_killed_during_a_question(
    stack: Stack, start_worker: StartWorker
) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            quick = [replace(question, time_limit_ms=4_000) for question in (SINGLE, SINGLE)]
            worker = start_worker()
            live = await open_live(stack, http, quiz(*quick), auto_advance=True, review_ms=1_000)
            (ann,) = await live.join(1)
            await live.open_question(0)
            await answer(live, ann, 0, right=True)
            await live.until(lambda: live.board()["tally"]["answered"] == 1, "counted")
            worker.send(signal.SIGKILL)
            worker.wait()
            start_worker()
            await live.until(lambda: live.session()["question_index"] == 1, "the next question by itself")
            await live.until(lambda: live.session()["state"] == "finished", "the end by itself")
            await live.until(lambda: live.board()["final"], "the podium by itself")

            assert live.scores() == live.expected_scores()
            assert live.sheet(ann.player_id)["correct_count"] == 1
            assert verify(stack, live.session_id)[0] == 0

    asyncio.run(play())


def test_verify_finds_a_score_that_was_changed_by_hand(stack: Stack, worker: Child) -> None:
    async def play() -> Live:
        async with players.http_client() as http:
            live = await open_live(stack, http, scoring="flat", reveal="on_answer")
            (ann,) = await live.join(1)
            await live.open_question(0)
            await answer(live, ann, 0, right=True)
            await live.until(lambda: live.board()["top"][0]["score"] == 1000, "counted")
            live.store.commit([Update(documents.player_path(live.session_id, ann.player_id), {"score": 9_999})])
            return live

    live = asyncio.run(play())
    code, said = verify(stack, live.session_id)

    assert code == 1
    assert "9999" in said


def test_the_same_api_responds_under_functions_framework_and_behind_hosting(stack: Stack, worker: Child) -> None:
    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http)
            hosted = players.Endpoints(stack.url, endpoints(stack).auth)
            for ends, nickname in ((live.ends, "Direct"), (hosted, "Hosted")):
                before = time.time_ns() // 1_000_000
                now = (await http.get(f"{ends.api}/api/v1/time")).json()["now"]
                assert before <= now <= time.time_ns() // 1_000_000
                await players.join(http, ends, live.pin, nickname)
                with pytest.raises(ApiProblem, match="404 unknown_pin"):
                    await players.join(http, ends, "000000" if live.pin != "000000" else "000001", "Nobody")
            await live.until(lambda: live.board()["player_count"] == 2, "both are on the board")

    asyncio.run(play())


@pytest.mark.parametrize("shards", [1, 3])
def test_the_engine_closes_a_question_when_everybody_has_answered(stack: Stack, worker: Child, shards: int) -> None:
    """No host's screen is open; the last player is removed instead of answering the second question."""

    async def play() -> None:
        async with players.http_client() as http:
            live = await open_live(stack, http, shards=shards, auto_close=True)
            joined = await live.join(PLAYERS)
            await live.open_question(0)
            await asyncio.gather(*(answer(live, player, 0, right=True) for player in joined[1:]))
            await live.until(lambda: live.board()["tally"]["answered"] == PLAYERS - 1, "all but one are counted")
            assert live.session()["closes_at"] == live.session()["opened_at"] + LONG_MS, "it waits for the last one"
            await answer(live, joined[0], 0, right=True)
            await live.until(lambda: live.session()["state"] == "closed", "closed")
            await live.until(lambda: live.board()["tally"]["correct"] == PLAYERS, "the board of many shards follows")

            await live.open_question(1)
            await asyncio.gather(*(answer(live, player, 1, right=True) for player in joined[1:]))
            await live.command("remove", player_id=joined[0].player_id)
            await live.until(lambda: live.session()["state"] == "closed", "closed after the removal")
            await live.until(lambda: live.board()["tally"]["correct"] == PLAYERS - 1, "and the board")
            await live.command("finish")
            await live.until(lambda: live.board()["final"], "final")
            code, said = await asyncio.to_thread(verify, stack, live.session_id)
            assert code == 0, said

    asyncio.run(play())
