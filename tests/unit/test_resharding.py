"""Resharding of a running session does not change the fold, with any messages in flight."""

import asyncio
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore import documents
from quizcore.adapters.memory import ManualClock, MemoryBus, MemoryStore, SequentialIds
from quizcore.documents import board_fields
from quizcore.domain.events import Event
from quizcore.domain.fold import fold
from quizcore.domain.session import Game, Options, Reveal
from quizcore.layout import Layout
from quizcore.loading import load, load_whole, shard_count
from quizcore.messages import Message, PlayersExpected, QuestionOpened, SessionFinished, attributes, encode
from quizcore.ports import Delete, Put
from quizcore.shards import GROUP_SHARDS, PLAYERS_A_SHARD
from tests.support import games
from tests.support.games import START
from tests.support.stepping import Process
from tests.support.world import END, HOST, OPENED, QUIZ_ID, Person, Running, World, spread, until
from workers.coordinator.duty import Turn
from workers.coordinator.fan_out import FanOut
from workers.coordinator.reshard_job import ReshardJob

PLAYERS = [f"p{number}" for number in range(9)]
LATEST = START + 120_000
MOST = 5  # shards
FIELDS = ("player_count", "top", "tally", "final")


def whole_game(s: str, world: World, choices: dict[str, int]) -> list[Message]:
    """Everybody joins and answers two questions; the host expects more and more players."""
    ends = END
    told = [world.joined(s, player) for player in PLAYERS]
    told += [world.opened(s), world.opened(s, START + 40_000, index=1)]
    told += [world.answered(s, p, OPENED + 5 * n, choices[p]) for n, p in enumerate(PLAYERS)]
    told += [world.answered(s, p, ends + 25_000 + 7 * n, 1, index=1) for n, p in enumerate(PLAYERS)]
    return [*told, world.message(SessionFinished, s, START + 100_000), world.message(SessionFinished, s, LATEST)]


@patch(
    "workers.fenced_job.BACKOFF_FIRST_S", 0.0
)  # outermost: hypothesis reads its settings from the function below them
@settings(max_examples=20, deadline=None)
@given(st.data(), st.sampled_from(Reveal), st.sampled_from([2, GROUP_SHARDS]))
async def test_resharding_with_events_in_flight_folds_to_the_same(
    data: st.DataObject, reveal: Reveal, group_shards: int
) -> None:
    world = World(MemoryStore(), MemoryBus(), clock=ManualClock(START), ids=SequentialIds())
    world.add_quiz(games.quiz(games.SINGLE, games.SINGLE))
    host = Person(world.client(), HOST)
    s: str = (host.post("/sessions", {"quiz_id": QUIZ_ID, "options": {"reveal": reveal.value}}).json or {})[
        "session_id"
    ]
    choices = {player: data.draw(st.integers(0, 2), label=player) for player in PLAYERS}
    under_way = data.draw(st.permutations(whole_game(s, world, choices)), label="order")
    everything: list[Event] = [each.event() for each in under_way]
    workers = [Process(world, s, top_k=3, group_shards=group_shards) for _ in range(2)]
    counts = [1]

    async def deliver() -> None:
        while world.bus.waiting:
            worker = data.draw(st.sampled_from(workers), label="worker")
            sent = world.bus.waiting.popleft()
            assert await worker.take([sent]) == [sent]
            if data.draw(st.booleans(), label="looks"):
                await worker.look(0)

    async def settle() -> None:
        for number in range(shard_count(world.store, s)):
            await workers[0].look(number)

    for number, event in enumerate(under_way):
        # An API instance's idea of the shards may be any that the session had.
        known = data.draw(st.sampled_from(counts), label="known")
        world.bus.publish(spread([event], known))
        world.clock.ms = max(world.clock.ms, START + 4_000 * number)
        if number % 5 == 0 and counts[-1] < MOST:
            more = PLAYERS_A_SHARD * data.draw(st.integers(1, MOST), label="expected")
            host.post(f"/sessions/{s}/commands", {"command": "expect", "players": more})
        await deliver()
        counts.append(shard_count(world.store, s))
    world.clock.ms = LATEST + 10_000
    await deliver()
    await settle()

    game = Game(games.quiz(games.SINGLE, games.SINGLE), Options(reveal=reveal))
    whole = fold(game, everything, world.clock.ms)
    stored = load_whole(world.store, s).state.players
    assert {p: stored[p].sheet for p in PLAYERS} == {p: whole.players[p].sheet for p in PLAYERS}
    shown = world.board(s)
    expected: Mapping[str, Any] = board_fields(whole, seq=0, commit_id="", top_k=3)
    assert {name: shown[name] for name in FIELDS} == {name: expected[name] for name in FIELDS}
    assert world.session(s)["final"]
    for shard in range(shard_count(world.store, s)):
        assert all(slot_shard(found.data["slot"], s, world) == shard for found in load(world.store, s, shard).players)


def slot_shard(slot: int, session_id: str, world: World) -> int:
    return slot * shard_count(world.store, session_id) // 1_024


