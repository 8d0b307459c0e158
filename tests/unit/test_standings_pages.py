"""The whole table: around one player at any time, and page by page at the end."""

from typing import Any

import pytest

from quizcore import documents
from quizcore.documents import PAGE_ROWS
from quizcore.domain.session import PUBLISH_BOUND_MS
from quizcore.layout import Layout
from quizcore.loading import load_whole
from quizcore.messages import PlayerRemoved, SessionFinished
from quizcore.ports import Caller, Snapshot
from quizcore.shards import GROUP_SHARDS
from tests.support.api_calls import refused
from tests.support.world import END, HOST, OPENED, Person, Running, World, spread, until

PLAYERS = [f"p{number:03}" for number in range(PAGE_ROWS + 30)]
GROUPED = 5  # shards, two a group
SHARDS = pytest.mark.parametrize("shards", [1, 3, GROUPED])
M = 4


async def played(world: World, shards: int, **options: Any) -> tuple[str, Running]:
    """A question is over: many share a score, some have none, one has been removed."""
    worker = Running(world, interval_500_ms=0)
    s = world.open_session(shards, group_shards=2 if shards == GROUPED else GROUP_SHARDS, **options)
    events = [*(world.joined(s, player) for player in PLAYERS), world.opened(s)]
    events += [world.answered(s, p, OPENED + 500 * (n % 7), choice=n % 2) for n, p in enumerate(PLAYERS)]
    world.clock.ms = END - 50
    world.bus.publish(spread([*events, world.message(PlayerRemoved, s, OPENED, player_id=PLAYERS[50])], shards))
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS) - 1, "all are counted")
    world.clock.ms = END + 1
    await until(lambda: (world.board(s)["tally"] or {}).get("correct") is not None, "the reveal of all shards")
    return s, worker


def whole_table(world: World, session_id: str) -> list[dict[str, Any]]:
    """By the fold, independent of the documents of the table."""
    standings = load_whole(world.store, session_id).state.standings.page(0, len(PLAYERS))
    return [{"rank": s.rank, "player_id": s.player_id, "score": s.score} for s in standings]


@SHARDS
async def test_each_player_sees_exactly_the_players_above_and_below(world: World, shards: int) -> None:
    s, worker = await played(world, shards)
    await worker.stop()
    table, host = whole_table(world, s), Person(world.client(answers_per_minute=10_000), HOST)
    for place, row in enumerate(table):
        found = host.get(f"/sessions/{s}/standings?around={row['player_id']}&m={M}").json or {}
        told = [{name: each[name] for name in row} for each in found["rows"]]
        assert told == table[max(0, place - M) : place + M + 1]
        assert found["player_count"] == len(PLAYERS) - 1
    seqs = {str(n): found_board(world, s, n, shards)["seq"] for n in range(shards)}
    assert found["seqs"] == (world.board(s)["groups"] if shards == GROUPED else seqs)


@SHARDS
async def test_only_players_of_the_session_get_the_standings_around_them(world: World, shards: int) -> None:
    s, worker = await played(world, shards)
    await worker.stop()
    world.identity.callers |= {
        "mine": Caller(PLAYERS[0], "player", s),
        "removed": Caller(PLAYERS[50], "player", s),
        "stranger": Caller("someone", "player", "another"),
    }
    client = world.client()
    path = f"/sessions/{s}/standings"
    assert {row["player_id"] for row in (Person(client, "mine").get(path).json or {})["rows"]} >= {PLAYERS[0]}
    assert refused(Person(client, "removed").get(path)) == (403, "forbidden")
    assert refused(Person(client, "stranger").get(path)) == (403, "forbidden")
    assert refused(Person(client).get(path)) == (401, "unauthenticated")
    assert refused(Person(client, "mine").get(f"{path}?m=51")) == (400, "invalid")


async def test_the_standings_of_a_hidden_board_are_for_the_host_only(world: World) -> None:
    s, worker = await played(world, 1, board_hidden=True)
    await end(world, s, 1)
    await worker.stop()
    world.identity.callers["mine"] = Caller(PLAYERS[0], "player", s)
    path = f"/sessions/{s}/standings?around={PLAYERS[0]}"
    assert refused(Person(world.client(), "mine").get(path)) == (403, "forbidden")
    assert Person(world.client(), HOST).get(path).status_code == 200
    assert page(world, s, 0) == {}


@SHARDS
async def test_the_pages_of_a_final_board_contain_the_whole_table(world: World, shards: int) -> None:
    s, worker = await played(world, shards)
    assert page(world, s, 0) == {}
    await end(world, s, shards)
    pages = [page(world, s, number) for number in range(2)]
    rows = [row for each in pages for row in each["rows"]]
    table = whole_table(world, s)
    assert [{name: row[name] for name in table[0]} for row in rows] == table
    assert [(each["page"], each["pages"], len(each["rows"])) for each in pages] == [(0, 2, 100), (1, 2, 29)]
    assert rows[: len(world.board(s)["top"])] == world.board(s)["top"]

    leaver = rows[3]["player_id"]
    world.bus.publish(spread([world.message(PlayerRemoved, s, world.clock.ms, player_id=leaver)], shards))
    await until(lambda: page(world, s, 0)["rows"][3]["player_id"] != leaver, "the pages follow a removal")
    await worker.stop()


@pytest.mark.parametrize("shards", [3, GROUPED])
async def test_pages_of_several_commits_are_complete_when_the_board_is_final(
    world: World, monkeypatch: pytest.MonkeyPatch, shards: int
) -> None:
    monkeypatch.setattr("workers.public_board.plan.PAGES_A_COMMIT", 1)
    seen: list[int] = []

    s, worker = await played(world, shards)

    def hear(snapshot: Snapshot | None) -> None:
        if snapshot is not None and snapshot.data["final"] and not seen:
            seen.extend(page(world, s, number).get("seq", 0) - snapshot.data["seq"] for number in range(2))

    world.store.listen(documents.board_path(s), hear)
    await end(world, s, shards)
    await worker.stop()
    assert seen == [0, 0], "both pages, with the number of the board that is final"


async def end(world: World, s: str, shards: int) -> None:
    for at in (world.clock.ms, END + PUBLISH_BOUND_MS + 10):
        world.bus.publish(spread([world.message(SessionFinished, s, at)], shards))
    world.clock.ms = END + PUBLISH_BOUND_MS + 20
    await until(lambda: world.board(s)["final"], "the podium")


def page(world: World, session_id: str, number: int) -> dict[str, Any]:
    found = world.store.get(documents.page_path(session_id, number))
    return found.data if found else {}


def found_board(world: World, session_id: str, shard: int, shards: int) -> dict[str, Any]:
    found = world.store.get(Layout(session_id, shards).fence(shard))
    assert found is not None
    return found.data
