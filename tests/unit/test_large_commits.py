"""Commits above the limit are made in parts and stay consistent; and the sizes of usual commits."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from quizcore import documents
from quizcore.adapters.firestore_writes import commit_request
from quizcore.adapters.memory import MemoryStore
from quizcore.documents import board_fields, rolls
from quizcore.domain.events import Event
from quizcore.domain.fold import State
from quizcore.domain.ranks import rank_in
from quizcore.domain.session import PUBLISH_BOUND_MS, Reveal
from quizcore.messages import MAX_TEXT_CHARS, AnswerSubmitted, SessionFinished
from quizcore.ports import Put, Write
from quizcore.sizes import MOST_COMMIT_BYTES, MOST_DOCUMENT_BYTES, document_bytes
from quizcore.usecases.verify import folded_again
from tests.support import games
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, MULTIPLE, SINGLE, START, TEXT
from tests.support.world import END, OPENED, Running, World, until
from workers.board_rules import RANKS_INTERVAL_MS
from workers.shard.baseline import Baseline
from workers.shard.parts import movable, part_of
from workers.shard.plan import Plan, note_committed, plan_commit

LONGEST = "\N{GRINNING FACE}" * MAX_TEXT_CHARS  # of four bytes each
MOST_PLAYERS = 4_000  # of a shard, before the session gets more
REVEALED = START + LEAD_MS + LIMIT_MS + GRACE_MS + 1
UID = 128
_VERSION = Timestamp(seconds=1)  # a fence, as the wire wants it


def uid(number: int) -> str:
    return f"{number:06}".ljust(UID, "x")


def fresh(state: State) -> Baseline:
    shown = board_fields(state, seq=0, commit_id="first", top_k=20)
    clock = documents.clock_fields(state)
    return Baseline("s" * 32, 0, 1, documents.expiry(START), _VERSION, shown, clock, None)


def wire_bytes(plan: Plan) -> int:
    request = commit_request("projects/p/databases/(default)", plan.writes)
    return int(type(request).pb(request).ByteSize())


def committed(state: State, events: Sequence[Event], now: int, written: Baseline) -> Plan:
    plan = plan_commit(state, state.apply(events, now), written, "c" * 32, 20)
    assert plan is not None
    note_committed(plan, written, _VERSION)
    return plan


@pytest.mark.parametrize("kind", ["text", "choices"])
def test_the_reveal_of_a_full_shard_with_the_longest_answers_is_one_commit(kind: str) -> None:
    question = TEXT if kind == "text" else MULTIPLE
    given = {"text": LONGEST} if kind == "text" else {}
    state = State(games.game(question), now=START)
    written = fresh(state)
    names = ["\N{GRINNING FACE}" * 20 + str(n) for n in range(MOST_PLAYERS)]
    players = [uid(n) for n in range(MOST_PLAYERS)]
    committed(state, [games.joined(p, nickname=n) for p, n in zip(players, names, strict=True)], START, written)
    chosen = () if kind == "text" else (0, 2, 3)
    answers = [games.answered(p, 0, OPENED + n, *chosen, event_id=f"{n:036}", **given) for n, p in enumerate(players)]
    committed(state, [games.opened(0, START), *answers[:1_000]], OPENED + 10_000, written)
    for start in range(1_000, MOST_PLAYERS, 1_000):
        held = committed(state, answers[start : start + 1_000], OPENED + 10_000, written)
        entries = [write for write in held.writes if "/journal/" in write.path]
        assert all(document_bytes(write.path, write.data) < MOST_DOCUMENT_BYTES for write in entries)  # type: ignore[union-attr]

    reveal = committed(state, [], REVEALED, written)

    assert sum("/players/" in write.path for write in reveal.writes) == MOST_PLAYERS
    assert MOST_PLAYERS * 500 < wire_bytes(reveal) < MOST_COMMIT_BYTES
    assert all(document_bytes("s" * 99, roll) < MOST_DOCUMENT_BYTES for roll in rolls(state))


def all_in_a_part(state: State, touched: Collection[str], written: Baseline) -> Plan:
    """The commit of every player that a plan writes; after it the plan's last commit moves none of them."""
    plan = plan_commit(state, touched, written, "c" * 32, 20)
    assert plan is not None
    players = movable(plan, written, ())
    assert players
    part = part_of(plan, written, players, "d" * 32)
    note_committed(part, written, _VERSION)
    last = plan_commit(state, touched, written, "e" * 32, 20)
    assert last is not None
    assert not movable(last, written, ())
    return last


