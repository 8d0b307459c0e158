"""The cost of a game, computed from the product's operations, ratios that `make load` measured, and a dated price
table. docs/cost.md explains the formula. All functions are pure, except `tables`, which reads files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from admin_cli.board_costs import Spent, boards_spent
from quizcore.layout import Layout
from quizcore.settings import WorkerSettings
from quizcore.shards import shards_for

GIB = 2**30
API_GIB, WORKER_GIB = 0.5, 0.5
PLAYERS_A_WORKER = 25_000
OTHER_BOARDS = 3  # for each question: its opening, its close, its reveal
SESSION_CHANGES = 3  # for each question: writes of the session's document
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CostScenario:
    """The game whose cost is computed; times in seconds. `within_s`: the time between the first and the last answer to
    a question."""

    players: int
    questions: int
    within_s: float = 10.0
    lobby_s: float = 60.0
    review_s: float = 10.0

    @property
    def length_s(self) -> float:
        return self.lobby_s + self.questions * (self.within_s + self.review_s)


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of each billed service."""

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


def usage_of(scenario: CostScenario, measured: Table) -> Usage:
    players, questions = scenario.players, scenario.questions
    shards = shards_for(players)
    layout = Layout.for_shards("", shards)
    groups = layout.groups if layout.grouped else 0
    interval_s = max(_interval_ms(ceil(players / shards)), 1) / 1000
    boards_lobby = _boards(scenario.lobby_s, interval_s, players)
    boards_question = _boards(scenario.within_s, interval_s, players) + OTHER_BOARDS
    public_boards = boards_lobby + questions * boards_question
    # With one shard its board is the public one; with more, each shard also has its own board, and each group a
    # summary.
    board_writes = public_boards * (1 if shards == 1 else 1 + shards + groups)
    journal = questions * shards * _boards(scenario.within_s, interval_s, players)
    ranks, session = questions, questions * SESSION_CHANGES + boards_lobby
    answers = players * questions
    pages = ceil(players / 100)
    # For each player: the nickname, the record of the request and the player's document at the join, and the player's
    # document at each reveal. The host's requests are recorded too.
    writes = 3 * players + 2 * questions + 2 + answers + board_writes + journal + ranks + session + pages
    # Each listener reads each public board, each change of the session's document, each table of ranks, and the
    # player's own document.
    by_listeners = players * (public_boards + session + ranks + questions + 1)
    # A merge reads the session, the documents that it writes, and the boards of the shards or groups.
    merges = public_boards * (shards + 3 + 3 * groups) if shards > 1 else 0
    posts = players + answers
    controls = (2 * questions + 2) * shards
    size = max(measured["message_bytes"], 1)
    return Usage(
        board_writes=board_writes,
        writes=writes,
        deletes=journal,
        reads=by_listeners + merges + players,
        reads_by_listeners=by_listeners,
        posts=posts,
        messages=posts + controls,
        message_bytes=2 * (posts + controls) * size,
        api_cpu_s=posts * measured["api_cpu_s_per_post"],
        worker_s=scenario.length_s * ceil(players / PLAYERS_A_WORKER),
        egress_bytes=players
        * (public_boards * measured["board_bytes"] + (session + ranks + questions) * measured["small_document_bytes"]),
    )


def bill(usage: Usage, prices: Table) -> dict[str, float]:
    """In the table's currency, by part; `total` is their sum."""
    api_s = usage.api_cpu_s
    least = 2 * usage.messages * prices["pubsub_least_bytes"]
    parts = {
        "Firestore reads": usage.reads * prices["firestore_read"],
        "Firestore writes": usage.writes * prices["firestore_write"] + usage.deletes * prices["firestore_delete"],
        "Pub/Sub": max(usage.message_bytes, least) / GIB * prices["pubsub_gib"],
        "function": usage.posts * prices["function_request"]
        + api_s * (prices["function_vcpu_second"] + API_GIB * prices["function_gib_second"]),
        "worker": usage.worker_s * (prices["worker_vcpu_second"] + WORKER_GIB * prices["worker_gib_second"]),
        "network": usage.egress_bytes / GIB * prices["egress_gib"],
    }
    return {**parts, "total": sum(parts.values())}


def boards_bill(boards: Spent, prices: Table) -> float:
    """The cost of leaderboards, in the table's currency."""
    return float(
        boards.reads * prices["firestore_read"]
        + boards.writes * prices["firestore_write"]
        + boards.deletes * prices["firestore_delete"]
        + boards.cpu_s * (prices["worker_vcpu_second"] + WORKER_GIB * prices["worker_gib_second"])
    )


def tables() -> tuple[Table, Table]:
    """The measured ratios and the prices."""
    here = Path(__file__).parent
    measured, prices = (json.loads((here / name).read_text()) for name in ("measured.json", "prices.json"))
    return measured, prices


def cost_report(scenario: CostScenario) -> dict[str, Any]:
    measured, prices = tables()
    usage = usage_of(scenario, measured)
    boards = boards_spent(scenario.players)
    amount, total = boards_bill(boards, prices), bill(usage, prices)["total"]
    return {
        "players": scenario.players,
        "questions": scenario.questions,
        "shards": shards_for(scenario.players),
        "spent": asdict(usage),
        "bill": {name: round(amount, 6) for name, amount in bill(usage, prices).items()},
        "leaderboards": {**asdict(boards), "amount": round(amount, 6), "share": round(amount / total, 5)},
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
    """The number of boards: at most one per interval, and at most one per event."""
    return min(events, ceil(during_s / interval_s))
