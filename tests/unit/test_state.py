"""The fold of a shard's events: the players who are judged again, and the standings afterwards."""

from quizcore.domain.events import Event, PlayerRemoved
from quizcore.domain.fold import State, fold
from quizcore.domain.player import Player
from quizcore.domain.session import Game, Reveal
from tests.support.games import (
    GRACE_MS,
    LEAD_MS,
    LIMIT_MS,
    MULTIPLE,
    START,
    admitted,
    answered,
    game,
    joined,
    opened,
    removed,
    renamed,
)

SHOWN = START + LEAD_MS
END = SHOWN + LIMIT_MS + GRACE_MS


def table(state: State) -> list[tuple[str, str, int]]:
    return [(each.player_id, each.nickname, each.score) for each in state.standings.top(9)]


def running(played: Game | None = None) -> State:
    events: list[Event] = [joined("ann"), joined("ben"), opened(0, START), answered("ann", 0, SHOWN, 1)]
    return fold(played or game(), events, SHOWN)


def test_an_event_of_a_player_judges_that_player_again() -> None:
    state = running()

    assert state.apply([answered("ben", 0, SHOWN + 1, 1), answered("ben", 0, SHOWN + 2, 1)], SHOWN + 2) == {"ben"}
    assert state.apply([], SHOWN + 3) == set()
    assert state.apply([joined("cho")], SHOWN + 3) == {"cho"}


def test_a_change_of_the_timeline_judges_all_players_again_and_a_repetition_none() -> None:
    state = running()

    assert set(state.apply([opened(1, SHOWN + 5)], SHOWN + 5)) == {"ann", "ben"}
    assert set(state.apply([opened(1, SHOWN + 5)], SHOWN + 6)) == set()


def test_the_reveal_judges_all_players_again() -> None:
    state = running()
    assert (set(state.apply([], END)), table(state)) == (set(), [("ann", "ann", 0), ("ben", "ben", 0)])

    assert set(state.apply([], END + 1)) == {"ann", "ben"}
    assert table(state) == [("ann", "ann", 1000), ("ben", "ben", 0)]


def test_time_never_goes_back() -> None:
    state = running()
    state.apply([], END + 1)
    state.apply([], START)

    assert (state.now, table(state)[0]) == (END + 1, ("ann", "ann", 1000))


def test_a_name_moves_with_its_player_and_a_removed_player_leaves() -> None:
    state = running(game(reveal=Reveal.ON_ANSWER))
    state.apply([renamed("ann", START, "Anna")], SHOWN)
    assert table(state) == [("ann", "Anna", 1000), ("ben", "ben", 0)]

    state.apply([removed("ann", START)], SHOWN)
    assert table(state) == [("ben", "ben", 0)]
    state.apply([joined("ann", START - 1), PlayerRemoved(answered("x", 0, 1).mark, "nobody")], SHOWN)
    assert table(state) == [("ben", "ben", 0)], "for good"


def test_unadmitted_and_unknown_players_are_in_no_table() -> None:
    state = running(game(approval=True))
    assert table(state) == []
    state.apply([admitted("ann", START), admitted("dee", START), answered("eve", 0, SHOWN, 1)], SHOWN)

    assert [row[0] for row in table(state)] == ["ann"]
    assert {player.player_id for player in state.players.values() if player.facts.ranked} == {"ann"}


def test_answers_that_mean_the_same_are_one() -> None:
    events: list[Event] = [opened(0, START), answered("ann", 0, SHOWN, 2, 0, event_id="e")]
    state = fold(game(MULTIPLE), [*events, answered("ann", 0, SHOWN + 1, 0, 2, 2, event_id="e")], END + 1)

    sheet = state.players["ann"].sheet
    assert (sheet.refused, sheet.answers[0].submission.answer.choices) == ((), (0, 2))
    assert sheet.answers[0].submission.mark.at == SHOWN, "of copies the earliest stays"


def test_a_state_is_restored_from_facts_answers_and_held_answers() -> None:
    state = running()
    held = [player.sheet.held[0] for player in state.players.values() if player.sheet.held]
    again = State(game())
    again.restore(state.timeline, [Player(p, state.players[p].facts) for p in ("ann", "ben")], held, state.now)

    assert (again.now, table(again), again.players) == (state.now, table(state), state.players)
    assert again.timeline == state.timeline
    again.apply([], END + 1)
    state.apply([], END + 1)
    assert (table(again), again.players) == (table(state), state.players)
    assert again.apply([], END + 2) == set(), "the reveal is known"


def test_the_first_join_and_the_last_name_count_in_any_order_of_arrival() -> None:
    joins: list[Event] = [joined("ann", START, "Ann", "a"), joined("ann", START + 1, "Late", "b")]
    names: list[Event] = [renamed("ben", START + 1, "Last"), renamed("ben", START, "First")]

    for events in ([*joins, joined("ben"), *names], [joined("ben"), *reversed(joins), *reversed(names)]):
        state = fold(game(), events, START)
        assert sorted(table(state)) == [("ann", "Ann", 0), ("ben", "Last", 0)]


def test_a_repetition_does_not_hide_a_change_in_the_same_batch() -> None:
    state = running()

    assert set(state.apply([opened(1, SHOWN + 5), opened(1, SHOWN + 5)], SHOWN + 5)) == {"ann", "ben"}
    assert state.pacing.window("ann", 1)


def test_equal_scores_are_ordered_by_the_time_of_right_answers() -> None:
    state = running(game(reveal=Reveal.ON_ANSWER))
    state.apply([answered("ben", 0, SHOWN + 400, 1)], SHOWN + 400)

    assert [row[0] for row in table(state)] == ["ann", "ben"]
    assert [state.standings.right_elapsed_ms(player) for player in ("ann", "ben")] == [0, 400]