async def test_a_session_with_more_expected_players_is_resharded_and_the_game_continues(world: World) -> None:
    workers = [Running(world) for _ in range(2)]
    s = world.open_session()
    world.bus.publish([world.joined(s, player) for player in PLAYERS])
    await until(lambda: world.board(s)["player_count"] == len(PLAYERS), "all have joined")
    Person(world.client(), HOST).post(f"/sessions/{s}/commands", {"command": "expect", "players": 7_000})
    await until(lambda: world.session(s)["shards"] == 4, "more shards")
    assert world.board(s)["player_count"] == len(PLAYERS)

    # As an API instance that has not heard of it yet sends them.
    world.bus.publish([world.opened(s), *(world.answered(s, p, OPENED + 1) for p in PLAYERS)])
    world.clock.ms = END - 50
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    world.clock.ms = END + 1
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") == len(PLAYERS), "the reveal of all shards")
    for worker in workers:
        await worker.stop()
    openings = {mark for n in range(4) for mark in load(world.store, s, n).state.timeline.openings.values()}
    assert len(openings) == 1, "every shard knows the same opening"


async def test_while_a_question_runs_a_session_keeps_its_shards(world: World) -> None:
    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, player) for player in PLAYERS), world.opened(s)])
    world.bus.publish([world.answered(s, p, OPENED + 1) for p in PLAYERS])
    world.clock.ms = END - 50
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all are counted")
    Person(world.client(), HOST).post(f"/sessions/{s}/commands", {"command": "expect", "players": 7_000})
    await until(lambda: not world.bus.waiting, "it has been heard")
    await asyncio.sleep(0.05)
    assert world.session(s)["shards"] == 1

    world.clock.ms = END + 1
    await until(lambda: world.session(s)["shards"] == 4, "more shards after the reveal")
    await until(lambda: sum(row["score"] for row in world.board(s)["top"]) > 0, "and the points are there")
    await worker.stop()


async def test_a_session_with_far_more_players_than_expected_is_resharded(world: World) -> None:
    worker = Running(world, interval_500_ms=0, interval_2000_ms=0)
    s = world.open_session()
    world.bus.publish([world.joined(s, f"player{n}") for n in range(4_001)])
    await until(lambda: world.session(s)["shards"] == 3, "a shard for every 2,000")
    await until(lambda: world.board(s)["player_count"] == 4_001, "nobody is lost")
    await worker.stop()


@pytest.mark.parametrize(("shards", "busy"), [(2, 1), (3, 2)])
async def test_a_session_keeps_its_shards_while_a_shard_commits_in_parts(world: World, shards: int, busy: int) -> None:
    """Players' documents may be ahead of its board then."""
    s = world.open_session(shards)
    worker = Process(world, s)
    expects = world.message(PlayersExpected, s, START, players=9_000)
    mark = documents.unfinished_path(s, busy)
    world.store.commit([Put(mark, {"commit_id": "c", "expires_at": world.session(s)["expires_at"]})])

    for number in range(shards):
        if number == busy:
            continue  # it would end its commit first
        told = expects.model_copy(update={"shard": number, "shards": shards})
        await worker.take([(encode(told), attributes(told))])
    assert world.session(s)["shards"] == shards

    world.store.commit([Delete(mark)])
    for _ in range(5):  # it tries again after a pause
        world.clock.advance(60_000)
        worker.look_again(0)
        await worker.look(0)
    assert world.session(s)["shards"] == 5


async def test_a_session_without_one_shard_board_is_not_resharded_and_stops_no_other(world: World) -> None:
    worker = Running(world)
    broken, whole = world.open_session(2), world.open_session()
    world.store.commit([Delete(Layout(broken, 2).fence(1))])
    Person(world.client(), HOST).post(f"/sessions/{broken}/commands", {"command": "expect", "players": 9_000})
    await until(lambda: load(world.store, broken, 0).state.timeline.expected_players, "it was heard")
    world.bus.publish([world.joined(whole, player) for player in PLAYERS])
    await until(lambda: world.board(whole)["player_count"] == len(PLAYERS), "the other session")
    assert world.session(broken)["shards"] == 2
    await worker.stop()


async def test_a_failed_resharding_stops_no_other_session(world: World) -> None:
    with patch.object(ReshardJob, "_plan", side_effect=KeyError("a document that is not as it should be")):
        worker = Running(world)
        broken, whole = world.open_session(), world.open_session()
        Person(world.client(), HOST).post(f"/sessions/{broken}/commands", {"command": "expect", "players": 9_000})
        await until(lambda: load(world.store, broken, 0).state.timeline.expected_players, "it was heard")
        await asyncio.sleep(0.05)
        world.bus.publish([world.joined(whole, player) for player in PLAYERS])
        await until(lambda: world.board(whole)["player_count"] == len(PLAYERS), "the other session")
        await worker.stop()


async def test_a_control_event_is_forwarded_to_the_shards_that_do_not_have_it(world: World) -> None:
    s = world.open_session(2)
    state, onward = load(world.store, s, 0).state, FanOut(world.bus)
    known = world.message(QuestionOpened, s, START, question_index=0)

    await onward.act(Turn(state, 2, [known.model_copy(update={"shards": 2})]))
    assert not world.bus.published
    await onward.act(Turn(state, 2, [known.model_copy(update={"shards": 1})]))
    assert [each.shard for each in world.bus.published] == [1]
