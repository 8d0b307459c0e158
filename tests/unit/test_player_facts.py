"""A player's facts: one record that the state, the worker's baseline and the player's document share."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore import documents
from quizcore.domain.fold import State
from quizcore.domain.player import Player, PlayerFacts
from quizcore.ports import Put, Update
from tests.support import games
from workers.shard.baseline import Baseline, image
from workers.shard.plan import plan_commit

EXPIRES_AT = documents.expiry(games.START)
FACTS = PlayerFacts._fields
# Of any type that a fact may have, so that a new fact is drawn without a change here.
facts = st.from_type(PlayerFacts)


def of_one_player(drawn: PlayerFacts) -> PlayerFacts:
    """The same facts, all about `ann`."""
    told = {name: getattr(drawn, name) for name in FACTS}
    return PlayerFacts(**{n: replace(e, player_id="ann") if hasattr(e, "player_id") else e for n, e in told.items()})


@settings(max_examples=200)
@given(facts)
def test_a_players_document_contains_every_fact(drawn: PlayerFacts) -> None:
    known = of_one_player(drawn)

    read = documents.read_player("ann", documents.player_fields(Player("ann", known), EXPIRES_AT)).facts

    # The name that a renamed player joined with is the one thing that no document keeps.
    joined = known.joined and replace(known.joined, nickname=known.nickname or "")
    assert read == known._replace(joined=joined)


@pytest.mark.parametrize("name", FACTS)
@settings(max_examples=50)
@given(before=facts, after=facts)
def test_a_change_of_any_fact_writes_the_players_document(name: str, before: PlayerFacts, after: PlayerFacts) -> None:
    old = of_one_player(before)
    new = old._replace(**{name: getattr(of_one_player(after), name)})
    state = State(games.game(), players={"ann": Player("ann", old)})
    known = documents.player_fields(state.players["ann"], EXPIRES_AT)
    board = documents.board_fields(state, seq=1, commit_id="first", top_k=20)
    baseline = Baseline("s1", 0, 1, EXPIRES_AT, 1, board, documents.clock_fields(state), None)
    baseline.players["ann"] = image(state.players["ann"])
    state.players["ann"].facts = new

    plan = plan_commit(state, ["ann"], baseline, "second", 20)

    path = documents.player_path("s1", "ann")
    written = [write for write in plan.writes if write.path == path] if plan else []
    assert [type(write) for write in written] == ([Update] if new != old else [])
    said = known | {name: value for write in written if isinstance(write, Update) for name, value in write.data.items()}
    assert said == documents.player_fields(state.players["ann"], EXPIRES_AT)


@settings(max_examples=100)
@given(facts)
def test_a_player_unknown_to_the_baseline_gets_a_whole_document(drawn: PlayerFacts) -> None:
    player = Player("ann", of_one_player(drawn))
    state = State(games.game(), players={"ann": player})
    board = documents.board_fields(state, seq=1, commit_id="first", top_k=20)

    plan = plan_commit(
        state, ["ann"], Baseline("s1", 0, 1, EXPIRES_AT, 1, board, documents.clock_fields(state), None), "second", 20
    )

    assert plan is not None
    assert Put(documents.player_path("s1", "ann"), documents.player_fields(player, EXPIRES_AT)) in plan.writes
