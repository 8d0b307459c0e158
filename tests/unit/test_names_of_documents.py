"""The ids that can be names of documents, by Firestore's rules, and the control characters that terminals obey."""

import itertools
import sys
import unicodedata

import pytest

from quizcore.messages import MOST_ID_CHARS, is_document_name


def test_a_name_contains_no_control_character_lone_surrogate_or_slash() -> None:
    refused = {char for char in map(chr, range(sys.maxunicode + 1)) if not is_document_name(f"a{char}b")}

    assert refused == {"/"} | {
        char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in ("Cc", "Cs")
    }


def test_names_that_firestore_reserves_are_refused_and_similar_names_are_not() -> None:
    short = ["".join(chars) for length in range(1, 7) for chars in itertools.product("._a", repeat=length)]
    reserved = {name for name in short if name in (".", "..") or (len(name) >= 4 and name[:2] == name[-2:] == "__")}

    assert {name for name in short if not is_document_name(name)} == reserved


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (MOST_ID_CHARS, True), (MOST_ID_CHARS + 1, False)])
def test_the_length_of_a_name_is_bounded(length: int, fits: bool) -> None:
    assert is_document_name("a" * length) == fits
