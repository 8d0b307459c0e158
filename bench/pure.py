"""The pure parts alone: standings of a million, the merged board, and a worker's memory."""

import json
import random
import resource
import subprocess
import sys
import time

from bench.props import quiz
from devstack.emulators import ROOT
from quizcore import documents
from quizcore.documents import ShardBoardFields, shard_fields
from quizcore.domain.events import Answer, AnswerSubmitted, Event, Mark, PlayerJoined, QuestionOpened
from quizcore.domain.fold import fold
from quizcore.domain.session import Game, Options
from quizcore.domain.standings import Standings
from quizcore.merging import combined, group_fields, publish, summary_of
from quizcore.shards import GROUP_SHARDS, MOST_SHARDS, PLAYERS_A_SHARD

MILLION = 1_000_000
MOVES = 20_000
TOP_K = 20
LIVE_PLAYERS, LIVE_SHARDS = 100_000, 50


def standings() -> tuple[float, float]:
    """Microseconds for an update, a rank and the top 20 of a million players, and bytes per player."""
    figures = json.loads(_alone("standings"))
    return figures["us"], figures["bytes"]


def merging() -> float:
    """Milliseconds to merge 64 shards of 2,000 players: the board and the ranks."""
    boards = _boards()
    began = time.perf_counter()
    publish(combined(summary_of(number, board) for number, board in enumerate(boards)), TOP_K)
    return (time.perf_counter() - began) * 1000


def merging_groups() -> tuple[float, float]:
    """Milliseconds to merge a group of 64 shards, and the public board of 1,024 shards from 16 such groups."""
    boards, groups = _boards(), MOST_SHARDS // GROUP_SHARDS
    began = time.perf_counter()
    fields = group_fields(combined(summary_of(number, board) for number, board in enumerate(boards)), TOP_K)
    between = time.perf_counter()
    group = documents.stamped_group(fields, documents.BoardStamps(seq=1, commit_id="bench", as_of=0))
    publish(combined(summary_of(number, group) for number in range(groups)), TOP_K, "groups")
    return (between - began) * 1000, (time.perf_counter() - between) * 1000


def _boards() -> list[ShardBoardFields]:
    """The boards of a group of shards, each shard with `PLAYERS_A_SHARD` players."""
    game, boards = Game(quiz(1), Options()), list[ShardBoardFields]()
    for shard in range(GROUP_SHARDS):
        state = fold(game, _events(f"{shard}-", PLAYERS_A_SHARD), now=100_000)
        boards.append(shard_fields(state, seq=1, commit_id="bench", top_k=TOP_K))
    return boards


def worker_memory() -> float:
    """MiB of a process with the worker's modules and 100,000 players in 50 shards, each with one answer."""
    return float(json.loads(_alone("memory"))["mib"])


def _alone(what: str) -> str:
    """The output of a separate process, so that only its memory is counted."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.pure", what], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def _events(prefix: str, players: int) -> list[Event]:
    rng = random.Random(prefix)  # noqa: S311 (a crowd)
    events: list[Event] = [QuestionOpened(Mark(0, "open"), 0)]
    for number in range(players):
        player = f"{prefix}{number:05}{rng.getrandbits(64):016x}"
        events.append(PlayerJoined(Mark(1, f"j{player}"), player, f"Player {prefix}{number}", "fox"))
        mark = Mark(3_000 + rng.randrange(20_000), f"a{player}")
        events.append(AnswerSubmitted(mark, player, 0, Answer((rng.randrange(2),))))
    return events


def _standings() -> dict[str, float]:
    from workers.gc_tuning import collect_seldom

    collect_seldom()
    rng = random.Random(1)  # noqa: S311 (a crowd)
    ids = [f"{rng.getrandbits(96):024x}" for _ in range(MILLION)]
    names = [f"Player {number}" for number in range(MILLION)]
    before = _rss_mib()
    table = Standings()
    for player, name in zip(ids, names, strict=True):
        table.upsert(player, name, rng.randrange(20_000), rng.randrange(400_000))
    bytes_each = (_rss_mib() - before) * 2**20 / MILLION
    moves = [rng.randrange(MILLION) for _ in range(MOVES)]
    began = time.perf_counter()
    for number in moves:
        table.upsert(ids[number], names[number], rng.randrange(20_000), 1)
        table.rank(ids[number])
        table.top(TOP_K)
    return {"us": (time.perf_counter() - began) / MOVES * 1e6, "bytes": bytes_each}


def _memory() -> dict[str, float]:
    from workers import wiring
    from workers.gc_tuning import collect_seldom
    from workers.shard.baseline import image

    assert wiring
    collect_seldom()
    game = Game(quiz(10), Options())
    states = [
        fold(game, _events(f"{shard}-", LIVE_PLAYERS // LIVE_SHARDS), now=100_000) for shard in range(LIVE_SHARDS)
    ]
    written = [{player.player_id: image(player) for player in state.players.values()} for state in states]
    assert sum(map(len, written)) == LIVE_PLAYERS
    return {"mib": _rss_mib()}


def _rss_mib() -> float:
    """The largest resident set so far (MiB); nothing here frees memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps({"standings": _standings, "memory": _memory}[sys.argv[1]]()))
