"""Rules for every row in the table of question kinds, and the canonical form of an answer."""

import json
import os
import random
from itertools import permutations
from pathlib import Path

import pytest

from quizcore import documents
from quizcore.domain.events import Answer
from quizcore.domain.fold import fold
from quizcore.domain.kinds import Kind, KindUnknown
from quizcore.domain.kinds.kind import Share
from quizcore.domain.quiz import Question
from quizcore.domain.session import Options
from quizcore.messages import AnswerSubmitted
from tests.support.games import LEAD_MS, MULTIPLE, SINGLE, START, TEXT, answered, game, joined, opened

GOLDEN = Path(__file__).parents[1] / "golden" / "kinds" / "names.json"
EXAMPLES: dict[Kind, Question] = {question.kind: question for question in (SINGLE, MULTIPLE, TEXT)}
every_kind = pytest.mark.parametrize("kind", Kind)


def test_every_kind_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(Kind)


def test_the_names_are_the_golden_ones_of_the_screens() -> None:
    """After a change that is meant: WRITE_GOLDEN=1 pytest tests/unit/test_kinds.py"""
    told = json.dumps(list(Kind)) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text()


@every_kind
def test_a_right_answer_fits_and_meets_the_whole_key(kind: Kind) -> None:
    question = EXAMPLES[kind]
    answer = kind.rules.right_answer(question)

    assert kind.rules.misfit(len(question.choices), answer) is None
    for marking in (Options(), Options(partial=True, one_typo=False)):
        share = kind.rules.share_right(question, answer, marking)
        assert share.right == share.whole > 0


@every_kind
def test_a_guess_fits_and_is_not_always_right(kind: Kind) -> None:
    question, rng = EXAMPLES[kind], random.Random(1)  # noqa: S311 (a guess)
    guesses = [kind.rules.guess(question, rng.randrange) for _ in range(40)]

    assert all(kind.rules.misfit(len(question.choices), guess) is None for guess in guesses)
    assert Share(0, 1) in [kind.rules.share_right(question, guess, Options()) for guess in guesses]


@every_kind
def test_the_canonical_form_is_idempotent_and_gets_the_same_mark(kind: Kind) -> None:
    question = EXAMPLES[kind]
    for choices in permutations(range(len(question.choices)), 2):
        for answer in (Answer(choices), Answer((*choices, choices[0])), kind.rules.right_answer(question)):
            form = kind.rules.canonical(answer)
            assert kind.rules.canonical(form) == form
            for marking in (Options(), Options(partial=True)):
                told = kind.rules.share_right(question, answer, marking)
                assert kind.rules.share_right(question, form, marking) == told


@every_kind
def test_a_written_key_is_read_back_unchanged(kind: Kind) -> None:
    question = EXAMPLES[kind]

    assert kind.rules.key_of(kind.rules.key_in_words(question), question.choices) == (question.key, [])


@every_kind
def test_an_answer_has_words_for_people(kind: Kind) -> None:
    question = EXAMPLES[kind]
    told = kind.rules.in_words(question, kind.rules.right_answer(question), correct=True)

    assert all(word in told for word in kind.rules.key_in_words(question))


@every_kind
def test_a_tally_counts_each_answer_of_the_kind_or_nothing(kind: Kind) -> None:
    question = EXAMPLES[kind]
    answer = kind.rules.right_answer(question)
    told = kind.rules.tally(question, [answer, answer])

    assert told is None or (len(told) == len(question.choices) and sum(told) == 2 * len(answer.choices))


@every_kind
def test_a_kind_has_the_name_that_documents_contain(kind: Kind) -> None:
    question = EXAMPLES[kind]

    assert documents.read_question(documents.question_fields(question)) == question


def test_an_unknown_kind_is_refused_with_a_list_of_the_known_kinds() -> None:
    with pytest.raises(KindUnknown, match="kind is single, multiple, text, not 'essay'"):
        Kind.named("essay")


def test_the_message_contains_the_answer_as_it_was_sent() -> None:
    sent = AnswerSubmitted(
        event_id="e1", session_id="s", shard=0, at=START, player_id="ann", question_index=0, choices=(2, 0, 2)
    )

    assert sent.event() == answered("ann", 0, START, 2, 0, 2, event_id="e1")


@pytest.mark.parametrize("index", [0, 7], ids=["of the quiz", "of no quiz"])
def test_a_retry_with_the_choices_in_another_order_is_the_same_answer(index: int) -> None:
    """For either order of the copies, and also for a question that is not in the quiz."""
    sent = START + LEAD_MS + 1_000
    copies = [answered("ann", index, sent, *order, event_id="e1") for order in ((0, 2), (2, 0), (2, 0, 2))]

    for events in permutations(copies):
        state = fold(game(MULTIPLE), [joined("ann"), opened(0, START), *events], sent + 60_000)
        known = list(state.players["ann"].submissions.values())
        assert [each.answer for each in known] == [Answer((0, 2))]
