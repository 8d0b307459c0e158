"""One player's sheet, example by example: sums, streaks, and repeated judging."""

from typing import Any

import pytest

from quizcore.domain.events import Event
from quizcore.domain.fold import State, fold
from quizcore.domain.session import Reveal, Scoring
from quizcore.domain.sheet import REFUSALS_KEPT, RefusalReason, Sheet, fill_sheet
from tests.support.games import LEAD_MS, LIMIT_MS, SINGLE, START, answered, closed, finished, game, joined, opened

SECOND = START + 40_000  # the second question is opened
LONG_AFTER = START + 10_000_000


def played(*choices: int, **options: Any) -> Sheet:
    """Two seconds after each of the questions is shown, ann answers with the choice; 1 is right."""
    events: list[Event] = [joined("ann")]
    for index, choice in enumerate(choices):
        at = START + index * 40_000
        events += [opened(index, at), answered("ann", index, at + LEAD_MS + 2_000 * (index + 1), choice)]
    return fold(game(*(SINGLE,) * len(choices), **options), events, LONG_AFTER).players["ann"].sheet


def test_points_and_times_of_right_answers_are_summed() -> None:
    sheet = played(1, 1)

    assert [graded.points for graded in sheet.answers.values()] == [950, 900]
    assert (sheet.score, sheet.right_elapsed_ms, sheet.correct_count, sheet.streak) == (1850, 6_000, 2, 2)
    assert {graded.bonus for graded in sheet.answers.values()} == {0}, "no bonus where none is asked for"


def test_a_wrong_answer_adds_no_time_and_ends_the_streak() -> None:
    sheet = played(1, 0)

    assert (sheet.score, sheet.right_elapsed_ms, sheet.correct_count, sheet.streak) == (950, 2_000, 1, 0)


def test_a_streak_pays_a_bonus_that_the_sheet_shows() -> None:
    sheet = played(1, 1, 1, streak_bonus=True, scoring=Scoring.FLAT)

    assert [(graded.points, graded.bonus) for graded in sheet.answers.values()] == [(1000, 0), (1100, 100), (1200, 200)]
    assert sheet.score == 3300


def test_without_points_a_streak_pays_nothing() -> None:
    sheet = played(1, 1, streak_bonus=True, scoring=Scoring.NONE)

    assert (sheet.score, sheet.streak) == (0, 2)


def test_elapsed_time_is_bounded_by_the_limit() -> None:
    late = START + LEAD_MS + LIMIT_MS + 500
    state = fold(game(), [opened(0, START), answered("ann", 0, late, 1)], LONG_AFTER)

    assert state.players["ann"].sheet.answers[0].elapsed_ms == LIMIT_MS


def test_the_sheet_finds_shows_and_holds_the_answer_that_counts() -> None:
    events: list[Event] = [opened(0, START), answered("ann", 0, START + LEAD_MS, 1, event_id="first")]
    events += [opened(1, SECOND), answered("ann", 1, SECOND + LEAD_MS, 1, event_id="second")]
    sheet = fold(game(*(SINGLE,) * 3), events, SECOND + LEAD_MS).players["ann"].sheet

    counting = [sheet.counts(index) for index in range(3)]
    assert [found and found.mark.event_id for found in counting] == ["first", "second", None]
    assert (list(sheet.answers), list(sheet.held)) == ([0], [1])


def judged(*later: Event) -> State:
    state = fold(game(reveal=Reveal.ON_ANSWER), [opened(0, START), answered("ann", 0, START + 8_000, 0)], START)
    state.apply(later, START)
    return state


def test_an_answer_is_judged_again_when_its_question_was_opened_earlier() -> None:
    right = answered("ben", 0, START + 8_000, 1)
    sheet = judged(right, opened(0, START - 2_000, "earlier")).players["ben"].sheet
    assert (sheet.answers[0].elapsed_ms, sheet.score) == (7_000, 825)

    moved = judged(right)
    moved.apply([opened(0, START - 2_000, "earlier")], START)
    assert moved.players["ben"].sheet == sheet


