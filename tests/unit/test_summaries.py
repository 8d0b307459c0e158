"""Summaries of shards are a commutative monoid, so a session may be merged group by group: ties and ranks included."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore import documents
from quizcore.documents import ShardBoardFields
from quizcore.domain.events import AnswerSubmitted, Event, PlayerJoined, PlayerRemoved
from quizcore.domain.fold import fold
from quizcore.domain.ranks import rank_in, rank_table
from quizcore.domain.session import Game
from quizcore.merging import EMPTY, Public, Summary, combine, combined, group_fields, publish, summary_of
from quizcore.shards import shard_of
from tests.support import oracle
from tests.support.games import LEAD_MS, SINGLE, START, answered, finished, game, joined, opened, removed

SHARDS = 7
GROUP_SEQ = 9
STAMPS = documents.BoardStamps(seq=GROUP_SEQ, commit_id="c", as_of=0)
AFTER = START + 10**6
OPENED = START + LEAD_MS
CONTROLS = (opened(0, START), opened(1, START + 20_000), finished(START + 60_000))

few = st.integers(0, 3)  # so that ties are common
names = st.sampled_from(["Ann", "Bea", "Cem", "Ann Lee"])
sizes = st.lists(st.integers(1, 4), max_size=4)
rows = st.fixed_dictionaries(
    {
        "player_id": st.uuids().map(str),
        "nickname": names,
        "avatar": st.just("fox"),
        "score": few.map(lambda n: 500 * n),
        "right_elapsed_ms": few,
    }
)
results = st.fixed_dictionaries({"answers": few, "finished_at": st.integers(START, START + 9)})
joins = st.fixed_dictionaries({"nickname": names, "at": few, "event_id": st.uuids().map(str)})


@st.composite
def tallies(draw: st.DrawFn) -> dict[str, Any] | None:
    """As shards may say it at one moment: of any question, revealed or not."""
    if draw(st.booleans()):
        return None
    revealed = draw(st.booleans())
    return {
        "question_index": draw(st.integers(0, 2)),
        "answered": draw(few),
        "correct": draw(few) if revealed else None,
        "choices": draw(st.lists(few, min_size=3, max_size=3)) if revealed else None,
    }


@st.composite
def boards(draw: st.DrawFn) -> Any:
    """Of one shard, whose players are in no other."""
    listed: list[dict[str, Any]] = sorted(draw(st.lists(rows, max_size=12)), key=as_listed)
    scores: list[int] = [row["score"] for row in listed]
    return {
        "final": draw(st.booleans()),
        "player_count": len(listed),
        "top": listed,
        "tally": draw(tallies()),
        "recent": draw(st.lists(joins, max_size=3)),
        "seq": draw(st.integers(1, 9)),
        "error": draw(st.integers(0, 1)),
        "scores": rank_table((score, scores.count(score)) for score in sorted(set(scores), reverse=True)).data,
        "due_at": draw(st.none() | st.integers(START, START + 9)),
        "result": draw(st.none() | results),
    }


def as_listed(row: dict[str, Any]) -> tuple[int, int, str, str]:
    return -row["score"], row["right_elapsed_ms"], row["nickname"], row["player_id"]


summaries = st.builds(summary_of, st.integers(0, 1_023), boards())


@given(summaries, summaries, summaries)
def test_summaries_are_combined_in_any_grouping(a: Summary, b: Summary, c: Summary) -> None:
    assert combine(combine(a, b), c) == combine(a, combine(b, c)) == combined([a, b, c])


@given(summaries, summaries)
def test_summaries_are_combined_in_any_order(a: Summary, b: Summary) -> None:
    assert combine(a, b) == combine(b, a)


@given(summaries, summaries)
def test_the_empty_summary_changes_nothing(a: Summary, b: Summary) -> None:
    both = combine(a, b)

    assert combine(EMPTY, both) == combine(both, EMPTY) == both
    assert combined([]) == EMPTY


def in_one_level(shards: Sequence[ShardBoardFields], top_k: int) -> Public:
    return publish(combined(summary_of(number, board) for number, board in enumerate(shards)), top_k)


def in_two_levels(shards: Sequence[ShardBoardFields], group_sizes: list[int], top_k: int) -> Public:
    """Through the documents of groups of these sizes; the last group has the rest."""
    rest = [summary_of(number, board) for number, board in enumerate(shards)]
    groups: list[documents.StampedGroup] = []
    for size in [*group_sizes, len(rest)]:
        part, rest = rest[:size], rest[size:]
        groups.append(documents.stamped_group(group_fields(combined(part), top_k), STAMPS))
    return publish(combined(summary_of(number, group) for number, group in enumerate(groups)), top_k, "groups")


@settings(max_examples=300)
@given(st.lists(boards(), min_size=1, max_size=9), sizes, st.integers(1, 12))
def test_two_levels_publish_the_same_as_one_level(
    shards: Sequence[ShardBoardFields], group_sizes: list[int], top_k: int
) -> None:
    once, twice = in_one_level(shards, top_k), in_two_levels(shards, group_sizes, top_k)

    assert once.board["shards"] == {str(number): board["seq"] for number, board in enumerate(shards)}
    assert twice.board.get("groups") == {str(number): GROUP_SEQ for number in range(len(group_sizes) + 1)}
    assert twice.board["shards"] == {}
    assert without_parts(twice) == without_parts(once)


def without_parts(public: Public) -> object:
    """The published content without the fields that name the merged boards or groups."""
    board = {name: value for name, value in public.board.items() if name not in ("shards", "groups")}
    return board, public.ranks, public.counted


PLAYERS = [f"p{number}" for number in range(12)]
players = st.sampled_from(PLAYERS)
player_events = st.one_of(
    st.builds(answered, players, st.integers(0, 1), st.integers(OPENED, OPENED + 40_000), st.integers(0, 3)),
    # Of one moment, so that players share a score and a time.
    st.builds(answered, players, st.just(0), st.just(OPENED + 700), st.just(1)),
    st.builds(removed, players, st.just(START + 99)),
)


@settings(max_examples=150)
@given(st.lists(player_events, max_size=40), sizes, st.integers(1, 12))
def test_two_levels_list_and_rank_like_the_oracle(events: list[Event], group_sizes: list[int], top_k: int) -> None:
    played = game(SINGLE, SINGLE)
    everything = [*(joined(player, START + 5, "Twin") for player in PLAYERS), *events, *CONTROLS]
    shards = [
        fold(
            played,
            [e for e in everything if shard_of(getattr(e, "player_id", ""), SHARDS) == n or e in CONTROLS],
            AFTER,
        )
        for n in range(SHARDS)
    ]
    table = told_by_the_oracle(played, everything).table

    public = in_two_levels(
        [documents.shard_fields(shard, seq=4, commit_id="c", top_k=top_k) for shard in shards], group_sizes, top_k
    )

    listed = [(row["rank"], row["player_id"], row["nickname"], row["score"]) for row in public.board["top"]]
    assert listed == table[:top_k]
    assert public.board["player_count"] == len(table)
    ranks = public.ranks["scores"] if public.ranks else b""
    assert [rank_in(ranks, score) for *_, score in table] == [rank for rank, *_ in table]


def told_by_the_oracle(played: Game, events: list[Event]) -> oracle.Expected:
    questions = [documents.question_fields(question) for question in played.quiz.questions]
    return oracle.expected(questions, documents.options_fields(played.options), map(as_sent, events))


def as_sent(event: Any) -> dict[str, Any]:
    """An event as the JSON of its message."""
    sent = {"type": TYPES[type(event).__name__], "at": event.mark.at, "event_id": event.mark.event_id}
    match event:
        case PlayerJoined():
            return sent | {"player_id": event.player_id, "nickname": event.nickname}
        case PlayerRemoved():
            return sent | {"player_id": event.player_id}
        case AnswerSubmitted():
            answer = {"question_index": event.question_index, "choices": event.answer.choices}
            return sent | {"player_id": event.player_id} | answer
    return sent | ({"question_index": event.question_index} if hasattr(event, "question_index") else {})


TYPES = {
    "PlayerJoined": "player_joined",
    "PlayerRemoved": "player_removed",
    "AnswerSubmitted": "answer_submitted",
    "QuestionOpened": "question_opened",
    "SessionFinished": "session_finished",
}
