"""Laws 1 and 3: any order and any duplicates give the same standings; and the decisions of a timeline."""

from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore import documents
from quizcore.domain.events import Event
from quizcore.domain.fold import State, fold
from quizcore.domain.session import Game, Phase, Reveal
from quizcore.domain.sheet import REFUSALS_KEPT, RefusalReason
from quizcore.domain.standings import Standing
from tests.support.games import (
    GRACE_MS,
    LEAD_MS,
    LIMIT_MS,
    SINGLE,
    START,
    admitted,
    answered,
    closed,
    finished,
    game,
    joined,
    locked,
    opened,
    removed,
    renamed,
)

OPENED = START + LEAD_MS
END = OPENED + LIMIT_MS + GRACE_MS
LONG_AFTER = START + 10_000_000


def scores(state: State) -> list[Standing]:
    return state.standings.top(100)


def refusals(state: State, player_id: str) -> list[tuple[str, RefusalReason]]:
    sheet = state.players[player_id].sheet
    return [(r.submission.mark.event_id, r.reason) for r in sheet.refused]


# --- laws ----------------------------------------------------------------------------------------

players = st.sampled_from(["ann", "ben", "cho"])
# Sometimes all within a second, so that early, valid and late answers are close together.
times = st.one_of(st.integers(START - 2_000, START + 60_000), st.integers(START, START + 1_000))
indexes = st.integers(0, 3)
event_ids = st.sampled_from([f"e{n}" for n in range(12)])
answers = st.builds(
    lambda p, i, at, c, e: answered(p, i, at, *sorted(c), event_id=e),
    players,
    indexes,
    times,
    st.sets(st.integers(0, 3), min_size=1, max_size=2),
    event_ids,
)
controls = st.one_of(
    st.builds(opened, indexes, times, event_ids),
    st.builds(closed, indexes, times, event_ids),
    st.builds(lambda p, at, e: joined(p, at, f"nick-{e}", e), players, times, event_ids),
)
rare = st.one_of(
    st.builds(finished, times, event_ids),
    st.builds(locked, times, st.booleans(), event_ids),
    st.builds(removed, players, times),
    st.builds(admitted, players, times),
    st.builds(lambda p, at, e: renamed(p, at, f"new-{e}", e), players, times, event_ids),
)
some_answers = st.lists(answers, max_size=14)
# More refusals of one player than a sheet keeps; otherwise the bound would not be tested.
many_answers = st.lists(st.tuples(indexes, times, st.integers(0, 3)), min_size=REFUSALS_KEPT, max_size=60).map(
    lambda made: [answered("ann", i, at, choice, event_id=f"m{n}") for n, (i, at, choice) in enumerate(made)]
)
timelines = st.tuples(
    st.one_of(some_answers, some_answers, many_answers), st.lists(controls, max_size=8), st.lists(rare, max_size=4)
).map(lambda parts: [*parts[0], *parts[1], *parts[2]])
games = st.builds(
    lambda streak, partial, approval, reveal, lead_ms: game(
        *(SINGLE,) * 3, streak_bonus=streak, partial=partial, approval=approval, reveal=reveal, lead_ms=lead_ms
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Reveal),
    st.sampled_from([0, LEAD_MS]),
)


def facts(state: State) -> object:
    """Everything that follows from the events."""
    return (
        scores(state),
        {p: (player.sheet, documents.facts_fields(player.facts)) for p, player in state.players.items()},
        state.timeline,
    )


@settings(max_examples=200)
@given(games, timelines, st.randoms(use_true_random=False), times)
def test_any_order_with_any_duplicates_gives_the_same_state(
    played: Game, events: list[Event], random: object, now: int
) -> None:
    shuffled = [*events, *random.choices(events, k=len(events))] if events else []  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert facts(fold(played, events, now)) == facts(fold(played, shuffled, now))


