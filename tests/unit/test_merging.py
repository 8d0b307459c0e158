"""Law 1 for many shards: the merged board is the board that one shard would have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore.documents import ShardBoardFields, board_fields, ranks_fields, result_part, shard_fields
from quizcore.domain.events import Event, PlayerJoined
from quizcore.domain.fold import fold
from quizcore.domain.session import Reveal
from quizcore.domain.turnout import turnout_of
from quizcore.merging import Public, combined, publish, summary_of
from quizcore.shards import MOST_SHARDS, PLAYERS_A_SHARD, shard_of, shards_for
from tests.support.games import LEAD_MS, SINGLE, START, answered, finished, game, joined, opened, removed

PLAYERS = [f"p{number}" for number in range(12)]
STAMPS = {"seq": 4, "commit_id": "c"}
OPENED = START + LEAD_MS

players = st.sampled_from(PLAYERS)
player_events = st.one_of(
    st.builds(joined, players, st.integers(START, START + 9)),
    st.builds(answered, players, st.integers(0, 1), st.integers(OPENED, OPENED + 40_000), st.integers(0, 3)),
    st.builds(removed, players, st.just(START + 99)),
)
controls = st.lists(
    st.sampled_from([opened(0, START), opened(1, START + 20_000), finished(START + 60_000)]), unique=True
)
moments = st.integers(START, START + 90_000)


@settings(max_examples=300)
@given(
    st.lists(player_events, max_size=60),
    controls,
    moments,
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from(Reveal),
    st.booleans(),
)
def test_the_merged_board_is_the_board_of_one_shard(
    events: list[Event], control: list[Event], now: int, shards: int, top_k: int, reveal: Reveal, hidden: bool
) -> None:
    played = game(SINGLE, SINGLE, reveal=reveal, board_hidden=hidden)
    everything = [*everybody(events), *events, *control]
    whole = fold(played, everything, now)
    states = [
        fold(played, [e for e in everything if shard_of(getattr(e, "player_id", ""), shards) == n or e in control], now)
        for n in range(shards)
    ]
    boards = [shard_fields(state, **STAMPS, top_k=top_k) for state in states]  # type: ignore[arg-type]

    expected: Mapping[str, Any] = board_fields(whole, **STAMPS, top_k=top_k)  # type: ignore[arg-type]
    merged = in_one_step(boards, top_k)

    assert merged.board == {name: expected[name] for name in merged.board if name != "shards"} | {
        "shards": {str(n): 4 for n in range(shards)}
    }
    assert merged.ranks == ranks_fields(whole)
    assert merged.counted == {
        "player_count": expected["player_count"],
        "final": expected["final"],
        "due_at": boards[0]["due_at"],
    }
    assert merged.result == result_part(whole)
    alone = turnout_of(whole)
    assert merged.turnout == (alone and replace(alone, shards=shards))


def in_one_step(boards: Sequence[ShardBoardFields], top_k: int) -> Public:
    return publish(combined(summary_of(number, board) for number, board in enumerate(boards)), top_k)


def everybody(events: list[Event]) -> list[PlayerJoined]:
    """All players have joined; some of them twice, by the generated events."""
    return [joined(player, START + 5) for player in sorted({getattr(event, "player_id", "p0") for event in events})]


def test_a_lagging_shard_hides_results_that_are_not_counted_everywhere() -> None:
    ahead = fold(game(), [joined("a"), opened(0, START), answered("a", 0, OPENED, 1)], START + 60_000)
    behind = fold(game(), [joined("b"), opened(0, START), answered("b", 0, OPENED, 1)], OPENED + 5)
    boards = [shard_fields(state, seq=1, commit_id="c", top_k=5) for state in (ahead, behind)]

    tally = in_one_step(boards, 5).board["tally"]

    assert tally == {"question_index": 0, "answered": 2, "correct": None, "choices": None}


def test_shards_grow_with_the_expected_players_up_to_a_limit() -> None:
    assert [shards_for(n) for n in (1, PLAYERS_A_SHARD, PLAYERS_A_SHARD + 1, 100_000, 10**9)] == [
        1,
        1,
        2,
        50,
        MOST_SHARDS,
    ]