def played(state: State, written: Baseline, right: int, wrong: int = 0) -> list[str]:
    """So many have answered the first question, each a little later than the one before."""
    players = [uid(n) for n in range(right + wrong)]
    committed(state, [games.joined(player) for player in players], START, written)
    chosen = [1] * right + [0] * wrong
    answers = [games.answered(p, 0, OPENED + 500 * n, chosen[n]) for n, p in enumerate(players)]
    committed(state, [games.opened(0, START), *answers], OPENED + 15_000, written)
    return players


def test_ranks_that_only_parts_have_changed_are_written_with_the_reveal() -> None:
    state = State(games.game(SINGLE), now=START)
    written = fresh(state)
    players = played(state, written, right=20)

    last = all_in_a_part(state, state.apply([], REVEALED), written)

    ranks = {write.path: write for write in last.writes}[documents.ranks_path(written.session_id)]
    assert isinstance(ranks, Put)
    assert ranks.data["player_count"] == len(players)
    assert {rank_in(ranks.data["scores"], state.players[p].sheet.score) for p in players} == set(range(1, 21))


def test_deferred_ranks_are_still_due_after_a_part_without_ranks() -> None:
    """A commit writes the ranks no more often than once a second; the moves before it are not forgotten."""
    state = State(games.game(SINGLE, SINGLE, reveal=Reveal.ON_ANSWER), now=START)
    written = fresh(state)
    players = played(state, written, right=1, wrong=1)
    committed(state, [games.removed(players[1], state.now)], state.now + 10, written)
    assert written.ranks_stale

    again = [games.answered(player, 0, state.now, 1) for player in players]  # refused: moves nobody
    last = all_in_a_part(state, state.apply(again, state.now + 10), written)

    assert not any(write.path == documents.ranks_path(written.session_id) for write in last.writes), "too soon"
    note_committed(last, written, _VERSION)
    assert written.ranks_due_at == written.ranks_at + RANKS_INTERVAL_MS
    due = plan_commit(state, state.apply([], written.ranks_due_at), written, "f" * 32, 20)
    assert due is not None
    assert any(write.path == documents.ranks_path(written.session_id) for write in due.writes)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_final_table_that_only_parts_have_changed_is_written_with_the_board(shards: int) -> None:
    state = State(games.game(SINGLE), now=START)
    written = fresh(state)
    written.shards = shards
    players = played(state, written, right=20)
    ends = REVEALED + PUBLISH_BOUND_MS + 10_000
    committed(state, [games.finished(REVEALED), games.finished(ends, "settled")], ends, written)
    assert written.board["final"]

    gone = [games.removed(player, ends) for player in players[:5]]
    last = all_in_a_part(state, state.apply(gone, ends + 1), written)

    first = documents.page_path(written.session_id, 0) if shards == 1 else documents.roll_path(written.session_id, 0, 0)
    table = {write.path: write for write in last.writes}[first]
    assert isinstance(table, Put)
    assert [row["player_id"] for row in table.data["rows"]] == players[5:]


def texts(world: World, s: str, players: Sequence[str], at: int) -> list[Any]:
    return [
        world.message(AnswerSubmitted, s, at + n, player_id=player, question_index=0, text=LONGEST)
        for n, player in enumerate(players)
    ]


class Narrow(MemoryStore):
    """Accepts a few kilobytes per commit, and can fail after a given number of commits."""

    def __init__(self) -> None:
        super().__init__(most_bytes=10_000)
        self.parts: list[list[str]] = []
        self.breaks_after: int | None = None

    def commit(self, writes: Sequence[Write]) -> dict[str, Any]:
        versions = super().commit(writes)
        if any("/unfinished-" in write.path for write in writes):
            self.parts.append([write.path for write in writes if "/players/" in write.path])
            if self.breaks_after is not None and len(self.parts) >= self.breaks_after:
                raise asyncio.CancelledError  # as a worker that is killed right then sees it: not at all
        return versions


