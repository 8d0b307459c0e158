"""The table of commands and states: the golden table, which the screens' tests read too."""

import json
import os
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from http_api.routes.commands import CommandBody
from quizcore.domain.commands import Command, Facts, Order, WrongState, decide, facts_of, following, question_meant
from quizcore.domain.events import Mark, QuestionOpened, TimelineEvent
from quizcore.domain.fold import fold
from quizcore.domain.session import Phase
from quizcore.messages import commanded
from tests.support.games import GRACE_MS, LEAD_MS, LIMIT_MS, SINGLE, START, finished, game, opened

GOLDEN = Path(__file__).parents[1] / "golden" / "commands" / "table.json"
COUNT, CLOSES_AT = 2, 1_000
SITUATIONS = [
    (Facts(phase, index, COUNT, closes_at), at)
    for phase, index, closes_at, at in [
        (Phase.LOBBY, None, None, 0),
        *product((Phase.QUESTION,), (0, 1), (CLOSES_AT,), (CLOSES_AT - 1, CLOSES_AT)),
        *product((Phase.CLOSED, Phase.FINISHED), (0, 1), (CLOSES_AT,), (CLOSES_AT,)),
        (Phase.FINISHED, None, None, 0),
    ]
]


def order(command: Command, named: int | None = None) -> Order:
    return Order(command, named, player_id="p1", nickname="Ann", players=9)


def outcome(facts: Facts, at: int, command: Command) -> dict[str, Any]:
    try:
        event = decide(facts, order(command, question_meant(command, facts.question_index)), Mark(at, "e1"))
    except WrongState as error:
        return {"refused": str(error)}
    return commanded(event, "s", 0).model_dump(exclude={"v", "event_id", "session_id", "shard", "at", "shards"})


def table() -> list[dict[str, Any]]:
    return [
        {
            **{"state" if name == "phase" else name: value for name, value in asdict(facts).items()},
            "now": at,
            "commands": {command.value: outcome(facts, at, command) for command in Command},
        }
        for facts, at in SITUATIONS
    ]


def test_the_table_is_the_golden_one() -> None:
    """After a change that is meant: WRITE_GOLDEN=1 pytest tests/unit/test_commands.py"""
    told = json.dumps(table(), indent=2) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text()


def test_the_api_accepts_the_commands_of_the_table() -> None:
    assert get_args(CommandBody.model_fields["command"].annotation) == tuple(Command)


@pytest.mark.parametrize("named", range(COUNT + 1))
@pytest.mark.parametrize(("facts", "at"), SITUATIONS, ids=str)
def test_a_next_that_names_its_question_opens_that_question_or_none(facts: Facts, at: int, named: int) -> None:
    try:
        event = decide(facts, order(Command.NEXT, named), Mark(at, "e1"))
    except WrongState:
        return
    assert event == QuestionOpened(Mark(at, "e1"), named)


@pytest.mark.parametrize("index", [None, 0])
def test_a_repeated_next_opens_nothing_when_its_question_is_open(index: int | None) -> None:
    before = Facts(Phase.LOBBY if index is None else Phase.CLOSED, index, COUNT, None)
    again = order(Command.NEXT, question_meant(Command.NEXT, index))
    assert decide(before, again, Mark(0, "e1")) == QuestionOpened(Mark(0, "e1"), following(index))

    after = Facts(Phase.CLOSED, following(index), COUNT + 1, CLOSES_AT)
    with pytest.raises(WrongState, match=f"it is question_index {following(index) + 1}, not {following(index)}"):
        decide(after, again, Mark(CLOSES_AT, "e2"))


@pytest.mark.parametrize("command", Command)
def test_a_message_contains_the_decided_event(command: Command) -> None:
    facts = Facts(Phase.QUESTION, 0, COUNT, CLOSES_AT if command is Command.CLOSE else 0)
    event = decide(facts, order(command), Mark(5, "e1"))

    assert commanded(event, "s", 3).event() == event


def test_next_means_the_following_question_and_close_the_current_one() -> None:
    assert [question_meant(Command.NEXT, index) for index in (None, 0, 4)] == [0, 1, 5]
    assert [question_meant(Command.CLOSE, index) for index in (None, 0, 4)] == [None, 0, 4]
    assert {question_meant(command, 4) for command in Command if command not in {Command.NEXT, Command.CLOSE}} == {None}


def test_the_facts_of_a_session_are_those_of_its_timeline() -> None:
    played, closes_at = game(SINGLE, SINGLE), START + LEAD_MS + LIMIT_MS
    reveals_at = closes_at + GRACE_MS

    def facts(now: int, *events: TimelineEvent) -> Facts:
        state = fold(played, events, now)
        return facts_of(state.pacing, played, now)

    assert facts(START) == Facts(Phase.LOBBY, None, 2, None)
    assert facts(reveals_at, opened(1, START)) == Facts(Phase.QUESTION, 1, 2, closes_at)
    assert facts(reveals_at + 1, opened(1, START)) == Facts(Phase.CLOSED, 1, 2, closes_at)
    assert facts(START, finished(START)) == Facts(Phase.FINISHED, None, 2, None)
