"""A session's timeline, its windows and the next due action, example by example."""

import pytest

from quizcore.domain.events import Mark, PlayersExpected, TimelineEvent
from quizcore.domain.pacing import HostPaced, Window
from quizcore.domain.schedule import Action, Due, due_at, next_due
from quizcore.domain.session import PUBLISH_BOUND_MS, Phase, Timeline, timeline_of_all
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, SINGLE, START, closed, finished, game, locked, opened

RESERVE_MS, REVIEW_MS, BOUND_MS = 250, 5_000, 7_000
PLAYED = game(SINGLE, SINGLE, SINGLE, reserve_ms=RESERVE_MS, review_ms=REVIEW_MS, delivery_ms=BOUND_MS)
AUTO = game(SINGLE, SINGLE, reserve_ms=RESERVE_MS, review_ms=REVIEW_MS, auto_advance=True)
SHOWN = START + LEAD_MS
CLOSES = SHOWN + LIMIT_MS
REVEALS = CLOSES + GRACE_MS + RESERVE_MS


def expected(players: int) -> PlayersExpected:
    return PlayersExpected(Mark(START, f"expect-{players}"), players)


def timeline(*events: TimelineEvent) -> Timeline:
    known = Timeline()
    for event in events:
        known.apply(event, 3)
    return known


def paced(*events: TimelineEvent) -> HostPaced:
    return HostPaced(PLAYED, timeline(*events))


@pytest.mark.parametrize(
    ("known", "event", "changes"),
    [
        ([], opened(0, START), True),
        ([], opened(2, START), True),
        ([], opened(3, START), False),
        ([], opened(-1, START), False),
        ([], closed(3, START), False),
        ([opened(0, START)], opened(0, START), False),
        ([opened(0, START)], opened(0, START + 1), False),
        ([opened(0, START)], opened(0, START - 1), True),
        ([opened(0, START, "b")], opened(0, START, "a"), True),
        ([opened(0, START, "a")], opened(0, START, "b"), False),
        ([], closed(0, START), True),
        ([closed(0, START)], closed(0, START), False),
        ([closed(0, START)], closed(0, START + 1), True),
        ([closed(0, START)], closed(1, START, "close-0"), True),
        ([], finished(START), True),
        ([finished(START)], finished(START), False),
        ([finished(START)], finished(START - 1), True),
        ([finished(START)], finished(START + 1), True),
        ([finished(START - 1), finished(START + 1)], finished(START), False),
        ([], locked(START), True),
        ([locked(START)], locked(START), False),
        ([locked(START)], locked(START + 1), True),
        ([locked(START)], locked(START - 1), False),
        ([locked(START, False)], locked(START, True), True),
        ([locked(START, True)], locked(START, False), False),
        ([], expected(5), True),
        ([expected(5)], expected(5), False),
        ([expected(5)], expected(4), False),
        ([expected(5)], expected(6), True),
    ],
)
def test_a_timeline_reports_whether_an_event_changed_it(
    known: list[TimelineEvent], event: TimelineEvent, changes: bool
) -> None:
    before = timeline(*known)
    assert before.apply(event, 3) is changes
    assert (before == timeline(*known)) is not changes


def test_the_first_of_several_ends_ends_the_session_and_the_last_makes_it_final() -> None:
    known = timeline(finished(START + 5, "b"), finished(START, "a"), finished(START + 3, "c"))

    assert (known.finished, known.settled_at) == (Mark(START, "a"), START + 5)


def test_a_timeline_can_be_rebuilt_from_its_events() -> None:
    events: list[TimelineEvent] = [
        opened(0, START),
        opened(1, START + 9),
        closed(0, START + 5),
        closed(0, START + 6),
        closed(2, START + 7),
    ]
    events += [finished(START + 50), finished(START + 90), locked(START + 2), expected(7)]
    whole, halves = timeline(*events), (timeline(*events[:4]), timeline(*events[4:]))

    assert timeline_of_all([whole], PLAYED) == whole
    assert timeline_of_all(halves, PLAYED) == whole
    assert timeline_of_all([timeline(finished(START))], PLAYED) == timeline(finished(START))
    assert timeline_of_all([], PLAYED) == Timeline()
    assert not Timeline().locked
    assert whole.locked


def test_a_question_is_open_when_it_was_opened_before_the_end() -> None:
    known = timeline(opened(2, START), opened(0, START + 5), opened(1, START + 6), finished(START + 5, "open-0"))

    assert (known.opened(), known.current()) == ([0, 2], 2)
    assert (Timeline().opened(), Timeline().current()) == ([], None)


@pytest.mark.parametrize(
    ("events", "closes_at"),
    [
        ([], CLOSES),
        ([closed(0, SHOWN + 1)], SHOWN + 1),
        ([closed(0, SHOWN + 2), closed(0, SHOWN + 1)], SHOWN + 1),
        ([closed(0, CLOSES + 1)], CLOSES),
        ([closed(0, START - 1)], CLOSES),  # of before it was opened
        ([closed(0, START, "z")], START),
        ([closed(0, START, "open-0")], START),  # a closing and an opening of one mark
        ([closed(1, SHOWN + 1)], CLOSES),
        ([opened(1, SHOWN + 1)], SHOWN + 1),
        ([opened(2, SHOWN + 1)], SHOWN + 1),
        ([finished(SHOWN + 1)], SHOWN + 1),
        ([opened(1, SHOWN + 2), finished(SHOWN + 1)], SHOWN + 1),
    ],
)
def test_a_window_ends_at_the_earliest_of_its_possible_ends(events: list[TimelineEvent], closes_at: int) -> None:
    window = Window(SHOWN, closes_at, closes_at + GRACE_MS, closes_at + GRACE_MS + RESERVE_MS, LIMIT_MS)

    pacing = paced(opened(0, START), *events)
    assert pacing.window("anybody", 0) == pacing.windows[0] == window
    edges = (SHOWN - 1, SHOWN, window.ends_at, window.ends_at + 1)
    assert [window.counts(at) for at in edges] == [False, window.ends_at >= SHOWN, window.ends_at >= SHOWN, False]
    assert [window.hides_key(now) for now in (window.reveals_at, window.reveals_at + 1)] == [True, False]


