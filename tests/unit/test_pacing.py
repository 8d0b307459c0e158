"""All code that depends on time uses the pacing: here a pacing that gives each player different windows."""

from collections.abc import Collection
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from quizcore import documents
from quizcore.domain.commands import Command, Order, decide, facts_of
from quizcore.domain.events import Event, Mark, QuestionOpened, SessionFinished
from quizcore.domain.fold import State, fold
from quizcore.domain.pacing import HostPaced, Moments, Pacing, Window
from quizcore.domain.schedule import Action, next_due
from quizcore.domain.session import Game, Phase, Timeline
from quizcore.domain.sheet import RefusalReason
from quizcore.layout import Layout
from quizcore.ports import Create, Delete, Update
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, START, answered, closed, finished, game, joined, opened
from workers.shard.baseline import Baseline
from workers.shard.plan import note_committed, plan_commit

OPENED = START + LEAD_MS
END = OPENED + LIMIT_MS + GRACE_MS
LATER = {"ann": 0, "ben": 60_000}  # when a player's questions begin, after the host's opening (ms)


class EachTheirOwn(HostPaced):
    """Every window is moved for each player."""

    def window(self, player_id: str, question_index: int) -> Window | None:
        return self.moments(player_id, 0).windows.get(question_index)

    def moments(self, player_id: str, now: int) -> Moments:
        windows = {index: _moved(window, LATER[player_id]) for index, window in self.windows.items()}
        return Moments(windows, {}, frozenset(i for i, window in windows.items() if not window.hides_key(now)))

    def shown(self, now: int) -> frozenset[int]:
        return frozenset.intersection(*(self.moments(player_id, now).over for player_id in LATER))

    def next_reveal(self, now: int) -> int | None:
        ends = [w.reveals_at + 1 for each in LATER for w in self.moments(each, now).windows.values()]
        return min((at for at in ends if at > now), default=None)

    def revealed_to(self, player_ids: Collection[str], since: int, now: int) -> Collection[str]:
        return [each for each in player_ids if self.moments(each, since).over != self.moments(each, now).over]


def _moved(window: Window, by_ms: int) -> Window:
    return replace(
        window,
        opened_at=window.opened_at + by_ms,
        closes_at=window.closes_at + by_ms,
        ends_at=window.ends_at + by_ms,
        reveals_at=window.reveals_at + by_ms,
    )


def each_their_own(game_: Game, timeline: Timeline) -> Pacing:
    return EachTheirOwn(game_, timeline)


def played(*events: Event, now: int) -> State:
    state = State(game(), paced=each_their_own)
    state.apply([joined("ann"), joined("ben"), opened(0, START), *events], now)
    return state


def test_the_fold_judges_each_player_by_their_own_window() -> None:
    both = [answered(player, 0, OPENED + 1, 1, event_id=player) for player in LATER]
    state = played(*both, answered("ben", 0, OPENED + LATER["ben"] + 1, 1, event_id="again"), now=OPENED + 70_000)

    assert {i: graded.elapsed_ms for i, graded in state.players["ann"].sheet.answers.items()} == {0: 1}
    ben = state.players["ben"].sheet
    assert [refusal.reason for refusal in ben.refused] == [RefusalReason.EARLY]
    counts = ben.counts(0)
    assert counts is not None
    assert counts.mark.event_id == "again"


def test_time_reveals_to_each_player_at_their_own_moment() -> None:
    state = played(*(answered(each, 0, OPENED + ms + 1, 1) for each, ms in LATER.items()), now=OPENED + 2)

    assert state.pacing.next_reveal(state.now) == END + 1
    assert (state.apply([], END), state.apply([], END + 1)) == (set(), {"ann"})
    assert [state.players[each].sheet.score for each in LATER] == [1000, 0]
    assert state.pacing.next_reveal(state.now) == END + LATER["ben"] + 1
    assert state.apply([], END + LATER["ben"] + 1) == {"ben"}
    assert [state.players[each].sheet.score for each in LATER] == [1000, 1000]


def test_the_plan_hides_unrevealed_answers_and_the_key_until_all_players_may_see_it() -> None:
    state = played(*(answered(each, 0, OPENED + ms + 1, 1) for each, ms in LATER.items()), now=OPENED + 2)
    board = Layout("s", 1).board(state, seq=0, commit_id="c", top_k=5)
    written = Baseline("s", 0, 1, documents.expiry(START), 1, board, documents.clock_fields(state), None)
    first = plan_commit(state, state.players, written, "first", 5)
    assert first is not None
    (held,) = [write.data for write in first.writes if isinstance(write, Create) and "/journal/" in write.path]
    assert {entry["player_id"] for entry in held["entries"]} == {"ann", "ben"}
    note_committed(first, written, 1)

    of_ann = plan_commit(state, state.apply([], END + 1), written, "second", 5)
    assert of_ann is not None
    shown = {write.path.rpartition("/")[2] for write in of_ann.writes if isinstance(write, Update)}
    assert "ann" in shown
    assert "ben" not in shown
    assert of_ann.clock["reveal"] is None
    assert not [write for write in of_ann.writes if isinstance(write, Delete)], "the journal is needed still"
    note_committed(of_ann, written, 2)

    of_ben = plan_commit(state, state.apply([], END + LATER["ben"] + 1), written, "third", 5)
    assert of_ben is not None
    assert of_ben.clock["reveal"] == {"key": [1], "explanation": None}
    assert [write.path for write in of_ben.writes if isinstance(write, Delete)] == ["sessions/s/journal/first"]


moments = st.integers(START - 1_000, START + 90_000)
controls = st.one_of(
    st.builds(opened, st.integers(0, 2), moments),
    st.builds(closed, st.integers(0, 2), moments, st.sampled_from("abc")),
    st.builds(finished, moments),
)


@given(st.lists(controls, max_size=6), moments)
def test_the_api_and_the_fold_use_the_same_window(events: list[Event], now: int) -> None:
    state = fold(game(reserve_ms=250), events, now)
    head = documents.HeadFields(quiz_id="q", host_id="h", shards=1)
    until = documents.expiry(START)
    told = documents.session_fields(head, state, pin="123456", created_at=START, expires_at=until)

    for index in range(3):
        running = state.pacing.phase(now) is Phase.QUESTION and index == state.timeline.current()
        window = state.pacing.window("ann", index) if running else None
        assert documents.announced(told).window("ann", index) == window


@given(st.lists(controls, max_size=6), moments, st.integers(0, 20_000))
def test_each_action_of_the_clock_is_a_legal_command(events: list[Event], now: int, late_ms: int) -> None:
    state = fold(game(auto_advance=True), events, now)
    due = next_due(state.pacing, state.game, now)
    if due is None or due.action not in {Action.OPEN_NEXT, Action.FINISH}:
        return
    mark = Mark(max(due.at, now) + late_ms, "clock")
    command = Command.NEXT if due.action is Action.OPEN_NEXT else Command.FINISH

    event = decide(facts_of(state.pacing, state.game, mark.at), Order(command, due.question_index), mark)

    wanted = SessionFinished(mark) if due.question_index is None else QuestionOpened(mark, due.question_index)
    assert event == wanted
