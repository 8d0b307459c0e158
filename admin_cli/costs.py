"""What a game costs: counted from how the product works, with ratios that `make load` measured and a dated price table.

The formula stands in docs/cost.md. Pure, but for the two tables it is given.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from quizcore.layout import Layout
from quizcore.settings import WorkerSettings
from quizcore.shards import shards_for

GIB = 2**30
API_GIB, WORKER_GIB = 0.5, 0.5
PLAYERS_A_WORKER = 25_000
OTHER_BOARDS = 3  # of a question: its opening, its close, its reveal
SESSION_CHANGES = 3  # of a question that the session's document shows
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Game:
    """Times in seconds. `within_s`: how long answers to a question come in."""

    players: int
    questions: int
    within_s: float = 10.0
    lobby_s: float = 60.0
    review_s: float = 10.0

    @property
    def length_s(self) -> float:
        return self.lobby_s + self.questions * (self.within_s + self.review_s)


@dataclass(frozen=True, slots=True)
class Spent:
    board_writes: int
    writes: int
    deletes: int
    reads: int
    reads_by_listeners: int
    posts: int
    messages: int
    message_bytes: int
    api_cpu_s: float
    worker_s: float
    egress_bytes: float


def spent(game: Game, measured: Table) -> Spent:
    players, questions = game.players, game.questions
    shards = shards_for(players)
    layout = Layout.for_shards("", shards)
    groups = layout.groups if layout.grouped else 0
    interval_s = max(_interval_ms(ceil(players / shards)), 1) / 1000
    boards_lobby = _boards(game.lobby_s, interval_s, players)
    boards_question = _boards(game.within_s, interval_s, players) + OTHER_BOARDS
    public_boards = boards_lobby + questions * boards_question
    # With one shard its board is the public one; with more, each has its own beside it, and each group a summary.
    board_writes = public_boards * (1 if shards == 1 else 1 + shards + groups)
    journal = questions * shards * _boards(game.within_s, interval_s, players)
    ranks, session = questions, questions * SESSION_CHANGES + boards_lobby
    answers = players * questions
    pages = ceil(players / 100)
    # A player: the nickname, what remembers the request, and the own document at the join, the own document at each
    # reveal. The host's requests are remembered too.
    writes = 3 * players + 2 * questions + 2 + answers + board_writes + journal + ranks + session + pages
    # Each listener hears each public board, each change of the session, each table of ranks, the own document.
    by_listeners = players * (public_boards + session + ranks + questions + 1)
    # A merge reads the session, what it writes, and what it is made of.
    merges = public_boards * (shards + 3 + 3 * groups) if shards > 1 else 0
    posts = players + answers
    controls = (2 * questions + 2) * shards
    size = max(measured["message_bytes"], 1)
    return Spent(
        board_writes=board_writes,
        writes=writes,
        deletes=journal,
        reads=by_listeners + merges + players,
        reads_by_listeners=by_listeners,
        posts=posts,
        messages=posts + controls,
        message_bytes=2 * (posts + controls) * size,
        api_cpu_s=posts * measured["api_cpu_s_per_post"],
        worker_s=game.length_s * ceil(players / PLAYERS_A_WORKER),
        egress_bytes=players
        * (public_boards * measured["board_bytes"] + (session + ranks + questions) * measured["small_document_bytes"]),
    )


def bill(what: Spent, prices: Table) -> dict[str, float]:
    """In the table's currency, by part; `total` is their sum."""
    api_s = what.api_cpu_s
    least = 2 * what.messages * prices["pubsub_least_bytes"]
    parts = {
        "Firestore reads": what.reads * prices["firestore_read"],
        "Firestore writes": what.writes * prices["firestore_write"] + what.deletes * prices["firestore_delete"],
        "Pub/Sub": max(what.message_bytes, least) / GIB * prices["pubsub_gib"],
        "function": what.posts * prices["function_request"]
        + api_s * (prices["function_vcpu_second"] + API_GIB * prices["function_gib_second"]),
        "worker": what.worker_s * (prices["worker_vcpu_second"] + WORKER_GIB * prices["worker_gib_second"]),
        "network": what.egress_bytes / GIB * prices["egress_gib"],
    }
    return {**parts, "total": sum(parts.values())}


def tables() -> tuple[Table, Table]:
    """The measured ratios and the prices."""
    here = Path(__file__).parent
    measured, prices = (json.loads((here / name).read_text()) for name in ("measured.json", "prices.json"))
    return measured, prices


def told(game: Game) -> dict[str, Any]:
    measured, prices = tables()
    what = spent(game, measured)
    return {
        "players": game.players,
        "questions": game.questions,
        "shards": shards_for(game.players),
        "spent": asdict(what),
        "bill": {name: round(amount, 6) for name, amount in bill(what, prices).items()},
        "currency": prices["currency"],
        "prices_read_on": prices["read_on"],
    }


def _interval_ms(players_a_shard: int) -> int:
    fields = WorkerSettings.model_fields
    for most, name in ((50, "interval_50_ms"), (500, "interval_500_ms"), (2_000, "interval_2000_ms")):
        if players_a_shard <= most:
            return int(fields[name].default)
    return int(fields["interval_more_ms"].default)


def _boards(during_s: float, interval_s: float, events: int) -> int:
    """No more than one an interval, and no more than there are events."""
    return min(events, ceil(during_s / interval_s))
