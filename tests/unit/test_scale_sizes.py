"""The sizes of documents of 1,024 shards and 1,000,000 players, computed with the code that writes them."""

import random
from collections import Counter
from typing import Any

import pytest

from quizcore import documents
from quizcore.documents import RECENT_NAMES
from quizcore.domain.events import Mark
from quizcore.domain.ranks import rank_table
from quizcore.domain.session import Timeline
from quizcore.layout import Layout
from quizcore.merging import TOP_MOST, combined, group_fields, publish, summary_of
from quizcore.shards import GROUP_SHARDS, MOST_SHARDS, PLAYERS_A_SHARD
from quizcore.sizes import MOST_DOCUMENT_BYTES, document_bytes
from tests.support.games import START

SESSION, ID = "s" * 32, "f" * 36
PLAYERS = 1_000_000
NAME = "\N{GRINNING FACE}" * 20
STAMPS = {"seq": 2**40, "commit_id": ID, "as_of": START, "expires_at": documents.expiry(START)}
LAYOUT = Layout.for_shards(SESSION, MOST_SHARDS)


def shard_board(scores: Counter[int], top_k: int) -> dict[str, Any]:
    """With names as long as they can be, in every list that a board has."""
    table = rank_table(sorted(scores.items(), reverse=True))
    row = {"player_id": "p" * 128, "nickname": NAME, "avatar": NAME, "right_elapsed_ms": 10**9, "rank": 1}
    return STAMPS | {
        "final": False,
        "player_count": scores.total(),
        "top": [row | {"score": score} for score in sorted(scores.elements(), reverse=True)[:top_k]],
        "tally": {"question_index": 99, "answered": 10**6, "correct": 10**6, "choices": [10**6] * 10},
        "recent": [{"nickname": NAME, "at": START, "event_id": ID}] * RECENT_NAMES,
        "error": table.error,
        "scores": table.data,
        "due_at": START,
    }


def group_of(boards: list[Any], top_k: int) -> Any:
    return STAMPS | group_fields(combined(summary_of(shard, board) for shard, board in enumerate(boards)), top_k)


def weighs(path: str, fields: dict[str, Any]) -> int:
    return document_bytes(path, fields)


def played(rng: random.Random, players: int) -> Counter[int]:
    """Twenty questions of 1,000 points, half of them answered right after some time."""
    return Counter(sum(rng.randint(500, 1_000) for _ in range(20) if rng.random() < 0.5) for _ in range(players))


def test_a_million_players_in_the_most_shards_are_far_from_the_limit_of_a_document() -> None:
    rng = random.Random(1)  # noqa: S311 (a crowd)
    boards = [shard_board(played(rng, PLAYERS // MOST_SHARDS), top_k=20) for _ in range(GROUP_SHARDS)]
    group = group_of(boards, top_k=20)
    public = publish(combined(summary_of(g, group) for g in range(LAYOUT.groups)), 20, LAYOUT.parts_field)

    assert public.ranks is not None
    assert public.board["player_count"] == PLAYERS // MOST_SHARDS * MOST_SHARDS
    assert weighs(LAYOUT.fence(MOST_SHARDS - 1), boards[0]) < 32 * 1024
    assert weighs(documents.group_path(SESSION, 15), group) < 64 * 1024
    assert weighs(documents.board_path(SESSION), public.board | STAMPS) < 32 * 1024
    assert public.ranks["error"] == group["error"] == 0, "everybody's rank is exact"
    assert len(public.ranks["scores"]) < 64 * 1024


@pytest.mark.parametrize("step", [1, 200], ids=["neighbouring scores", "scores far apart"])
def test_a_summary_of_any_scores_fits_into_a_document(step: int) -> None:
    """Shards of twice the players they are meant for, no two with the same score, the longest lists."""
    most = 2 * PLAYERS_A_SHARD
    boards = [
        shard_board(Counter(step * (shard + GROUP_SHARDS * n) for n in range(most)), TOP_MOST)
        for shard in range(GROUP_SHARDS)
    ]

    group = group_of(boards, TOP_MOST)

    assert group["player_count"] == GROUP_SHARDS * most
    assert weighs(documents.group_path(SESSION, 15), group) < MOST_DOCUMENT_BYTES
    assert step > 1 or group["error"] == 0


def test_the_resharding_document_of_the_longest_quiz_fits() -> None:
    timeline = Timeline(
        openings={index: Mark(START, ID) for index in range(200)},
        closings={index: frozenset(Mark(START + n, ID) for n in range(3)) for index in range(200)},
    )
    made_of = {group: dict.fromkeys(range(group * 64, group * 64 + 64), ID) for group in range(LAYOUT.groups)}

    told = documents.resharding_fields(LAYOUT.fields, documents.timeline_fields(timeline), made_of)
    fields = {**told, **STAMPS}

    assert weighs(documents.resharding_path(SESSION), fields) < MOST_DOCUMENT_BYTES // 2