PLAYERS = [f"p{number:02}" for number in range(30)]


@pytest.mark.parametrize("killed_after", [None, 1, 3])
async def test_a_reveal_that_is_too_large_is_made_in_parts_and_the_board_shows_it_last(
    killed_after: int | None,
) -> None:
    store = Narrow()
    world = World(store=store)
    world.add_quiz(games.quiz(TEXT))
    seen: list[tuple[int, Any]] = []

    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, player) for player in PLAYERS), world.opened(s)])
    world.clock.ms = OPENED + 100
    world.bus.publish(texts(world, s, PLAYERS, OPENED))
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == len(PLAYERS), "all have answered")
    await until(lambda: not worker.source._out and not world.bus.waiting, "all is acknowledged")
    store.parts.clear()
    store.listen(documents.board_path(s), lambda found: seen.append((found.data["seq"], found.data["tally"])))  # type: ignore[union-attr]
    store.breaks_after = killed_after
    world.clock.ms = END + 2_000
    if killed_after is not None:
        await until(lambda: len(store.parts) >= killed_after, "it dies between two parts")
        await worker.kill()
        store.breaks_after = None
        assert world.board(s)["tally"]["correct"] is None, "the board does not show it yet"
        found = folded_again(store, s)
        assert found["differences"] == [], "and is the fold of the documents all the same"
        worker = Running(world)
    await until(lambda: world.board(s)["tally"]["correct"] is not None, "the reveal")
    await worker.stop()

    assert len(store.parts) > 2
    sheets = store.list(documents.players_path(s))
    assert [each.data["answers"]["0"]["text"] for each in sheets] == [LONGEST] * len(PLAYERS)
    assert store.list(documents.journal_path(s)) == []
    assert store.get(documents.unfinished_path(s, 0)) is None
    assert folded_again(store, s)["differences"] == []
    assert [seq for seq, _ in seen] == sorted({seq for seq, _ in seen}), "each board has a number of its own"


async def test_a_flush_with_too_many_messages_for_one_commit_takes_fewer() -> None:
    """Each of many players has many refusals, which are written with every new one."""
    world = World(store=Narrow())
    world.add_quiz(games.quiz(TEXT))

    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, player) for player in PLAYERS), world.opened(s)])
    world.clock.ms = OPENED + 1_000
    for at in (0, 100, 200, 300):
        world.bus.publish(texts(world, s, PLAYERS, OPENED + at))
    await until(lambda: not worker.source._out and not world.bus.waiting, "all is acknowledged")
    await worker.stop()
    refused = [len(each.data["refused"]) for each in world.store.list(documents.players_path(s))]
    assert refused == [3] * len(PLAYERS)
    assert folded_again(world.store, s)["differences"] == []


async def test_a_final_table_that_a_part_has_changed_is_written_with_the_board() -> None:
    """The host finishes late: the changes of time are committed in parts, the ranks and pages with the last part."""
    store = Narrow()
    world = World(store=store)
    world.add_quiz(games.quiz(TEXT))

    worker = Running(world)
    s = world.open_session()
    world.bus.publish([*(world.joined(s, player) for player in PLAYERS[:12]), world.opened(s)])
    world.bus.publish(texts(world, s, PLAYERS[:12], OPENED))
    world.clock.ms = OPENED + 100
    await until(lambda: (world.board(s)["tally"] or {}).get("answered") == 12, "all have answered")
    world.clock.ms = END + PUBLISH_BOUND_MS + 20
    for at in (END + 1, END + PUBLISH_BOUND_MS + 10):
        world.bus.publish([world.message(SessionFinished, s, at)])
    await until(lambda: world.board(s)["final"], "the podium")
    await worker.stop()
    assert store.parts
    assert folded_again(store, s)["differences"] == []
