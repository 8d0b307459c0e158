"""The question kinds by examples: fitting answers, tallies, and texts for people."""

import pytest

from quizcore.domain.events import Answer
from quizcore.domain.kinds import Kind
from quizcore.domain.kinds.kind import Misfit, WrittenKey
from quizcore.domain.quiz import Question
from tests.support.games import MULTIPLE, SINGLE, TEXT

NO_CHOICE = Misfit("no_such_choice", "choices are numbered 0 to 3")
WITH_CHOICES = Misfit("invalid", "this question is answered with choices")
ONE_CHOICE = Misfit("invalid", "this question has one answer: send one choice")


@pytest.mark.parametrize(
    ("question", "answer", "misfit"),
    [
        (SINGLE, Answer((0,)), None),
        (SINGLE, Answer((3,)), None),
        (SINGLE, Answer((4,)), NO_CHOICE),
        (SINGLE, Answer((1, 4)), NO_CHOICE),
        (SINGLE, Answer(text="plentiful"), WITH_CHOICES),
        (SINGLE, Answer((1,), ""), WITH_CHOICES),
        (SINGLE, Answer(), ONE_CHOICE),
        (SINGLE, Answer((0, 1)), ONE_CHOICE),
        (MULTIPLE, Answer((0, 1, 2, 3)), None),
        (MULTIPLE, Answer((4,)), NO_CHOICE),
        (MULTIPLE, Answer(text="glad"), WITH_CHOICES),
        (TEXT, Answer(text="start"), None),
        (TEXT, Answer(text=""), None),
        (TEXT, Answer((1,)), Misfit("invalid", "this question is answered with text")),
    ],
)
def test_an_unfitting_answer_gets_a_message_that_says_what_to_send(
    question: Question, answer: Answer, misfit: Misfit | None
) -> None:
    assert question.kind.rules.misfit(len(question.choices), answer) == misfit


def test_choices_are_a_set_in_the_author_s_order_and_a_text_stays_as_it_was_typed() -> None:
    assert Kind.MULTIPLE.rules.canonical(Answer((3, 0, 3), "x")) == Answer((0, 3), "x")
    assert Kind.TEXT.rules.canonical(Answer((3, 0), " Start ")) == Answer((3, 0), " Start ")


def test_a_tally_has_one_number_per_choice() -> None:
    chosen = [Answer((1,)), Answer((1, 3)), Answer((0,))]

    assert MULTIPLE.kind.rules.tally(MULTIPLE, chosen) == [1, 2, 0, 1]
    assert SINGLE.kind.rules.tally(SINGLE, []) == [0, 0, 0, 0]
    assert TEXT.kind.rules.tally(TEXT, [Answer(text="start")]) is None


@pytest.mark.parametrize(
    ("question", "answer", "correct", "words"),
    [
        (MULTIPLE, Answer((0, 2)), True, "glad, cheerful ✔"),
        (MULTIPLE, Answer((0, 3)), False, "glad, stern"),
        (SINGLE, Answer((4,)), False, ""),  # of an older quiz
        (SINGLE, Answer((7, 1)), True, "plentiful ✔"),
        (TEXT, Answer(text="Start"), True, "Start"),
        (TEXT, Answer(), False, ""),
    ],
)
def test_a_report_shows_an_answer_in_words(question: Question, answer: Answer, correct: bool, words: str) -> None:
    assert question.kind.rules.in_words(question, answer, correct=correct) == words


def test_an_author_writes_the_key_in_words() -> None:
    rules = MULTIPLE.kind.rules

    assert rules.key_in_words(MULTIPLE) == ["glad", "cheerful"]
    assert rules.key_of(["cheerful", "rude", "glad", "odd"], MULTIPLE.choices) == WrittenKey((0, 2), ["rude", "odd"])
    assert TEXT.kind.rules.key_in_words(TEXT) == ["start"]
    assert TEXT.kind.rules.key_of(["begin", "start"], ()) == WrittenKey(("begin", "start"), [])


def test_a_right_answer_is_the_key_and_a_guess_is_drawn() -> None:
    drawn: list[int] = []

    def below(count: int) -> int:
        drawn.append(count)
        return 2

    assert MULTIPLE.kind.rules.right_answer(MULTIPLE) == Answer((0, 2))
    assert MULTIPLE.kind.rules.guess(MULTIPLE, below) == Answer((2,))
    assert drawn == [4]
    assert TEXT.kind.rules.right_answer(TEXT) == Answer(text="start")
    assert TEXT.kind.rules.guess(TEXT, below) == Answer(text="hm")
