"""The allowed characters of a text, and the spellings that are one answer, example by example."""

import pytest

from quizcore.domain.text import fold_text, matches, may_hold, unfit_character


@pytest.mark.parametrize(
    "char", ["a", "ß", " ", "\t", "\n", "\r", "\u200d", "\ufdcf", "\ufdf0", "\ufffd", "\U0001fffd"]
)
def test_text_that_people_type_is_allowed(char: str) -> None:
    assert may_hold(char)
    assert unfit_character(f"a{char}b") is None


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\x00", "U+0000"),
        ("\x0b", "U+000B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\ud800", "U+D800"),
        ("\udfff", "U+DFFF"),
        ("\ufdd0", "U+FDD0"),
        ("\ufdef", "U+FDEF"),
        ("\ufffe", "U+FFFE"),
        ("\uffff", "U+FFFF"),
        ("\U0001fffe", "U+1FFFE"),
        ("\U0010ffff", "U+10FFFF"),
    ],
)
def test_forbidden_characters_are_named_by_their_code_points(char: str, name: str) -> None:
    assert not may_hold(char)
    assert unfit_character(f"a{char}\x00") == name, "the first of them"


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("  To\t BE \n or  ", "to be or"),
        ("ＳＴＡＲＴ", "start"),
        ("Straße", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u1e9e", "ss"),
        ("\u0345", "\u03b9"),
        ("\u0390", "\u0390"),
        ("\u03d3", "\u03cd"),
    ],
)
def test_spellings_of_one_text_fold_to_the_same(given: str, folded: str) -> None:
    assert fold_text(given) == folded


@pytest.mark.parametrize(
    ("given", "accepted", "one_typo", "strict"),
    [
        ("begin", "begin", True, True),
        ("begn", "begin", True, False),  # a letter is missing
        ("egin", "begin", True, False),
        ("begi", "begin", True, False),
        ("beginn", "begin", True, False),  # one is too many
        ("bbegin", "begin", True, False),
        ("begun", "begin", True, False),  # one is another
        ("vegin", "begin", True, False),
        ("begim", "begin", True, False),
        ("bgein", "begin", True, False),  # two are swapped
        ("ebgin", "begin", True, False),
        ("begni", "begin", True, False),
        ("bgien", "begin", False, False),
        ("ebgni", "begin", False, False),
        ("bxgxn", "begin", False, False),
        ("beg", "begin", False, False),
        ("beginxy", "begin", False, False),
        ("xbeginy", "begin", False, False),
        ("bgi", "begin", False, False),
        ("nigeb", "begin", False, False),
        ("abcdef", "abdcxf", False, False),
        ("abcdef", "abdcef", True, False),
        ("bgan", "began", True, False),  # five letters are long enough
        ("bega", "bega", True, True),
        ("bgea", "bega", False, False),  # four are not
        ("begaa", "bega", False, False),
        ("beg", "bega", False, False),
        ("to begn", "to begin", True, False),
        ("to begn", "begin", False, False),
        ("to begn now", "to begin now", True, False),
        ("ta begn", "to begin", False, False),
        ("begn aftr", "begin after", False, False),  # one in the whole answer
        ("tobegin", "to begin", False, False),
        ("", "begin", False, False),
        ("", "", True, True),
    ],
)
def test_an_answer_matches_with_at_most_one_typo(given: str, accepted: str, one_typo: bool, strict: bool) -> None:
    assert matches(given, (accepted,), one_typo=True) is one_typo
    assert matches(given, (accepted,), one_typo=False) is strict


def test_an_answer_may_match_any_accepted_text() -> None:
    assert matches("Begin", ("start", "begin"), one_typo=False)
    assert not matches("begin", (), one_typo=True)