@settings(max_examples=200)
@given(games, timelines, st.data())
def test_folding_in_batches_while_time_passes_gives_what_one_fold_gives(
    played: Game, events: list[Event], data: st.DataObject
) -> None:
    state = State(played)
    rest, now = list(events), START
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        now += data.draw(st.integers(0, 10_000))
        state.apply(rest[:size], now)
        rest = rest[size:]

    assert facts((state.apply((), LONG_AFTER) and state) or state) == facts(fold(played, events, LONG_AFTER))


@settings(max_examples=200)
@given(games, timelines, times)
def test_standings_list_the_joined_players_who_are_not_removed_with_their_points(
    played: Game, events: list[Event], now: int
) -> None:
    state = fold(played, events, now)

    expected = {
        p.player_id: sum(g.points for g in p.sheet.answers.values()) for p in state.players.values() if p.facts.ranked
    }
    assert {s.player_id: s.score for s in scores(state)} == expected


@settings(max_examples=200)
@given(games, timelines, times)
def test_the_players_documents_give_the_same_standings(played: Game, events: list[Event], now: int) -> None:
    state, again = fold(played, events, now), State(played)
    sheets = {p: documents.player_fields(player, documents.expiry(now)) for p, player in state.players.items()}
    held = [answer for player in state.players.values() for answer in player.sheet.held.values()]

    again.restore(state.timeline, [documents.read_player(p, data) for p, data in sheets.items()], held, now)

    assert scores(again) == scores(state)
    assert {p: documents.facts_fields(player.facts) for p, player in again.players.items()} == {
        p: documents.facts_fields(player.facts) for p, player in state.players.items()
    }


def test_the_order_of_arrival_does_not_change_the_refusals_kept_for_a_question_opened_after_the_end() -> None:
    """Without a lead its answers are within the grace of the end, so former duplicates are early again."""
    played, first, last = game(lead_ms=0), START, START + 29
    many = [answered("ann", 0, at, 1, event_id=f"a{at}") for at in range(first, last + 1)]
    control: list[Event] = [opened(0, START), finished(START - 1)]
    told, at_once = fold(played, [control[0], *many], START), fold(played, [*control, *many], START)

    told.apply([control[1]], START)

    assert facts(told) == facts(at_once)
    kept = [refusal.submission.mark.at for refusal in told.players["ann"].sheet.refused]
    assert kept == [first, *range(last + 1 - REFUSALS_KEPT, last + 1)], "the first of them could still count"
    told.apply([opened(0, START - 2)], START)
    assert told.players["ann"].sheet.held[0].mark.at == first


# --- what counts ---------------------------------------------------------------------------------


def test_the_earlier_receipt_of_two_answers_counts_in_any_order_of_arrival() -> None:
    right, wrong = answered("ann", 0, OPENED + 900, 1), answered("ann", 0, OPENED + 901, 0)

    state = fold(game(), [wrong, right, joined("ann"), opened(0, START)], LONG_AFTER)

    assert state.players["ann"].sheet.answers[0].submission == right
    assert refusals(state, "ann") == [(wrong.mark.event_id, RefusalReason.DUPLICATE)]


def test_answers_at_both_ends_of_the_window_count_and_beyond_them_do_not() -> None:
    events: list[Event] = [opened(0, START)]
    for name, at in (("a", OPENED - 1), ("b", OPENED), ("c", END), ("d", END + 1)):
        events += [joined(name), answered(name, 0, at, 1)]

    state = fold(game(), events, LONG_AFTER)

    assert {name: refusals(state, name)[:1] and refusals(state, name)[0][1] for name in "abcd"} == {
        "a": RefusalReason.EARLY,
        "b": [],
        "c": [],
        "d": RefusalReason.LATE,
    }
    assert state.players["b"].sheet.score == 1000
    assert state.players["c"].sheet.score == 500, "elapsed is at most the limit"


