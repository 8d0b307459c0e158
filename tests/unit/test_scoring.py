"""The points of an answer."""

import pytest

from quizcore.domain.events import Answer
from quizcore.domain.quiz import Kind, Question
from quizcore.domain.scoring import grade, streak_bonus
from quizcore.domain.session import Options, Scoring
from tests.support.games import MULTIPLE, SINGLE, TEXT

CLASSIC = Options()


def points(
    question: Question, answer: Answer, elapsed_ms: int, options: Options = CLASSIC, limit_ms: int = 30_000
) -> int:
    return grade(question, answer, elapsed_ms, limit_ms, options).points


@pytest.mark.parametrize(
    ("elapsed_ms", "expected"),
    [(0, 1000), (499, 1000), (500, 992), (2_000, 967), (15_000, 750), (30_000, 500)],
)
def test_classic_pays_full_points_under_half_a_second_and_half_at_the_limit(elapsed_ms: int, expected: int) -> None:
    assert points(SINGLE, Answer((1,)), elapsed_ms) == expected


def test_a_half_point_rounds_up() -> None:
    one_point = Question("?", Kind.SINGLE, (0,), ("a", "b"), points=1)

    assert points(one_point, Answer((0,)), 30_000) == 1


def test_a_quick_wrong_answer_pays_nothing() -> None:
    result = grade(SINGLE, Answer((0,)), 0, 30_000, CLASSIC)

    assert (result.correct, result.points) == (False, 0)


def test_flat_pays_the_same_at_any_time() -> None:
    flat = Options(scoring=Scoring.FLAT)

    assert {points(SINGLE, Answer((1,)), at, flat) for at in (0, 10_000, 30_000)} == {1000}


def test_none_judges_answers_but_pays_nothing() -> None:
    result = grade(SINGLE, Answer((1,)), 0, 30_000, Options(scoring=Scoring.NONE))

    assert (result.correct, result.points) == (True, 0)


@pytest.mark.parametrize("chosen", [(0,), (0, 1), (0, 1, 2), (1, 3)])
def test_multiple_pays_only_for_the_exact_key(chosen: tuple[int, ...]) -> None:
    assert points(MULTIPLE, Answer((0, 2)), 0) == 1000
    assert points(MULTIPLE, Answer(chosen), 0) == 0


@pytest.mark.parametrize(
    ("chosen", "share", "correct"),
    [((0, 2), 1000, True), ((0,), 500, False), ((0, 1), 0, False), ((0, 1, 2), 500, False), ((1, 3), 0, False)],
)
def test_partial_pays_right_minus_wrong_over_the_key(chosen: tuple[int, ...], share: int, correct: bool) -> None:
    result = grade(MULTIPLE, Answer(chosen), 0, 30_000, Options(partial=True))

    assert (result.points, result.correct) == (share, correct)


def test_partial_points_shrink_with_time_like_full_points() -> None:
    three = Question("?", Kind.MULTIPLE, (0, 1, 2), ("a", "b", "c", "d"))

    assert points(three, Answer((0, 1)), 15_000, Options(partial=True)) == 500  # two thirds of three quarters


@pytest.mark.parametrize("text", ["start", "  START ", "\uff33tart", "strat", "stat", "startt", "stard"])
def test_text_is_compared_after_folding_and_with_one_typo(text: str) -> None:
    assert points(TEXT, Answer(text=text), 0) == 1000


@pytest.mark.parametrize("text", ["", "begin", "tsrat", "st art", "sta", "sstartt"])
def test_text_with_more_than_one_typo_is_wrong(text: str) -> None:
    assert points(TEXT, Answer(text=text), 0) == 0


def test_short_words_and_strict_sessions_forgive_no_typo() -> None:
    short = Question("a pet", Kind.TEXT, ("cat",))

    assert points(short, Answer(text="cut"), 0) == 0
    assert points(TEXT, Answer(text="strat"), 0, Options(one_typo=False)) == 0


def test_only_one_word_of_a_phrase_may_have_a_typo() -> None:
    phrase = Question("expect with pleasure", Kind.TEXT, ("look forward eagerly",))

    assert points(phrase, Answer(text="look forwad eagerly"), 0) == 1000
    assert points(phrase, Answer(text="look forwad eagrly"), 0) == 0


def test_accents_are_letters_of_their_own() -> None:
    german = Question("beautiful", Kind.TEXT, ("schön",))

    assert points(german, Answer(text="SCHO\u0308N"), 0) == 1000
    assert points(german, Answer(text="schon"), 0, Options(one_typo=False)) == 0


def test_the_streak_bonus_grows_to_five_hundred() -> None:
    assert [streak_bonus(n) for n in range(9)] == [0, 0, 100, 200, 300, 400, 500, 500, 500]