def test_of_two_simultaneous_answers_the_first_by_id_counts() -> None:
    earlier_id = answered("ann", 0, START + 8_000, 1, event_id="a")
    sheet = judged(earlier_id).players["ann"].sheet

    assert (sheet.answers[0].submission, sheet.answers[0].correct) == (earlier_id, True)
    assert [refusal.reason for refusal in sheet.refused] == [RefusalReason.DUPLICATE]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (START + LEAD_MS - 1, RefusalReason.EARLY),
        (START + LEAD_MS, None),
        (START + LEAD_MS + 1_500, None),
        (START + LEAD_MS + 1_501, RefusalReason.LATE),
    ],
)
def test_both_ends_of_a_window_belong_to_it(at: int, reason: RefusalReason | None) -> None:
    events: list[Event] = [opened(0, START), closed(0, START + LEAD_MS + 1_000), answered("ann", 0, at, 1)]
    sheet = fold(game(), events, LONG_AFTER).players["ann"].sheet

    assert [refusal.reason for refusal in sheet.refused] == ([reason] if reason else [])
    assert list(sheet.answers) == ([] if reason else [0])


@pytest.mark.parametrize(
    ("index", "at", "reason"),
    [
        (-1, START, RefusalReason.UNKNOWN_QUESTION),
        (3, START, RefusalReason.UNKNOWN_QUESTION),
        (2, START, RefusalReason.EARLY),
        (2, START + 10_500, RefusalReason.EARLY),
        (2, START + 10_501, RefusalReason.LATE),  # after the end nothing is opened any more
        (0, START + 5_500, RefusalReason.EARLY),
        (0, START + 5_501, RefusalReason.LATE),  # the game went on with a later question
    ],
)
def test_a_question_that_was_never_opened_refuses_with_the_reason(index: int, at: int, reason: RefusalReason) -> None:
    events: list[Event] = [opened(1, START + 5_000), finished(START + 10_000), answered("ann", index, at, 1)]

    assert [r.reason for r in fold(game(*(SINGLE,) * 3), events, LONG_AFTER).players["ann"].sheet.refused] == [reason]


@pytest.mark.parametrize("count", [REFUSALS_KEPT, REFUSALS_KEPT + 1])
def test_all_early_and_a_bounded_number_of_other_refusals_are_kept(count: int) -> None:
    late = [answered("ann", 0, LONG_AFTER + n, 1, event_id=f"late{n}") for n in range(count)]
    early = [answered("ann", 0, START + n, 1, event_id=f"early{n}") for n in range(count)]
    sheet = fold(game(), [opened(0, START), *late, *early], LONG_AFTER).players["ann"].sheet

    kept = [refusal.submission.mark.event_id for refusal in sheet.refused]
    assert kept == [s.mark.event_id for s in (*early, *late[count - REFUSALS_KEPT :])]


def streaks(*later: Event) -> Sheet:
    """Two right answers in a row, and later changes."""
    events: list[Event] = [opened(0, START), answered("ann", 0, START + LEAD_MS + 2_000, 1)]
    events += [opened(1, SECOND), answered("ann", 1, SECOND + LEAD_MS, 1)]
    state = fold(game(*(SINGLE,) * 3, streak_bonus=True, scoring=Scoring.FLAT), events, SECOND + 30_000)
    state.apply(later, SECOND + 30_000)
    return state.players["ann"].sheet


def test_a_bonus_is_removed_when_the_previous_answer_becomes_wrong() -> None:
    assert [graded.points for graded in streaks().answers.values()] == [1000, 1100]
    sheet = streaks(answered("ann", 0, START + LEAD_MS + 1_000, 0))

    assert [(graded.points, graded.bonus) for graded in sheet.answers.values()] == [(0, 0), (1000, 0)]
    assert (sheet.score, sheet.streak) == (1000, 1)


def test_a_running_question_does_not_end_a_streak() -> None:
    running, over = streaks(opened(2, SECOND + 30_000)), streaks(opened(2, START + 10_000_000), opened(2, SECOND + 1))

    assert (running.streak, over.streak) == (2, 0)


def test_a_judged_answer_is_not_judged_again() -> None:
    events: list[Event] = [opened(0, START), answered("ann", 0, START + LEAD_MS, 1)]
    state = fold(game(), events, LONG_AFTER)
    before = state.players["ann"].sheet.answers[0]
    state.apply([answered("ann", 0, START + LEAD_MS + 1, 0)], LONG_AFTER)

    assert state.players["ann"].sheet.answers[0] is before
    assert fill_sheet([before.submission], state.game, state.pacing.moments("ann", LONG_AFTER)).answers == {0: before}