def test_a_close_by_the_host_ends_the_window_after_the_grace() -> None:
    shut = OPENED + 5_000
    events: list[Event] = [
        opened(0, START),
        closed(0, shut),
        *(joined("in"), answered("in", 0, shut + GRACE_MS, 1)),
        *(joined("out"), answered("out", 0, shut + GRACE_MS + 1, 1)),
    ]

    state = fold(game(), events, LONG_AFTER)

    assert 0 in state.players["in"].sheet.answers
    assert refusals(state, "out")[0][1] is RefusalReason.LATE


def test_a_question_that_the_quiz_does_not_have_is_refused() -> None:
    state = fold(game(), [joined("ann"), answered("ann", 7, OPENED, 0, event_id="x")], LONG_AFTER)

    assert refusals(state, "ann") == [("x", RefusalReason.UNKNOWN_QUESTION)]


def test_an_early_answer_counts_when_its_opening_arrives_late() -> None:
    state = State(game())
    state.apply([joined("ann"), answered("ann", 0, OPENED + 1_000, 1)], OPENED + 1_500)
    assert refusals(state, "ann")[0][1] is RefusalReason.EARLY

    state.apply([opened(0, START)], LONG_AFTER)

    assert refusals(state, "ann") == []
    assert state.players["ann"].sheet.correct_count == 1


def test_a_retry_with_the_same_event_id_is_not_a_duplicate() -> None:
    first = answered("ann", 0, OPENED + 700, 1, event_id="same")
    retry = answered("ann", 0, OPENED + 900, 1, event_id="same")

    state = fold(game(), [retry, joined("ann"), opened(0, START), first], LONG_AFTER)

    assert state.players["ann"].sheet.answers[0].submission == first
    assert refusals(state, "ann") == []


def test_another_answer_under_the_same_event_id_is_refused_as_a_duplicate() -> None:
    first = answered("ann", 0, OPENED + 700, 1, event_id="same")
    other = answered("ann", 0, OPENED + 900, 0, event_id="same")

    state = fold(game(), [other, joined("ann"), opened(0, START), first, other], LONG_AFTER)

    assert state.players["ann"].sheet.answers[0].submission == first
    assert refusals(state, "ann") == [("same", RefusalReason.DUPLICATE)]


def test_the_earliest_valid_of_thirty_answers_before_a_known_opening_counts() -> None:
    sent = [answered("ann", 0, OPENED + n, n % 2, event_id=f"a{n:02}") for n in range(30)]
    arrived: list[Event] = [joined("ann"), *sent, opened(0, START)]
    one_by_one = State(game())
    for event in arrived:
        one_by_one.apply([event], START)

    one_by_one.apply((), LONG_AFTER)

    assert one_by_one.players["ann"].sheet.answers[0].submission == sent[0]
    assert facts(one_by_one) == facts(fold(game(), reversed(arrived), LONG_AFTER))


def test_only_the_last_twenty_refusals_are_kept() -> None:
    late = [answered("ann", 0, END + 1 + n, 1, event_id=f"l{n:02}") for n in range(30)]

    state = fold(game(), [joined("ann"), opened(0, START), *late], LONG_AFTER)

    assert [event_id for event_id, _ in refusals(state, "ann")] == [f"l{n:02}" for n in range(10, 30)]


# --- time and reveal -----------------------------------------------------------------------------


def test_on_close_no_score_moves_before_the_last_moment_for_an_answer() -> None:
    events: list[Event] = [joined("ann"), opened(0, START), answered("ann", 0, OPENED + 1, 1)]
    state = fold(game(), events, END)
    assert (state.players["ann"].sheet.score, state.players["ann"].sheet.answers) == (0, {})

    state.apply((), END + 1)

    assert state.players["ann"].sheet.score == 1000


def test_on_answer_the_score_moves_at_once() -> None:
    events: list[Event] = [joined("ann"), opened(0, START), answered("ann", 0, OPENED + 1, 1)]

    state = fold(game(reveal=Reveal.ON_ANSWER), events, OPENED + 2)

    assert state.players["ann"].sheet.score == 1000