def test_an_earlier_question_does_not_end_a_later_one() -> None:
    assert paced(opened(1, START), opened(0, START + 1)).windows[1].closes_at == CLOSES
    assert paced(opened(1, START)).window("anybody", 0) is None


def test_a_session_has_the_phase_of_its_timeline() -> None:
    lobby, running, over = paced(), paced(opened(0, START)), paced(opened(0, START), finished(CLOSES))

    assert (lobby.phase(START), lobby.current, lobby.next_reveal(START)) == (Phase.LOBBY, None, None)
    assert [running.phase(now) for now in (START, REVEALS, REVEALS + 1)] == [Phase.QUESTION] * 2 + [Phase.CLOSED]
    assert running.current == (0, running.windows[0])
    assert over.phase(START) is Phase.FINISHED


def test_a_key_is_shown_when_no_further_answer_can_count() -> None:
    running = paced(opened(0, START))

    assert [running.next_reveal(now) for now in (START, REVEALS, REVEALS + 1)] == [REVEALS + 1, REVEALS + 1, None]
    assert [running.shown(now) for now in (REVEALS, REVEALS + 1)] == [frozenset(), {0}]
    assert [running.moments("anybody", now).over for now in (REVEALS, REVEALS + 1, REVEALS)] == [
        *(frozenset(), {0}, frozenset())
    ]
    assert running.revealed_to(["ann"], REVEALS, REVEALS + 1) == ["ann"]
    assert not running.revealed_to(["ann"], REVEALS - 1, REVEALS)


def test_a_session_is_final_when_its_end_was_published_late_enough() -> None:
    becomes_final_at = REVEALS + PUBLISH_BOUND_MS + BOUND_MS
    asked: list[TimelineEvent] = [opened(0, START), finished(CLOSES)]
    early, late = paced(*asked, finished(becomes_final_at - 1, "x")), paced(*asked, finished(becomes_final_at, "x"))

    assert early.becomes_final_at == late.becomes_final_at == becomes_final_at
    assert [paced(*asked).final, early.final, late.final] == [False, False, True]
    assert late.shown(START) == {0}, "what is final is over, whatever the clock says"
    assert late.next_reveal(START) is None
    assert (paced().final, paced(finished(START)).final, paced(finished(START)).becomes_final_at) == (False, True, 0)


def test_two_pacings_agree_when_their_windows_are_the_same() -> None:
    assert paced(opened(0, START)).agrees(paced(opened(0, START), closed(0, CLOSES + 1)))
    assert not paced(opened(0, START)).agrees(paced(opened(0, START + 1)))


def test_a_pacing_gives_the_moments_of_each_question() -> None:
    moments = paced(opened(1, START), opened(0, START + 50), finished(START + 90)).moments("anybody", START)

    assert moments.since == {1: SHOWN, 0: SHOWN + 50}
    assert moments.last == {0: START + GRACE_MS, 1: START + 90 + GRACE_MS, 2: START + 90 + GRACE_MS}
    assert paced(opened(1, START + 9), opened(2, START)).moments("anybody", START).last == dict.fromkeys(
        (0, 1), START + GRACE_MS
    )
    assert paced(opened(1, START), opened(2, START + 9)).moments("anybody", START).last == {
        0: START + GRACE_MS,
        1: START + 9 + GRACE_MS,
    }


@pytest.mark.parametrize(
    ("events", "now", "due"),
    [
        ([], START, None),
        ([opened(0, START)], START, Due(REVEALS + 1, Action.REVEAL)),
        ([opened(0, START)], REVEALS + 1, Due(REVEALS + REVIEW_MS, Action.OPEN_NEXT, 1)),
        ([opened(1, START)], REVEALS + 1, Due(REVEALS + REVIEW_MS, Action.FINISH)),
        ([opened(0, START), finished(CLOSES)], CLOSES, Due(REVEALS + 1, Action.REVEAL)),
        ([opened(0, START), finished(CLOSES)], REVEALS + 1, Due(REVEALS + PUBLISH_BOUND_MS, Action.MAKE_FINAL)),
        ([opened(0, START), finished(REVEALS + PUBLISH_BOUND_MS)], REVEALS + 1, None),
        ([finished(START)], START, None),
    ],
)
def test_the_schedule_gives_the_next_due_action(events: list[TimelineEvent], now: int, due: Due | None) -> None:
    pacing = HostPaced(AUTO, timeline(*events))

    assert next_due(pacing, AUTO, now) == due
    assert due_at(pacing, AUTO, now) == (due.at if due else None)


def test_without_auto_advance_nothing_is_due_after_a_reveal() -> None:
    assert next_due(paced(opened(0, START)), PLAYED, REVEALS + 1) is None
