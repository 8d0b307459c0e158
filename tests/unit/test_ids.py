"""Codes that people type."""

from quizcore.adapters.clock import RandomIds
from quizcore.adapters.memory import SequentialIds
from quizcore.domain.codes import CODE_CHARS, CODE_LETTERS, code_as_typed
from quizcore.ports import Ids


def test_codes_have_six_unmistakable_characters_and_make_no_word() -> None:
    everybody: list[Ids] = [RandomIds(), SequentialIds()]
    for ids in everybody:
        codes = [ids.code() for _ in range(500)]

        assert len(set(codes)) == len(codes)
        assert {len(code) for code in codes} == {CODE_CHARS}
        assert {letter for code in codes for letter in code} <= set(CODE_LETTERS)
    assert not set("01OILAEUY") & set(CODE_LETTERS)


def test_a_code_may_be_typed_in_small_letters_and_in_groups() -> None:
    assert {code_as_typed(text) for text in ("BCD F23", "bcd-f23", " Bcdf23\n")} == {"BCDF23"}
