"""The fold against an oracle that shares no code with it (tests/support/oracle.py)."""

import json
from dataclasses import asdict, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quizcore import documents, messages
from quizcore.domain.fold import State, fold
from quizcore.domain.quiz import Quiz
from quizcore.domain.session import Game, Options, Reveal, Scoring
from quizcore.domain.sheet import REFUSALS_KEPT
from quizcore.messages import Message, encode
from tests.support import oracle
from tests.support.games import MULTIPLE, SINGLE, START, TEXT

QUIZ = Quiz("Words", "en", (SINGLE, MULTIPLE, TEXT, MULTIPLE))
LONG_AFTER = START + 10_000_000
SPELLINGS = ["start", " Start ", "sta rt", "strat", "stat", "starts", "begin", "ＳＴＡＲＴ"]

times = st.integers(START, START + 90_000)
players = st.sampled_from(["ann", "ben", "cho"])
indexes = st.integers(0, 4)


def built(kind: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Each message has its own id: the protocol defines no order of two events with the same time and id."""
    return st.builds(kind, event_id=st.uuids(version=4).map(str), session_id=st.just("s"), shard=st.just(0), **fields)


chosen = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)
answers = st.one_of(
    built(messages.AnswerSubmitted, at=times, player_id=players, question_index=indexes, choices=chosen),
    built(
        messages.AnswerSubmitted,
        at=times,
        player_id=players,
        question_index=st.just(2),
        text=st.sampled_from(SPELLINGS),
    ),
).filter(lambda m: (m.text is not None) == (m.question_index == 2))
controls = st.one_of(
    built(messages.QuestionOpened, at=times, question_index=indexes),
    built(messages.QuestionOpened, at=times, question_index=indexes),
    built(messages.QuestionClosed, at=times, question_index=indexes),
    built(messages.SessionFinished, at=st.integers(START + 60_000, START + 90_000)),
)
about_players = st.one_of(
    built(messages.PlayerJoined, at=times, player_id=players, nickname=players, avatar=st.just("fox")),
    built(messages.PlayerRenamed, at=times, player_id=players, nickname=st.sampled_from(["One", "Two"])),
    built(messages.PlayerRemoved, at=times, player_id=players),
    built(messages.PlayerAdmitted, at=times, player_id=players),
)
histories = st.tuples(
    st.lists(answers, max_size=20), st.lists(controls, max_size=8), st.lists(about_players, max_size=8)
).map(lambda parts: [*parts[0], *parts[1], *parts[2]])
options = st.builds(
    Options,
    scoring=st.sampled_from(Scoring),
    reveal=st.sampled_from(Reveal),
    streak_bonus=st.booleans(),
    partial=st.booleans(),
    one_typo=st.booleans(),
    approval=st.booleans(),
    lead_ms=st.sampled_from([0, 3_000]),
)


def as_json(history: list[Message]) -> list[dict[str, Any]]:
    return [json.loads(encode(message)) for message in history]


def sheets_of(state: State) -> dict[str, oracle.Sheet]:
    return {
        player_id: oracle.Sheet(
            score=player.sheet.score,
            correct_count=player.sheet.correct_count,
            streak=player.sheet.streak,
            right_elapsed_ms=player.sheet.right_elapsed_ms,
            answers={
                index: (graded.submission.mark.event_id, graded.elapsed_ms, graded.correct, graded.points)
                for index, graded in player.sheet.answers.items()
            },
            refused={r.submission.mark.event_id: r.reason.value for r in player.sheet.refused},
        )
        for player_id, player in state.players.items()
    }


@settings(max_examples=400)
@given(options, histories)
def test_sheets_and_table_equal_the_oracle_s_after_any_history(options: Options, history: list[Message]) -> None:
    state = fold(Game(QUIZ, options), (message.event() for message in history), LONG_AFTER)

    told = oracle.expected(
        [documents.question_fields(question) for question in QUIZ.questions],
        json.loads(json.dumps(asdict(options))),
        as_json(history),
    )

    assert sheets_of(state) == told.sheets
    assert [tuple(standing) for standing in state.standings.top(100)] == told.table


one_player_s = st.lists(answers, min_size=REFUSALS_KEPT, max_size=50).map(
    lambda made: [answer.model_copy(update={"player_id": "ann"}) for answer in made]
)


@settings(max_examples=100)
@given(options, one_player_s, st.lists(controls, max_size=8), st.data())
def test_with_many_refusals_the_answers_of_the_oracle_count(
    options: Options, made: list[Message], said: list[Message], data: st.DataObject
) -> None:
    """In any order, a few at a time: the forgotten answers could never have counted."""
    history = data.draw(st.permutations([*made, *said]))
    state, rest = State(Game(QUIZ, options)), list(history)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        state.apply((message.event() for message in rest[:size]), START)
        rest = rest[size:]
    state.apply((), LONG_AFTER)

    questions = [documents.question_fields(question) for question in QUIZ.questions]
    told = oracle.expected(questions, json.loads(json.dumps(asdict(options))), as_json(history))

    assert replace(sheets_of(state)["ann"], refused={}) == replace(told.sheets["ann"], refused={})