def test_a_streak_pays_more_each_time_and_ends_with_a_missed_question() -> None:
    played = game(SINGLE, SINGLE, SINGLE, SINGLE, streak_bonus=True)
    events: list[Event] = [joined("ann"), joined("ben")]
    for index in range(4):
        at = START + index * 40_000
        events.append(opened(index, at))
        events.append(answered("ann", index, at + LEAD_MS, 1))
        if index != 1:
            events.append(answered("ben", index, at + LEAD_MS, 1))

    state = fold(played, events, LONG_AFTER)

    assert [state.players["ann"].sheet.answers[i].points for i in range(4)] == [1000, 1100, 1200, 1300]
    assert [state.players["ben"].sheet.answers[i].points for i in (0, 2, 3)] == [1000, 1000, 1100]
    assert (state.players["ann"].sheet.streak, state.players["ben"].sheet.streak) == (4, 2)


def test_a_removed_player_leaves_the_standings_and_the_others_move_up() -> None:
    events: list[Event] = [joined("ann"), joined("ben"), opened(0, START), answered("ann", 0, OPENED, 1)]
    state = fold(game(), [*events, removed("ann", START)], LONG_AFTER)

    assert [(s.rank, s.player_id) for s in scores(state)] == [(1, "ben")]


def test_the_phases_follow_the_clock() -> None:
    state = fold(game(), [opened(0, START)], START)
    phases = {now: state.pacing.phase(now) for now in (START, END, END + 1)}

    assert phases == {START: Phase.QUESTION, END: Phase.QUESTION, END + 1: Phase.CLOSED}


def test_the_key_stays_hidden_for_the_reserve_after_the_last_moment_for_an_answer() -> None:
    played = game(reserve_ms=250)
    events: list[Event] = [joined("ann"), opened(0, START), answered("ann", 0, END, 1), answered("ann", 0, END + 1, 1)]
    state = fold(played, events, END + 250)
    assert (state.pacing.phase(state.now), state.players["ann"].sheet.score) == (Phase.QUESTION, 0)

    state.apply((), END + 251)

    assert (state.pacing.phase(state.now), state.players["ann"].sheet.score) == (Phase.CLOSED, 500)
    assert refusals(state, "ann")[0][1] is RefusalReason.LATE, "the reserve is not time for answers"


# --- final ---------------------------------------------------------------------------------------


def test_a_session_is_final_only_when_the_bus_has_delivered_all_accepted_answers() -> None:
    asked = OPENED + 1_000
    state = fold(game(), [opened(0, START), finished(asked)], LONG_AFTER)
    assert (state.pacing.phase(LONG_AFTER), state.pacing.final) == (Phase.FINISHED, False)

    state.apply([finished(asked + GRACE_MS + 4_999, "again")], LONG_AFTER)
    assert not state.pacing.final

    state.apply([finished(asked + GRACE_MS + 5_000, "later")], LONG_AFTER)
    assert state.pacing.final
    assert state.timeline.finished is not None
    assert state.timeline.finished.at == asked


def test_on_a_bus_without_order_a_session_is_final_only_after_its_bound() -> None:
    bound_ms = 120_000
    played, settled = game(reserve_ms=250, delivery_ms=bound_ms), END + 250 + 5_000 + bound_ms
    state = fold(played, [opened(0, START), finished(END), finished(settled - 1, "again")], LONG_AFTER)
    assert not state.pacing.final

    state.apply([finished(settled, "later")], LONG_AFTER)

    assert state.pacing.final


def test_a_session_finished_long_after_its_last_answer_is_final_at_once() -> None:
    state = fold(game(), [opened(0, START), finished(END + 5_000)], LONG_AFTER)

    assert state.pacing.final


def test_the_later_of_two_lockings_counts_in_any_order_of_arrival() -> None:
    shut, open_again = locked(START + 1), locked(START + 2, locked=False)

    for events in ([shut, open_again], [open_again, shut]):
        assert fold(game(), events, START + 3).timeline.locked is False
    assert fold(game(), [shut], START + 3).timeline.locked is True
